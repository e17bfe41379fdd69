"""Which languages the texts are in, and whether training and test speak the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from openaisle.language import language_of
from openaisle.learning.data.check.findings import Finding, Level
from openaisle.learning.data.keys import main_text
from openaisle.learning.examples import DataSet, Example

_APART = 0.3
_ENOUGH = 20
_NAMES = {"zh": "Chinese", "en": "Latin letters", "other": "other"}


def languages(data: DataSet) -> Iterator[Finding]:
    """The mix of the training texts, and a warning where the test's mix is another."""
    mix, tested = _mix(data.train), _mix(data.test)
    if not mix:
        return
    yield Finding(
        Level.NOTE,
        "languages",
        f"Languages to learn from: {_told(mix)}.",
        len(data.train),
        (),
        "The base model must know them.",
    )
    apart = max(abs(mix.get(name, 0.0) - tested.get(name, 0.0)) for name in _NAMES)
    if len(data.test) >= _ENOUGH and apart > _APART:
        yield Finding(
            Level.WARNING,
            "languages_differ",
            f"Learnt from: {_told(mix)}; tested on: {_told(tested)}.",
            len(data.test),
            (),
            "Learn from what shoppers write, in the languages in which they write it.",
        )


def _mix(examples: Sequence[Example]) -> dict[str, float]:
    counted = Counter(language_of(main_text(example)) for example in examples)
    return {name: count / len(examples) for name, count in counted.most_common()}


def _told(mix: dict[str, float]) -> str:
    return ", ".join(f"{_NAMES[name]} {share:.0%}" for name, share in mix.items())
