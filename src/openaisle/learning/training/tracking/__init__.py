"""Where the course of a training is written: one file a tracker, each with `scalars` and `close`."""

from openaisle.learning.training.tracking.open import Tracker, open_trackers

__all__ = ["Tracker", "open_trackers"]
