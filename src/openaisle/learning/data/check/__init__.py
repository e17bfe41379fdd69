"""What is wrong with a data set, told before any training: one file a kind of fault, one list of findings."""

from openaisle.learning.data.check.findings import Finding, Level
from openaisle.learning.data.check.run import check, is_fit

__all__ = ["Finding", "Level", "check", "is_fit"]
