"""The open text that the student learns from: pairs of the same thing said in English and in Chinese.

Three sources, none of them evaluation data: CC-CEDICT (CC BY-SA), the sample store that the project wrote itself, and
titles and queries put together from the word lists of goods.toml, the names of goods in the sample store and short
entries of the dictionary. `python recipes/student/texts.py CEDICT OUT.jsonl` writes one pair a line: en, zh, kind.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path

from openaisle.sample.generate import products
from openaisle.sample.source import load_store

SEED = 20
TITLES = 45_000
QUERIES = 30_000
_ENTRY = re.compile(r"^(\S+) (\S+) \[[^\]]*\] /(.+)/$")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\|\S+")
_USELESS = re.compile(
    r"variant of|also written|surname|see also|^see |abbr\.|used in|\bCL:|pr\.|classical|archaic|dynasty|county|"
    r"prefecture|district|province|\bcity\b|Buddhis|idiom|\d{3,4}[–-]\d{2,4}|radical|particle|old name",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u4e00-\u9fff]{1,8}")
_BRAND_HAN = (
    "安宝贝晨诚达德丰福格冠海瀚浩恒华佳嘉洁金锦京康乐丽力联美米明宁欧齐奇瑞森尚舒思泰天维希欣雅颜一伊怡逸优悦云泽智卓"
)
_CONSONANTS = "b c d f g h k l m n p r s t v w z br cr dr fl gr kl pl sh st th tr".split()  # noqa: SIM905
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "ia", "io", "oo", "ou"]
# fmt: off
NUMBERS = (
    1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 18, 20, 24, 25, 28, 30, 32, 36, 38, 40, 42, 45, 48, 50, 60,
    64, 75, 80, 90, 100, 110, 120, 128, 150, 180, 200, 220, 240, 250, 256, 300, 350, 400, 450, 500, 512,
    600, 750, 800, 1000,
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Pair:
    """The same in both languages; `kind` says where it comes from."""

    en: str
    zh: str
    kind: str


def pairs(cedict: Path) -> Iterator[Pair]:
    """Every pair once, in an order that the seed fixes."""
    draw = random.Random(SEED)
    words = list(dictionary(cedict))
    goods = [Pair(kind.name.en, kind.name.zh, "kind") for one in load_store().departments for kind in one.kinds]
    nouns = goods * 100 + [w for w in words if is_name(w)]
    lists = tomllib.loads(Path(__file__).with_name("goods.toml").read_text(encoding="utf-8"))
    made = [_title(draw, nouns, lists) for _ in range(TITLES)] + [_query(draw, nouns, lists) for _ in range(QUERIES)]
    everything = dict.fromkeys([*goods, *store(), *words, *made])
    yield from draw.sample(list(everything), len(everything))


def dictionary(cedict: Path) -> Iterator[Pair]:
    """Each useful entry with its first meanings: names of people and places, grammar and cross-references left out."""
    for line in cedict.read_text(encoding="utf-8").splitlines():
        entry = _ENTRY.match(line)
        if entry is None or not _HAN.fullmatch(entry[2]) or _USELESS.search(entry[3]):
            continue
        meanings = [" ".join(_ASIDE.sub(" ", part).split()) for part in entry[3].split("/")]
        meanings = [part.removeprefix("to be ") for part in meanings if 1 < len(part) < 80]
        if meanings and not meanings[0][:1].isupper():
            yield Pair(meanings[0] if len(meanings[0]) > 12 else "; ".join(meanings[:2]), entry[2], "word")


def store() -> Iterator[Pair]:
    """Titles and sentences of descriptions of the sample store, said once however many variants share them."""
    for product in products():
        title, about = product.get("title"), product.get("description")
        yield Pair(title["en"], title["zh"], "store")
        english = re.split(r"(?<=[.!?]) ", about["en"])
        chinese = re.split(r"(?<=[。！？])", about["zh"])
        for en, zh in zip_longest(english, filter(None, chinese), fillvalue=""):
            if en and zh:
                yield Pair(en, zh, "store")


def is_name(word: Pair) -> bool:
    return 2 <= len(word.zh) <= 5 and word.en.count(" ") <= 2 and not word.en.startswith("to ") and ";" not in word.en


def _title(draw: random.Random, nouns: Sequence[Pair], lists: dict[str, list[list[str]]]) -> Pair:
    noun = draw.choice(nouns)
    said = [draw.choice(lists[name]) for name in draw.choices(("qualities", "materials"), (3, 1), k=draw.randint(0, 3))]
    after = [draw.choice(lists[name]) for name in draw.sample(("audiences", "colours", "chatter"), draw.randint(0, 2))]
    number = str(draw.choice(NUMBERS))
    sizes = [[side.format(n=number) for side in draw.choice(lists["measures"])]] if draw.random() < 0.6 else []
    model = [model_number(draw)] if draw.random() < 0.3 else []
    maker = brand(draw)
    english = [maker[0], *model, *(w[0] for w in said), noun.en, *(w[0] for w in after), *(s[0] for s in sizes)]
    blank = draw.choice(("", "", " "))
    chinese = [maker[1], *model, *(w[1] for w in said), noun.zh, *(w[1] for w in after), *(s[1] for s in sizes)]
    return Pair(cased(draw, " ".join(filter(None, english))), blank.join(filter(None, chinese)), "title")


def _query(draw: random.Random, nouns: Sequence[Pair], lists: dict[str, list[list[str]]]) -> Pair:
    noun = draw.choice(nouns)
    name = draw.choice(("qualities", "materials", "audiences", "colours", "colours", "audiences"))
    word = draw.choice(lists[name])
    if name == "audiences":
        return Pair(
            f"{noun.en} for {word[0]}" if draw.random() < 0.5 else f"{word[0]} {noun.en}", word[1] + noun.zh, "query"
        )
    return Pair(f"{word[0]} {noun.en}", word[1] + noun.zh, "query")


def brand(draw: random.Random) -> tuple[str, str]:
    """An invented name for each side; now and then the Latin one stands in both titles, or none in either."""
    latin = "".join(draw.choice(_CONSONANTS) + draw.choice(_VOWELS) for _ in range(draw.randint(2, 3))).capitalize()
    han = "".join(draw.sample(_BRAND_HAN, draw.choice((2, 2, 3))))
    return draw.choice(((latin, latin), (latin, latin + han), (latin, han), ("", "")))


def model_number(draw: random.Random) -> str:
    letters = "".join(draw.sample("ABCDEFGHKLMNPRSTVWXZ", draw.randint(1, 3)))
    return f"{letters}{draw.choice(('', '-', ' '))}{draw.randint(1, 9999)}"


def cased(draw: random.Random, text: str) -> str:
    return draw.choice((text, text.title(), text.lower()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cedict", type=Path, help="cedict_ts.u8, as in the source distribution of py-cc-dicts")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    with given.out.open("w", encoding="utf-8") as file:
        for pair in pairs(given.cedict):
            file.write(json.dumps(asdict(pair), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
