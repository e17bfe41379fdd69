"""Graded lists that the reranker learns from: invented goods and the sample store's, nothing that anyone judged.

`python -m recipes.reranker.lists CEDICT OUT` writes OUT/products.jsonl and OUT/judgments.tsv.
"""

from __future__ import annotations

import argparse
import json
import random
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from recipes.reranker.articles import PARTS, Article, Fact, Maker
from recipes.reranker.kinds import Kinds, read_kinds
from recipes.reranker.queries import Language, Query, gain, text
from recipes.reranker.shelf import store_articles

from openaisle.learning.data.keys import canonical

SEED = 21
INVENTED = 26_000
FROM_STORE = 6_000
_LONGEST = 8
_OF_STORE = 0.3
"""Share of the invented lists about a kind that the sample store has."""
_FOR_PARTS = 0.1
"""Share of them that ask for a case, a refill and the like."""


class List(NamedTuple):
    """A query with articles, each as its title reads in the list's catalogue, and its gain."""

    query: str
    titles: dict[str, float]


class Wanted(NamedTuple):
    query: Query
    articles: list[Article]


def lists(kinds: Kinds) -> Iterator[List]:
    """Every list, no two with one query, in an order that the seed fixes."""
    draw = random.Random(SEED)
    invented, shelf = Maker(kinds), _Shelf(store_articles())
    makers: list[Callable[[], Wanted]] = [
        *([lambda: _invented(draw, invented, kinds)] * INVENTED),
        *([lambda: _from_store(draw, shelf, kinds)] * FROM_STORE),
    ]
    draw.shuffle(makers)
    seen = _judged_queries()
    for make in makers:
        one = _written(draw, make(), kinds)
        if canonical(one.query) not in seen and len(set(one.titles.values())) > 1:
            seen.add(canonical(one.query))
            yield one


def _invented(draw: random.Random, maker: Maker, kinds: Kinds) -> Wanted:
    """Right ones, ones with something else than was asked, parts, neighbours and strangers that have what was asked."""
    kind, facts = draw.randrange(kinds.of_store if draw.random() < _OF_STORE else len(kinds)), maker.facts(draw)
    part = draw.randrange(len(PARTS)) if draw.random() < _FOR_PARTS else None
    asked = _asked(draw, sorted(facts.values(), key=lambda fact: fact.slot))
    wanted = {fact.slot: fact for fact in asked}

    def article(of: int, said: dict[str, Fact], part: int | None = part) -> Article:
        return maker.article(draw, of, maker.facts(draw) | said, part)

    found = [article(kind, wanted) for _ in range(draw.choice((1, 2, 2)))]
    found += [article(kind, wanted | {fact.slot: maker.other(draw, fact)}) for fact in (*asked, *asked)[:2]]
    found += [
        article(kind, wanted if draw.random() < 0.7 else {}, draw.randrange(len(PARTS)) if part is None else None),
        article(kinds.neighbour(draw, kind), wanted),
        article(kinds.namesake(draw, kind), wanted),
        article(kinds.neighbour(draw, kind), {}),
        article(draw.randrange(len(kinds)), wanted),
        article(draw.randrange(len(kinds)), {}),
    ]
    return Wanted(Query(kind, asked, part), found)


class _Shelf:
    """The store's articles by kind."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.every = articles
        self.by_kind: dict[int, list[Article]] = defaultdict(list)
        for article in articles:
            self.by_kind[article.kind].append(article)


def _from_store(draw: random.Random, shelf: _Shelf, kinds: Kinds) -> Wanted:
    aim = draw.choice(shelf.every)
    asked = _asked(draw, sorted(aim.facts, key=lambda fact: (fact.slot, fact.en)))
    query = Query(aim.kind, asked)
    same = shelf.by_kind[aim.kind]
    near = sorted(shelf.by_kind, key=lambda kind: -kinds.alike(aim.kind, kind))[1:7]
    sharing = [each for each in shelf.every if each.kind != aim.kind and each.facts & set(asked)]
    found = [aim, *draw.sample(same, min(3, len(same)))]
    found += [draw.choice(shelf.by_kind[draw.choice(near)]) for _ in range(3)]
    found += draw.sample(sharing, min(2, len(sharing))) + draw.sample(shelf.every, 2)
    return Wanted(query, found)


def _asked(draw: random.Random, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    wanted = draw.choices((0, 1, 2, 3), (30, 45, 20, 5))[0]
    chosen = draw.sample(facts, min(wanted, len(facts)))
    return tuple({fact.slot: fact for fact in chosen}.values())


def _written(draw: random.Random, wanted: Wanted, kinds: Kinds) -> List:
    """In a language for the query, and one for the catalogue: often the same, sometimes the other, sometimes both."""
    asking: Language = draw.choice(("en", "zh"))
    other: Language = "zh" if asking == "en" else "en"
    selling = draw.choices((asking, other, "both"), (55, 30, 15))[0]
    titles: dict[str, float] = {}
    for article in wanted.articles:
        title = _title(article, selling)
        titles.setdefault(title, gain(wanted.query, article, kinds))
    kept = sorted(draw.sample(sorted(titles), min(_LONGEST, len(titles))), key=lambda title: -titles[title])
    return List(text(draw, wanted.query, kinds, asking), {title: titles[title] for title in kept})


def _title(article: Article, language: str) -> str:
    return f"{article.en} {article.zh}" if language == "both" else str(getattr(article, language))


def _judged_queries() -> set[str]:
    """What the sample store is measured with stays out of what is learned from."""
    raw = tomllib.loads((files("openaisle.sample") / "queries.toml").read_text(encoding="utf-8"))
    return {canonical(entry["text"]) for entry in raw["query"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cedict", type=Path, help="cedict_ts.u8, as in the source distribution of py-cc-dicts")
    parser.add_argument("out", type=Path, help="a folder")
    given = parser.parse_args()
    given.out.mkdir(exist_ok=True)
    kinds = read_kinds(given.cedict, given.out / "kinds.npz")
    ids: dict[str, str] = {}
    with (given.out / "judgments.tsv").open("w", encoding="utf-8") as judgments:
        judgments.write("query\tproduct_id\tgain\n")
        for one in lists(kinds):
            for title, gained in one.titles.items():
                id_ = ids.setdefault(title, f"p{len(ids) + 1}")
                judgments.write(f"{one.query}\t{id_}\t{gained:g}\n")
    with (given.out / "products.jsonl").open("w", encoding="utf-8") as products:
        for title, id_ in ids.items():
            products.write(json.dumps({"id": id_, "title": title}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
