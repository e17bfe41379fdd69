"""How well a click model tells clicks that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaisle.errors import DataError
from openaisle.events.click_models.model import Fitted
from openaisle.events.click_models.pages import Floats, Pages

_EVERY = 5
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class HeldOut:
    """`log_likelihood` is a page's mean, the clicks above being known at each product.

    `perplexity` is the mean over positions (Dupret and Piwowarski, 2008): 1 for a clairvoyant, 2 for a coin;
    `by_position` has it for each.
    """

    log_likelihood: float
    perplexity: float
    by_position: Floats


def held_out(fitted: Fitted, pages: Pages) -> HeldOut:
    """Raises `DataError` where there are no pages."""
    if not len(pages):
        raise DataError("There are no pages to measure a click model on.", "Gather more events.")
    likelihood = _log_chances(fitted.given_above(pages), pages).sum() / len(pages)
    bits = -_log_chances(fitted.probabilities(pages), pages) / np.log(2)
    place = pages.position - 1
    shown = np.bincount(place)
    by_position = 2.0 ** (np.bincount(place, bits) / np.maximum(shown, 1))
    return HeldOut(float(likelihood), float(by_position[shown > 0].mean()), by_position)


def divided(pages: Pages) -> tuple[Pages, Pages]:
    """Pages to fit on, and every fifth page of each query to measure on."""
    order = np.argsort(pages.query, kind="stable")
    sizes = np.bincount(pages.query, minlength=len(pages.pairs.queries))
    turn = np.empty(len(pages), np.int64)
    turn[order] = np.arange(len(pages)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    measured = turn % _EVERY == _EVERY - 1
    return pages.where(~measured), pages.where(measured)


def _log_chances(chances: Floats, pages: Pages) -> Floats:
    """Of what happened at each row."""
    happened = np.where(pages.clicked, chances, 1 - chances)
    logs: Floats = np.log(np.clip(happened, _LEAST, 1.0))
    return logs
