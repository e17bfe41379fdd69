"""The parts of a report page in the house's look: nothing is fetched, every text is escaped by who calls."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from openaisle.evaluation.render.style import STYLE

_MORE_STYLE = """
figure{margin:1.5rem 0}figure img{max-width:100%;height:auto}figcaption{color:var(--soft);font-size:.9rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(30rem,100%),1fr));gap:0 2rem}
pre{overflow-x:auto;padding:.8rem;border:1px solid var(--line);border-radius:.3rem;font-size:.85rem}
""".strip()


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG drawing; `caption` says what it shows, also to who cannot see it."""

    caption: str
    svg: bytes


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page. `title` is text; `parts` are HTML."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}\n{_MORE_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>\n"
    )


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """`heads` and cells are HTML."""
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def figures(pictures: Iterable[Picture]) -> str:
    """Pictures beside each other; each is an image of its own, so that nothing in it can act on the page."""
    return f'<div class="figures">{"".join(map(_figure, pictures))}</div>'


def verdict(words: str) -> str:
    return f'<b class="{words.split(maxsplit=1)[0]}">{escape(words)}</b>'


def _figure(picture: Picture) -> str:
    source = b64encode(picture.svg).decode()
    return (
        f'<figure><img src="data:image/svg+xml;base64,{source}" alt="{escape(picture.caption)}">'
        f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
    )
