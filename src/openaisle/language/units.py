"""Units of measure: every way shops write them, and the one they are compared in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """`spellings` are folded text; `base` and `factor` say what one of it is, so that 0.5 l and 500 ml are one term."""

    symbol: str
    spellings: tuple[str, ...]
    base: str
    factor: Fraction


def _unit(symbol: str, spellings: str, base: str = "", factor: int | Fraction = 1) -> Unit:
    return Unit(symbol, (symbol, *spellings.split()), base or symbol, Fraction(factor))


_UNITS = (
    _unit("ml", "milliliter milliliters millilitre millilitres 毫升"),
    _unit("cl", "", "ml", 10),
    _unit("l", "liter liters litre litres ltr 升 公升", "ml", 1000),
    _unit("gal", "gallon gallons 加仑"),
    _unit("qt", "quart quarts"),
    _unit("oz", "ounce ounces fl_oz fl_ounces 盎司"),
    _unit("g", "gram grams 克"),
    _unit("mg", "milligram milligrams 毫克", "g", Fraction(1, 1000)),
    _unit("kg", "kilo kilos kilogram kilograms kgs 公斤 千克", "g", 1000),
    _unit("jin", "斤 市斤", "g", 500),
    _unit("lb", "lbs pound pounds 磅"),
    _unit("mm", "millimeter millimeters millimetre millimetres 毫米"),
    _unit("cm", "centimeter centimeters centimetre centimetres 厘米 公分", "mm", 10),
    _unit("m", "meter meters metre metres 米", "mm", 1000),
    _unit("km", "kilometer kilometers kilometre kilometres 公里 千米"),
    _unit("in", "inch inches \" '' 英寸 英吋 寸 吋"),
    _unit("ft", "foot feet ' 英尺 尺", "in", 12),
    _unit("yd", "yard yards"),
    _unit("sqft", "sq_ft sq_feet square_foot square_feet"),
    _unit("cuft", "cu_ft cu_feet cubic_foot cubic_feet"),
    _unit("v", "volt volts 伏 伏特"),
    _unit("w", "watt watts 瓦 瓦特"),
    _unit("kw", "kilowatt kilowatts 千瓦", "w", 1000),
    _unit("amp", "amps ampere amperes 安培"),
    _unit("mah", "毫安 毫安时"),
    _unit("hz", "hertz 赫兹"),
    _unit("khz", "", "hz", 1000),
    _unit("mhz", ""),
    _unit("ghz", "", "mhz", 1000),
    _unit("hp", "horsepower 马力"),
    _unit("btu", "btus"),
    _unit("lm", "lumen lumens 流明"),
    _unit("mb", "megabyte megabytes"),
    _unit("gb", "gigabyte gigabytes"),
    _unit("tb", "terabyte terabytes"),
    _unit("mp", "megapixel megapixels"),
    _unit("pk", "pack packs"),
    _unit("pc", "pcs piece pieces"),
    _unit("ct", "count"),
    _unit("%", "percent"),
)

_BY_SPELLING = {spelling.replace("_", ""): unit for unit in _UNITS for spelling in unit.spellings}

_DOTTED = re.compile(r"[\s.]+")


def find_unit(spelling: str) -> Unit:
    """The unit written so (`sq. ft.`, `Inches`, 毫升); KeyError when there is none."""
    return _BY_SPELLING[_DOTTED.sub("", spelling)]


def canonical(value: Fraction, unit: Unit) -> str:
    """The term all spellings of a quantity share: `500ml`, `12in`, `0.75in`."""
    return f"{decimal(value * unit.factor)}{unit.base}"


def decimal(value: Fraction) -> str:
    """A number in its shortest decimal form, at most five places (enough for 1/32 of an inch)."""
    if value.denominator == 1:
        return str(value.numerator)
    scaled = round(value * 100_000)
    return f"{scaled // 100_000}.{scaled % 100_000:05}".rstrip("0").rstrip(".")


def _alternatives(spellings: list[str]) -> str:
    longest_first = sorted(spellings, key=len, reverse=True)
    return "|".join(re.escape(spelling).replace("_", r"\.?\s?") for spelling in longest_first)


_ALL = [spelling for unit in _UNITS for spelling in unit.spellings]
LATIN_UNITS = _alternatives([s for s in _ALL if s[0].isascii() and s[0].isalpha()])
"""Spellings that must end where a word ends, as alternatives of a regular expression."""
SIGN_UNITS = _alternatives([s for s in _ALL if s[0].isascii() and not s[0].isalpha()])
"""Signs (`"`, `'`, `%`): nothing else could be meant after a number."""
HAN_UNITS = _alternatives([s for s in _ALL if not s[0].isascii() and len(s) > 1])
"""Chinese spellings of several characters: they are no other word's beginning."""
HAN_SIGNS = _alternatives([s for s in _ALL if not s[0].isascii() and len(s) == 1])
"""Chinese spellings of one character, which may as well begin a word (升级, 米色, 克拉)."""
