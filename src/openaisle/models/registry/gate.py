"""The gate of a promotion: guarded metrics must not fall by more than the recipe allows."""

from __future__ import annotations

from collections.abc import Iterator

from openaisle.errors import PromotionRefused
from openaisle.models.registry.direction import higher_is_better
from openaisle.models.registry.lineage import Lineage

_ROUNDING = 1e-9


def require_no_fall(reference: str, lineage: Lineage) -> None:
    """Raise `PromotionRefused` naming each guarded metric that fell, by how much, and how far it might have."""
    falls = list(_falls(lineage))
    if falls:
        raise PromotionRefused(
            f"{reference} is worse than what it was trained from: {'; '.join(falls)}.",
            "Read its report.html; to promote it all the same, add --force.",
        )


def _falls(lineage: Lineage) -> Iterator[str]:
    for metric, allowed in lineage.guarded.items():
        before, after = lineage.before.get(metric), lineage.after.get(metric)
        if before is None or after is None:
            yield f"{metric} is guarded, but was not measured {'after' if before else 'before'} the training"
            continue
        rises = higher_is_better(metric)
        fall = before.mean - after.mean if rises else after.mean - before.mean
        if not fall <= allowed + _ROUNDING:
            moved = "fell" if rises else "rose"
            yield f"{metric} {moved} by {fall:.4f}, from {before.mean:.4f} to {after.mean:.4f} ({allowed:g} is allowed)"
