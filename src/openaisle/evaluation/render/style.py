"""The look of an HTML report, light and dark."""

STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5c6675;--line:#d9dee6;--paper:#fff;--fill:#2f6fde}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa5b5;--line:#333c4a;--paper:#151a21;--fill:#6ea0ff}}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif}
main{max-width:70rem;margin:0 auto;padding:2rem 1rem}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.5rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.4rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}
.bar{display:block;height:.35rem;width:8rem;background:var(--line);border-radius:.2rem;margin:.3rem 0}
.bar i{display:block;height:100%;background:var(--fill);border-radius:.2rem}
.better{color:#1a7f45}.worse{color:#c0392b}.no{color:var(--soft);font-weight:400}
summary{cursor:pointer}small{color:var(--soft)}
""".strip()
