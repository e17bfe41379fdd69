"""Composes the SVG of a product from the drawings in `shapes.toml`."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from openaisle.sample.source import Kind, load_store

_NO_COLOUR = ("#d9b48a", "#9fb7c9", "#b9c7a1", "#d6a7a0", "#c2b3d1")
_SVG = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img" aria-label="$label">'
    '<rect width="400" height="400" fill="$ground"/>'
    '<ellipse cx="200" cy="312" rx="118" ry="10" fill="#000" fill-opacity=".1"/>'
    '<g transform="translate(65 42) scale(2.7)" fill="$c" stroke="$d" stroke-width="1.5" stroke-linejoin="round">'
    "$shape</g>"
    '<g font-family="sans-serif" text-anchor="middle" fill="#3a3a3a"><text x="200" y="352" font-size="22">$zh</text>'
    '<text x="200" y="378" font-size="16" fill="#6a6a6a">$en</text></g></svg>\n'
)


def picture(product: Mapping[str, Any]) -> str:
    """The picture of a product as an SVG document. Raises KeyError for an id that is not of this store."""
    kind = _kinds()[product["id"][:6]]
    english, chinese = product["attributes"].get("colour"), product["attributes"].get("colour_zh")
    tint = _tints().get(english) or _NO_COLOUR[kind.code % len(_NO_COLOUR)]
    colours = {"c": tint, "d": _mix(tint, "#1c1c22", 0.42), "l": _mix(tint, "#ffffff", 0.45)}
    return _SVG.substitute(
        colours,
        shape=Template(_shapes()[kind.shape]).substitute(colours),
        ground=_ground(tint),
        label=escape(product["title"]["en"], quote=True),
        zh=escape(" · ".join(filter(None, (kind.name.zh, chinese)))),
        en=escape(" · ".join(filter(None, (kind.name.en, english)))),
    )


def shape_names() -> frozenset[str]:
    """The shapes that a kind may ask for."""
    return frozenset(_shapes())


@lru_cache(maxsize=1)
def _shapes() -> Mapping[str, str]:
    return tomllib.loads((files("openaisle.sample.pictures") / "shapes.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _kinds() -> Mapping[str, Kind]:
    store = load_store()
    return {f"{place.prefix}-{kind.code:03d}": kind for place in store.departments for kind in place.kinds}


@lru_cache(maxsize=1)
def _tints() -> Mapping[str, str]:
    return {colour.name.en: colour.hex for colour in load_store().colours.values()}


def _ground(tint: str) -> str:
    """A pale ground that the goods stand out from: warm under colours, a cool grey under white and cream."""
    is_pale = sum(int(tint[i : i + 2], 16) for i in (1, 3, 5)) > 3 * 205
    return _mix(tint, "#d3dae2", 0.85) if is_pale else _mix(tint, "#faf8f4", 0.9)


def _mix(one: str, other: str, portion: float) -> str:
    """A colour on the way from one `#rrggbb` to another."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * portion):02x}" for a, b in pairs)
