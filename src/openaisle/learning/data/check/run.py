"""All checks over one data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from openaisle.learning.data.check.amounts import too_few
from openaisle.learning.data.check.answers import without_answers
from openaisle.learning.data.check.classes import balance
from openaisle.learning.data.check.conflicts import conflicts
from openaisle.learning.data.check.duplicates import duplicates
from openaisle.learning.data.check.findings import Finding, Level
from openaisle.learning.data.check.languages import languages
from openaisle.learning.data.check.lengths import empty, over_long
from openaisle.learning.data.check.sharing import leakage
from openaisle.learning.examples import DataSet

CHECKS: tuple[Callable[[DataSet], Iterator[Finding]], ...] = (
    too_few,
    empty,
    over_long,
    duplicates,
    conflicts,
    leakage,
    balance,
    without_answers,
    languages,
)
_ORDER = {level: place for place, level in enumerate(Level)}


def check(data: DataSet) -> tuple[Finding, ...]:
    """What is wrong with a data set, errors first. A set in order has no error and no warning; notes remain."""
    found = [finding for run in CHECKS for finding in run(data)]
    return tuple(sorted(found, key=lambda finding: _ORDER[finding.level]))


def is_fit(findings: tuple[Finding, ...]) -> bool:
    """Whether training may begin: nothing that must be mended first."""
    return all(finding.level is not Level.ERROR for finding in findings)
