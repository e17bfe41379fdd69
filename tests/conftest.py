"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# A slow machine is no defect: examples may take as long as they take.
settings.register_profile("openaisle", deadline=None)
settings.load_profile("openaisle")
