"""Small random catalogues, filters and queries, made to be awkward."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from openaisle.engines.filters.expression import (
    And,
    Between,
    Comparison,
    Empty,
    Exists,
    Expression,
    Membership,
    Not,
    Operator,
    Or,
)
from openaisle.engines.protocol import Document, LexicalQuery, TermGroup, Value

DIMENSIONS = 8
WORDS = ("shoe", "shoes", "red", "wool", "鞋", "运动鞋", "wh1000xm5", "cup", "blue")
BRANDS = ("Nike", "NIKE", "Ｎｉｋｅ", "耐克", "Straße", "STRASSE", "42", "true", "", "O'Neill")
NUMBERS = (-1.0, 0.0, 9.5, 10.0, 42.0, 199.99, 1e6)
FIELDS = ("brand", "price", "sale", "category", "size", "rare", "absent")

numbers = st.sampled_from(NUMBERS)
texts = st.sampled_from(BRANDS)
lists = st.lists(st.sampled_from(("鞋", "Shoes", "shoes", "10", "")), max_size=3).map(tuple)
mixed = st.one_of(numbers, texts, st.booleans(), lists)


def _value(field: str) -> st.SearchStrategy[Value]:
    kinds: dict[str, st.SearchStrategy[Value]] = {
        "brand": texts,
        "price": numbers,
        "sale": st.booleans(),
        "category": lists,
        "rare": mixed,
    }
    return kinds.get(field, mixed)


def values(fields: tuple[str, ...] = FIELDS[:-1]) -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({}, optional={field: _value(field) for field in fields})


@st.composite
def vectors(draw: st.DrawFn) -> np.ndarray:
    seed = draw(st.integers(0, 10_000))
    vector = np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


def terms(length: int | None = None) -> st.SearchStrategy[dict[str, list[str]]]:
    word = st.sampled_from(WORDS)
    if length is not None:
        return st.lists(word, min_size=length, max_size=length).map(lambda found: {"title": found})
    title = st.lists(word, min_size=1, max_size=8)
    return st.fixed_dictionaries({"title": title}, optional={"brand": st.lists(word, min_size=1, max_size=2)})


@st.composite
def documents(draw: st.DrawFn, id: str, length: int | None = None) -> Document:
    group = draw(st.one_of(st.just(id), st.sampled_from(("g1", "g2"))))
    vector = draw(st.one_of(st.none(), vectors()))
    return Document(id, group, draw(terms(length)), draw(values()), vector)


@st.composite
def catalogues(draw: st.DrawFn, smallest: int = 1, largest: int = 14) -> list[Document]:
    count = draw(st.integers(smallest, largest))
    return [draw(documents(f"p{number}")) for number in range(count)]


_fields = st.sampled_from(FIELDS)
_scalars = st.one_of(numbers, texts, st.booleans(), st.sampled_from(("nike", "strasse", "SHOES", "nothing")))
_conditions: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Comparison, _fields, st.sampled_from((Operator.EQUAL, Operator.NOT_EQUAL)), _scalars),
    st.builds(Comparison, _fields, st.sampled_from([o for o in Operator if o.orders]), numbers),
    st.builds(Membership, _fields, st.lists(_scalars, max_size=3).map(tuple)),
    st.builds(Between, _fields, numbers, numbers),
    st.builds(Exists, _fields),
    st.builds(Empty, _fields),
)
filters: st.SearchStrategy[Expression] = st.recursive(
    _conditions,
    lambda inside: st.one_of(
        st.builds(Not, inside),
        st.builds(And, st.tuples(inside, inside)),
        st.builds(Or, st.tuples(inside, inside)),
    ),
    max_leaves=5,
)

_alternatives = st.lists(
    st.tuples(st.sampled_from((*WORDS, "unknown")), st.sampled_from((1.0, 0.7, 0.8))),
    min_size=1,
    max_size=3,
    unique_by=lambda pair: pair[0],
).map(tuple)
queries = st.builds(
    LexicalQuery,
    st.lists(st.builds(TermGroup, _alternatives, st.sampled_from((1.0, 0.5))), min_size=1, max_size=5).map(tuple),
    st.sampled_from((0.01, 0.3, 0.5, 0.75, 1.0)),
)
