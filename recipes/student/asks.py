"""What shoppers ask and titles that answer it, in both languages and across: `python asks.py CEDICT OUT.jsonl`.

A title is put together at random, as those of texts.py are: a brand, a model number, qualities, the goods themselves,
now and then other goods beside them, chatter, a measure. The query names the goods and up to two of the qualities. So
it is learnt which words of a title a query is about, and that chatter, measures and numbers say little.
"""

from __future__ import annotations

import argparse
import json
import random
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from texts import NUMBERS, Pair, brand, cased, dictionary, is_name, model_number

from openaisle.sample.source import load_store

SEED = 6
ASKS = 600_000
_GOODS = 20
"""How often each kind of the sample store stands among the dictionary's names."""
_DIRECTIONS = ((("en", "zh"), 40), (("zh", "en"), 30), (("en", "en"), 15), (("zh", "zh"), 15))
"""Languages of query and title, out of a hundred."""

Lists = dict[str, list[list[str]]]


def asks(cedict: Path) -> Iterator[tuple[str, str]]:
    draw = random.Random(SEED)
    goods = [Pair(kind.name.en, kind.name.zh, "kind") for one in load_store().departments for kind in one.kinds]
    nouns = goods * _GOODS + [word for word in dictionary(cedict) if is_name(word)]
    lists = tomllib.loads(Path(__file__).with_name("goods.toml").read_text(encoding="utf-8"))
    for _ in range(ASKS):
        yield _ask(draw, nouns, lists)


def _ask(draw: random.Random, nouns: Sequence[Pair], lists: Lists) -> tuple[str, str]:
    noun = draw.choice(nouns)
    goods = [noun.en, noun.zh]
    said = _drawn(draw, lists, draw.choices(("qualities", "materials"), (3, 1), k=draw.randint(0, 4)))
    beside = _drawn(draw, lists, draw.sample(("audiences", "colours"), draw.randint(0, 2)))
    chatter = _drawn(draw, lists, ["chatter"] * draw.choice((0, 0, 1, 1, 2)))
    chosen = draw.sample([*said, *beside], min(len(said) + len(beside), draw.choice((0, 0, 1, 1, 2))))
    queries = " ".join([*(words[0] for words in chosen), noun.en]), "".join([*(words[1] for words in chosen), noun.zh])
    other = [[pair.en, pair.zh] for pair in draw.choices(nouns, k=int(draw.random() < 0.3))]
    titles = _titles(draw, lists, [*said, goods, *other, *beside, *chatter])
    (asked, answered), *_ = draw.choices(*zip(*_DIRECTIONS, strict=True))
    query = queries[asked == "zh"]
    return query if draw.random() < 0.3 else query.lower(), titles[answered == "zh"]


def _drawn(draw: random.Random, lists: Lists, names: Sequence[str]) -> list[list[str]]:
    return [draw.choice(lists[name]) for name in names]


def _titles(draw: random.Random, lists: Lists, words: Sequence[Sequence[str]]) -> tuple[str, str]:
    """In English and in Chinese."""
    maker, number = brand(draw), str(draw.choice(NUMBERS))
    model = [model_number(draw)] if draw.random() < 0.3 else []
    sizes = [[side.format(n=number) for side in draw.choice(lists["measures"])]] if draw.random() < 0.6 else []
    english, chinese = (
        [maker[side], *model, *(word[side] for word in words), *(size[side] for size in sizes)] for side in (0, 1)
    )
    blank = draw.choice(("", "", " "))
    return cased(draw, " ".join(filter(None, english))), blank.join(filter(None, chinese))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cedict", type=Path, help="cedict_ts.u8, as in the source distribution of py-cc-dicts")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    with given.out.open("w", encoding="utf-8") as file:
        for query, title in asks(given.cedict):
            file.write(json.dumps({"query": query, "document": title}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
