"""What training gives away of what is tested."""

from __future__ import annotations

from collections.abc import Iterator

from openaisle.learning.data.check.findings import Finding, Level, some
from openaisle.learning.data.keys import canonical
from openaisle.learning.data.leakage import leaks
from openaisle.learning.examples import DataSet


def leakage(data: DataSet) -> Iterator[Finding]:
    """Texts of one split that are, or nearly are, in a later one: an error where they say the very same."""
    for earlier, later in (("train", "validation"), ("train", "test"), ("validation", "test")):
        shared = leaks(getattr(data, earlier), getattr(data, later))
        if shared:
            same = any(canonical(left) == canonical(right) for left, right in shared)
            yield Finding(
                Level.ERROR if same else Level.WARNING,
                "leakage",
                f"{len(shared):,} texts of {earlier} are, or nearly are, in {later} too.",
                len(shared),
                some(left for left, _ in shared),
                f"Take them out of {earlier}, or let `data` divide one file instead of naming two.",
            )
