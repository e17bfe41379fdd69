"""Whether scikit-learn is there, which models of rewards and of effects need."""

from __future__ import annotations

from importlib.util import find_spec

from openaisle.errors import MissingExtra


def require_scikit_learn() -> None:
    """Raises `MissingExtra` where it is not installed."""
    if find_spec("sklearn") is None:
        raise MissingExtra(
            "Models of rewards and effects need scikit-learn.", 'Run: pip install "openaisle[behaviour]"'
        )
