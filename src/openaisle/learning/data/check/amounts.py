"""Too few examples to learn from, or to tell anything by."""

from __future__ import annotations

from collections.abc import Iterator

from openaisle.learning.data.check.findings import Finding, Level
from openaisle.learning.examples import DataSet

_FEW_TO_LEARN = 100
_FEW_TO_TELL = 50
"""Below, an interval of 95 % around a share of one half is wider than 0.28."""


def too_few(data: DataSet) -> Iterator[Finding]:
    """Empty splits, and splits too small."""
    if not data.train:
        yield Finding(Level.ERROR, "no_training_data", "There is nothing to learn from.", 0, (), "Add examples.")
    elif len(data.train) < _FEW_TO_LEARN:
        yield Finding(
            Level.WARNING,
            "few_examples",
            f"There are {len(data.train)} examples to learn from.",
            len(data.train),
            (),
            "Add examples, or let the shop choose what to label next: openaisle data label export.",
        )
    for name, examples in (("validation", data.validation), ("test", data.test)):
        if len(examples) < _FEW_TO_TELL:
            yield Finding(
                Level.WARNING,
                f"small_{name}",
                f"There are {len(examples)} examples in {name}: too few to tell a small difference by.",
                len(examples),
                (),
                f"Add examples, or raise data.{name}.",
            )
