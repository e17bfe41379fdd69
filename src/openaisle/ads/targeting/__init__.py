"""Which campaigns fit a query: by keywords, by meaning, and not where a negative keyword matches."""

from openaisle.ads.targeting.aim import aim_with
from openaisle.ads.targeting.targets import Eligible, Targets

__all__ = ["Eligible", "Targets", "aim_with"]
