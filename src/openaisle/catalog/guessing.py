"""Guesses what a feed's columns are: by name first, checked against their values, then by values alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openaisle.catalog.attribute_kinds import kind_of
from openaisle.catalog.fields import PARSERS
from openaisle.catalog.mapping_names import NAMES, language_of, numbered, plain
from openaisle.catalog.problems import Doubt, OutOfBounds, Unfit
from openaisle.catalog.targets import Target

_TAKEN_BY_NAME = ("id", "title", "attributes", "ranking")
"""Of all other fields the names are also used for other things ("stock: yes"), so that half of the values must fit."""
_EVIDENCE = 200
_PREFIXED = ("attributes", "ranking")
Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Guess:
    """A column's target and the reason for it."""

    target: Target
    why: str


def guess_columns(columns: Columns, given: Mapping[str, Guess]) -> dict[str, Guess]:
    """A guess for every column, in their order; `given` ones are kept and their fields not given out again."""
    found = dict(given)
    _by_name(columns, found)
    _by_values(columns, found)
    for column, values in columns.items():
        if column not in found:
            found[column] = Guess(_attribute(column, values), "no field has this name")
    return {column: found[column] for column in columns}


def _by_name(columns: Columns, found: dict[str, Guess]) -> None:
    taken = {guess.target.field for guess in found.values() if guess.target.key is None}
    for column in columns:
        special = None if column in found else _special(column, columns[column])
        if special is not None:
            found[column] = special
    names = {column: plain(column) for column in columns if column not in found}
    for field, words in NAMES.items():
        ranked = sorted((words.index(name), column) for column, name in names.items() if name in words)
        for _, column in ranked:
            if field not in taken and column not in found and _fits(field, columns[column]):
                found[column] = Guess(Target(field), "its name")
                taken.add(field)
    for column in names:
        part = numbered(column) if column not in found else None
        if part is not None:
            found[column] = Guess(Target(part, append=True), "its name and number")


def _special(column: str, values: Sequence[Any]) -> Guess | None:
    """Names that say more than a field: `attributes.colour`, `ranking.margin`, `title_en`."""
    field, _, key = column.partition(".")
    if field in _PREFIXED and key:
        kind = kind_of(_texts(values)) if field == "attributes" else None
        return Guess(Target(field, key, kind), "its name")
    text = language_of(column)
    return None if text is None else Guess(Target(*text), "its name, with the language")


def _by_values(columns: Columns, found: dict[str, Guess]) -> None:
    """An id, a title, a page address and a picture can be told by their values when no column is named so."""
    for field, looks_so in _LOOKS.items():
        if any(guess.target.field == field for guess in found.values()):
            continue
        column = next((name for name, values in columns.items() if name not in found and looks_so(values)), None)
        if column is not None:
            found[column] = Guess(Target(field), "its values")


def _fits(field: str, values: Sequence[Any]) -> bool:
    given = [value for value in values if value not in (None, "")][:_EVIDENCE]
    if field in _TAKEN_BY_NAME or not given:
        return True
    return sum(_parses(field, value) for value in given) * 2 >= len(given)


def _parses(field: str, value: Any) -> bool:
    try:
        parsed = PARSERS[field](value)
    except OutOfBounds:
        return True
    except Unfit:
        return False
    return not isinstance(parsed, Doubt)


def _attribute(column: str, values: Sequence[Any]) -> Target:
    texts = _texts(values)
    return Target("attributes", column, kind_of(texts) if texts else None)


def _texts(values: Sequence[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str) and value]


def _looks_like_ids(values: Sequence[Any]) -> bool:
    texts = [str(value) for value in values if isinstance(value, str | int) and value != ""]
    is_short = all(len(text) <= 40 and not any(sign.isspace() for sign in text) for text in texts)
    return len(texts) == len(values) > 1 and is_short and len(set(texts)) == len(texts)


def _looks_like_titles(values: Sequence[Any]) -> bool:
    texts = _texts(values)
    if len(texts) < max(1, len(values) * 0.9):
        return False
    average = sum(map(len, texts)) / len(texts)
    return 6 <= average <= 200 and len(set(texts)) * 2 > len(texts) and not any("://" in text for text in texts)


def _looks_like_pictures(values: Sequence[Any]) -> bool:
    texts = _texts(values)
    endings = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".svg", ".avif")
    return bool(texts) and all(text.split("?")[0].lower().endswith(endings) for text in texts)


def _looks_like_pages(values: Sequence[Any]) -> bool:
    texts = _texts(values)
    return bool(texts) and all(text.startswith(("http://", "https://")) for text in texts)


_LOOKS: Mapping[str, Callable[[Sequence[Any]], bool]] = {
    "images": _looks_like_pictures,
    "url": _looks_like_pages,
    "id": _looks_like_ids,
    "title": _looks_like_titles,
}
