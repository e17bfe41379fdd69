"""Whether today's queries and answers still look like those that a model was promoted for: the profile that is kept at
promotion, the comparison with it, and what to do. Reads a shop; changes nothing in it but its own kept profiles."""

from openaisle.drift.comparison import DriftReport, Level, Signal, compared
from openaisle.drift.profile import Profile, profile_of
from openaisle.drift.watch import drift, keep_baseline, read_queries

__all__ = [
    "DriftReport",
    "Level",
    "Profile",
    "Signal",
    "compared",
    "drift",
    "keep_baseline",
    "profile_of",
    "read_queries",
]
