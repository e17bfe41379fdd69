"""Which click model a shop's shoppers are like: the one that tells clicks best that it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from openaisle.errors import DataError
from openaisle.events.click_models.cascade import Cascade
from openaisle.events.click_models.dynamic import Dynamic, SimplifiedDynamic
from openaisle.events.click_models.expected_clicks import ClickRate, ExpectedClicks
from openaisle.events.click_models.held_out import HeldOut, divided, held_out
from openaisle.events.click_models.model import ClickModel
from openaisle.events.click_models.pages import Pages
from openaisle.events.click_models.position_based import PositionBased

MODELS: Mapping[str, ClickModel] = MappingProxyType(
    {model.name: model for model in (PositionBased(), Cascade(), SimplifiedDynamic(), Dynamic(), ExpectedClicks())}
)
"""Every model there is, by name."""

BASELINE: ClickModel = ClickRate()

LEAST_PAGES = 20
LEAST_CLICKS = 20


@dataclass(frozen=True, slots=True)
class Scored:
    """A model and how it did on pages that it was not fitted on."""

    model: ClickModel
    held_out: HeldOut


def compared(pages: Pages) -> Sequence[Scored]:
    """All models and the baseline, the best first. Raises `DataError` where the pages are too few to compare on."""
    if not can_compare(pages):
        raise DataError(
            f"{len(pages):,} pages of results with {pages.clicks:,} clicks are too few to learn from.",
            f"Gather at least {LEAST_PAGES} pages and {LEAST_CLICKS} clicks: impressions and clicks with a query_id.",
        )
    learned, unseen = divided(pages)
    scored = [Scored(model, held_out(model.fit(learned), unseen)) for model in (*MODELS.values(), BASELINE)]
    return sorted(scored, key=lambda each: -each.held_out.log_likelihood)


def can_compare(pages: Pages) -> bool:
    return len(pages) >= LEAST_PAGES and pages.clicks >= LEAST_CLICKS


def best(scored: Sequence[Scored]) -> ClickModel:
    """The model to use; the baseline is there to be beaten and never taken."""
    return next(each.model for each in scored if each.model.name in MODELS)
