"""The same comparison on parts of the test split: by language, length, frequency, category and label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import numpy as np

from openaisle.evaluation.statistics import Estimate
from openaisle.language.han import HAN
from openaisle.language.script import language_of
from openaisle.learning.comparison.change import SIGNIFICANT, compare_evidence
from openaisle.learning.comparison.evidence import Evidence
from openaisle.learning.comparison.measures import candidates_of, text_of
from openaisle.learning.examples import Example, JudgedQuery, Labelled, Tagged, Triplet, Valued
from openaisle.models.registry.direction import higher_is_better

_SMALLEST = 5
"""Examples below which a slice tells nothing."""
_MOST_SLICES = 20
"""Slices of one kind, the largest."""
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_WORD = re.compile(r"[^\W_]+")
_HAN_PER_WORD = 2
_HEAD, _TORSO = 0.5, 0.8
"""Shares of the traffic: queries that make up its first half are the head, up to four fifths the torso."""


@dataclass(frozen=True, slots=True)
class SliceChange:
    """The primary metric on the examples that have `name` by `kind`; `p_value` is not corrected for many slices."""

    kind: str
    name: str
    examples: int
    before: Estimate
    after: Estimate
    difference: Estimate
    p_value: float
    lower_is_better: bool = False

    @property
    def verdict(self) -> str:
        if self.p_value >= SIGNIFICANT:
            return "no clear difference"
        return "better" if (self.difference.mean > 0) != self.lower_is_better else "worse"

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "examples": self.examples,
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "difference": self.difference.as_dict(),
            "p_value": self.p_value,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class Grouping:
    """What is known of queries or texts besides themselves."""

    categories: Mapping[str, str] = field(default_factory=dict)
    frequencies: Mapping[str, float] = field(default_factory=dict)


def slices(
    examples: Sequence[Example], before: Evidence, after: Evidence, grouping: Grouping, metric: str
) -> tuple[SliceChange, ...]:
    """Every kind of slice that divides the examples, the largest slices of a kind first."""
    return tuple(
        SliceChange(
            kind,
            name,
            len(places),
            *compare_evidence(before.part(places), after.part(places)),
            not higher_is_better(metric),
        )
        for kind, names in _kinds(examples, grouping).items()
        for name, places in _groups(names, before, after)
    )


def _groups(names: Sequence[Sequence[str]], before: Evidence, after: Evidence) -> Iterator[tuple[str, Any]]:
    """Places by name. What all examples have in common divides nothing, and is left out."""
    places: dict[str, list[int]] = {}
    for place, each in enumerate(names):
        for name in each:
            places.setdefault(name, []).append(place)
    ordered = sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))
    for name, found in ordered[:_MOST_SLICES]:
        chosen = np.array(found, dtype=np.intp)
        known = ~np.isnan([before.of(chosen), after.of(chosen)]).any()
        if _SMALLEST <= len(found) < len(names) and known:
            yield name, chosen


def _kinds(examples: Sequence[Example], grouping: Grouping) -> dict[str, list[tuple[str, ...]]]:
    """By kind, the slices each example belongs to."""
    texts = [text_of(example) for example in examples]
    bands = _bands({text: grouping.frequencies.get(text, 0.0) for text in texts}) if grouping.frequencies else {}
    terciles = _terciles(examples)
    kinds: dict[str, list[tuple[str, ...]]] = {
        "language": [(_languages(example),) for example in examples],
        "length": [(_length(text),) for text in texts],
        "frequency": [(bands[text],) if bands else () for text in texts],
        "category": [tuple(filter(None, [grouping.categories.get(text, "")])) for text in texts],
        "label": [_labels(example) for example in examples],
        "value": [(terciles[place],) if terciles else () for place in range(len(examples))],
    }
    return {kind: names for kind, names in kinds.items() if any(names)}


def _languages(example: Example) -> str:
    """`zh`, or `zh → en` for a query whose answers are in another language."""
    asked = language_of(text_of(example))
    if not isinstance(example, JudgedQuery | Triplet):
        return asked
    answers = [language_of(each.text) for each in candidates_of(example) if each.gain > 0]
    answered = max(sorted(set(answers)), key=answers.count, default=asked)
    return asked if answered == asked else f"{asked} → {answered}"


def _length(text: str) -> str:
    """In words; two Chinese characters are about a word."""
    han = len(_HAN_CHARACTER.findall(text))
    words = ceil(han / _HAN_PER_WORD) + len(_WORD.findall(_HAN_CHARACTER.sub(" ", text)))
    for most, name in ((1, "1 word"), (3, "2 to 3 words"), (6, "4 to 6 words"), (15, "7 to 15 words")):
        if words <= most:
            return name
    return "16 words or more"


def _bands(frequencies: Mapping[str, float]) -> dict[str, str]:
    """Head, torso or tail for each text, by its share of the traffic of all."""
    total = sum(frequencies.values()) or 1.0
    bands: dict[str, str] = {}
    before = 0.0
    for text, frequency in sorted(frequencies.items(), key=lambda item: (-item[1], item[0])):
        bands[text] = "head" if before < _HEAD * total else "torso" if before < _TORSO * total else "tail"
        before += frequency
    return bands


def _labels(example: Example) -> tuple[str, ...]:
    if isinstance(example, Labelled):
        return tuple(dict.fromkeys(example.labels))
    if isinstance(example, Tagged):
        return tuple(sorted({span.type for span in example.spans}))
    return ()


def _terciles(examples: Sequence[Example]) -> list[str]:
    """Whether a value is among the lowest, middle or highest third; nothing where examples have none."""
    values = [example.value for example in examples if isinstance(example, Valued)]
    if len(values) != len(examples):
        return []
    low, high = np.quantile(values, [1 / 3, 2 / 3])
    return [
        f"up to {low:g}" if value <= low else f"up to {high:g}" if value <= high else f"above {high:g}"
        for value in values
    ]
