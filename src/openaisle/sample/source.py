"""Reads the hand-written store data (`FORMAT.md`) into frozen records."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

Plain = str | int | float | bool
Value = Plain | list[str]
_OPTIONAL_FIELDS = frozenset(
    {"sale", "mpn", "colour", "attributes", "options", "steps", "stock", "availability", "about"}
)


class Pair(NamedTuple):
    """One text written for each of the two languages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Brand:
    """An invented brand; `code` starts its model numbers."""

    name: Pair
    code: str


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour by name and as `#rrggbb` for the picture."""

    name: Pair
    hex: str


@dataclass(frozen=True, slots=True)
class Model:
    """One article of a kind, with the options that become its variants."""

    number: int
    brand: Brand
    title: Pair
    say: Pair
    price: float
    sale: float | None = None
    mpn: str | None = None
    colour: str | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    options: Mapping[str, list[Plain]] = field(default_factory=dict)
    steps: Mapping[str, float] = field(default_factory=dict)
    stock: int | None = None
    availability: str | None = None
    about: tuple[Pair, ...] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of goods: what its models share."""

    key: str
    code: int
    name: Pair
    path: Pair
    shape: str
    about: tuple[Pair, ...]
    models: tuple[Model, ...]
    attributes: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the store; `prefix` starts its product ids, `number` goes into the GTINs."""

    name: Pair
    prefix: str
    number: int
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Store:
    """Everything that is written by hand."""

    departments: tuple[Department, ...]
    colours: Mapping[str, Colour]
    phrases: Mapping[str, tuple[Pair, ...]]


@lru_cache(maxsize=1)
def load_store() -> Store:
    """The whole store as written. Raises ValueError naming the kind when the data break the format."""
    root = files("openaisle.sample")
    brands = dict(_brands(root / "brands"))
    colours = {key: Colour(Pair(en, zh), tint) for key, (en, zh, tint) in _table(root / "colours.toml").items()}
    phrases = {key: tuple(_pair(p) for p in pairs) for key, pairs in _table(root / "phrases.toml").items()}
    departments = tuple(_department(table, brands) for table in _tables(root / "departments"))
    return Store(tuple(sorted(departments, key=lambda d: d.number)), colours, phrases)


def _tables(folder: Traversable) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            yield _table(path)


def _table(path: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _brands(folder: Traversable) -> Iterator[tuple[str, Brand]]:
    for table in _tables(folder):
        for key, raw in table.items():
            yield key, Brand(_pair(raw["name"]), raw["code"])


def _department(raw: Mapping[str, Any], brands: Mapping[str, Brand]) -> Department:
    kinds = tuple(_kind(kind, brands) for kind in raw.get("kind", ()))
    return Department(_pair(raw["name"]), raw["prefix"], raw["number"], kinds)


def _kind(raw: Mapping[str, Any], brands: Mapping[str, Brand]) -> Kind:
    try:
        return Kind(
            key=raw["key"],
            code=raw["code"],
            name=_pair(raw["name"]),
            path=_pair(raw["path"]),
            shape=raw["shape"],
            about=tuple(_pair(text) for text in raw["about"]),
            models=tuple(_model(number, model, brands) for number, model in enumerate(raw["model"], start=1)),
            attributes=raw.get("attributes", {}),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"kind {raw.get('key')!r}: {type(error).__name__} {error}") from error


def _model(number: int, raw: Mapping[str, Any], brands: Mapping[str, Brand]) -> Model:
    known = {name: raw[name] for name in _OPTIONAL_FIELDS if name in raw}
    if "about" in raw:
        known["about"] = tuple(_pair(text) for text in raw["about"])
    unknown = raw.keys() - _OPTIONAL_FIELDS - {"brand", "title", "say", "price"}
    if unknown:
        raise ValueError(f"model {number} has unknown fields {sorted(unknown)}")
    title, say = _pair(raw["title"]), _pair(raw["say"])
    return Model(number=number, brand=brands[raw["brand"]], title=title, say=say, price=raw["price"], **known)


def _pair(raw: list[str]) -> Pair:
    english, chinese = raw
    return Pair(english, chinese)
