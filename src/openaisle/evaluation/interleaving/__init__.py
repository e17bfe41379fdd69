"""Interleaving: two rankings compared on one page, by whose products shoppers take.

The room owns the draft that mixes two rankings, the credit for what was taken, and the test of preference. It needs
far fewer shoppers than an experiment that splits them, and says only which ranking is preferred, not what it earns.
"""

from openaisle.evaluation.interleaving.draft import Interleaved, team_draft
from openaisle.evaluation.interleaving.impressions import Impression, read_impressions
from openaisle.evaluation.interleaving.preference import Preference, preference

__all__ = ["Impression", "Interleaved", "Preference", "preference", "read_impressions", "team_draft"]
