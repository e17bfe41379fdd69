"""Puts words together: values with units, titles with options, descriptions from sentences."""

import re
from collections.abc import Mapping, Sequence

from openaisle.sample.source import Colour, Kind, Model, Pair, Plain, Store, Value

_UNITS: Mapping[str, Pair] = {
    "ml": Pair(" ml", "ml"), "l": Pair(" L", "L"), "g": Pair(" g", "g"), "kg": Pair(" kg", "kg"),
    "cm": Pair(" cm", "cm"), "mm": Pair(" mm", "mm"), "m": Pair(" m", "米"), "inch": Pair(" in", "英寸"),
    "w": Pair(" W", "W"), "wh": Pair(" Wh", "Wh"), "v": Pair(" V", "V"), "mah": Pair(" mAh", "mAh"),
    "hz": Pair(" Hz", "Hz"), "gb": Pair(" GB", "GB"), "tb": Pair(" TB", "TB"), "k": Pair(" K", "K"),
    "hours": Pair(" hours", "小时"), "minutes": Pair(" minutes", "分钟"), "months": Pair(" months", "个月"),
    "years": Pair(" years", "年"), "pieces": Pair(" pieces", "件"), "sheets": Pair(" sheets", "张"),
    "pages": Pair(" pages", "页"), "tog": Pair(" tog", " tog"), "db": Pair(" dB", "分贝"), "lm": Pair(" lm", "流明"),
    "age_from_years": Pair(" years", "岁"),
}  # fmt: skip
_LARGER = {"ml": ("l", 1000), "g": ("kg", 1000), "gb": ("tb", 1024)}
_LOWER_CASE = frozenset({"and", "of", "with", "in", "for", "to"} | {unit.en.strip() for unit in _UNITS.values()})


def both(value: str) -> Pair:
    """A short text written `English|中文`, or the same in both."""
    english, _, chinese = value.partition("|")
    return Pair(english, chinese or english)


def spoken(key: str, value: Value, colours: Mapping[str, Colour]) -> Pair:
    """A value as a shopper reads it, with the unit that its key names."""
    if key == "colour" and isinstance(value, str):
        return colours[value].name
    if isinstance(value, list):
        parts = [both(part) for part in value]
        return Pair(
            _listed([part.en for part in parts], ", ", " and "), _listed([part.zh for part in parts], "、", "和")
        )
    if isinstance(value, str):
        return both(value)
    return _measure(key, value)


def _measure(key: str, value: float) -> Pair:
    """A number with its unit, in the larger unit where people change over: 1.5 L, 1.2 kg, 2 TB."""
    unit = key.rpartition("_")[2]
    if unit in _LARGER and value >= _LARGER[unit][1]:
        larger, factor = _LARGER[unit]
        return _measure(larger, value / factor)
    words = _UNITS.get(key, _UNITS.get(unit, Pair("", "")))
    number = f"{value:,.6g}" if value >= 10_000 else f"{value:g}"
    english = words.en.removesuffix("s") if value == 1 else words.en
    return Pair(number + english, number.replace(",", "") + words.zh)


def _listed(parts: list[str], comma: str, last: str) -> str:
    return last.join([comma.join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def title(model: Model, chosen: Mapping[str, Plain], colours: Mapping[str, Colour]) -> Pair:
    """The title of one row: brand and options filled in, options that it does not name appended."""
    words = {key: spoken(key, value, colours) for key, value in chosen.items()}
    bare = {f"n_{key}": f"{value:g}" for key, value in chosen.items() if not isinstance(value, str)}
    fill_en = bare | {key: _capitals(word.en) for key, word in words.items()} | {"b": model.brand.name.en}
    fill_zh = bare | {key: word.zh for key, word in words.items()} | {"b": model.brand.name.zh}
    rest_en = [fill_en[key] for key in words if not _names(model.title.en, key)]
    rest_zh = [fill_zh[key] for key in words if not _names(model.title.zh, key)]
    english = model.title.en.format_map(fill_en) + (" – " + ", ".join(rest_en) if rest_en else "")
    return Pair(english, " ".join([model.title.zh.format_map(fill_zh), *rest_zh]))


def _names(written: str, key: str) -> bool:
    return f"{{{key}}}" in written or f"{{n_{key}}}" in written


def description(kind: Kind, model: Model, attributes: Mapping[str, Value], store: Store) -> Pair:
    """What the model says of itself, two of the kind's sentences, and up to two about its attributes."""
    told = kind.about if model.about is None else model.about
    about = [told[(model.number - 1 + step) % len(told)] for step in range(min(2, len(told)))]
    texts = [model.say, *about, *_attribute_sentences(kind, model, attributes, store)]
    return Pair(" ".join(text.en for text in texts), "".join(text.zh for text in texts))


def _attribute_sentences(kind: Kind, model: Model, attributes: Mapping[str, Value], store: Store) -> Sequence[Pair]:
    told = [key for key in store.phrases if _phrase_key(key) in attributes and _holds(key, attributes)]
    turn = kind.code + model.number
    picked = [told[(turn + step) % len(told)] for step in range(min(2, len(told)))]
    return [_sentence(key, attributes, store, turn) for key in picked]


def _sentence(key: str, attributes: Mapping[str, Value], store: Store, turn: int) -> Pair:
    phrases = store.phrases[key]
    phrase = phrases[turn % len(phrases)]
    value = spoken(key, attributes[_phrase_key(key)], store.colours)
    return Pair(_capital(phrase.en.format(v=value.en)), phrase.zh.format(v=value.zh))


def _phrase_key(key: str) -> str:
    return key.removesuffix("-no")


def _holds(key: str, attributes: Mapping[str, Value]) -> bool:
    value = attributes[_phrase_key(key)]
    return not isinstance(value, bool) or value is not key.endswith("-no")


def _capitals(words: str) -> str:
    """The words as in an English title: capitals, but not for units and small words."""
    return re.sub(r"[A-Za-z][A-Za-z']*", lambda m: m[0] if m[0] in _LOWER_CASE else _capital(m[0]), words)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
