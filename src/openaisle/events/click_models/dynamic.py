"""The dynamic Bayesian network of Chapelle and Zhang (2009), "A Dynamic Bayesian Network Click Model for Web Search
Ranking": what attracts a click may still disappoint, and who is disappointed reads on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaisle.events.click_models.chain import ByChain, Parameters, descending, last_clicks
from openaisle.events.click_models.estimates import STRENGTH, Estimates, shrunk
from openaisle.events.click_models.pages import Floats, Integers, Pages

_ROUNDS = 100
_TOLERANCE = 1e-4
_START = 0.9


@dataclass(frozen=True, slots=True)
class SimplifiedDynamic:
    """Everybody reads on until satisfied, so that all down to the last click was looked at: counting is enough."""

    name: str = "sdbn"

    def fit(self, pages: Pages) -> ByChain:
        last = last_clicks(pages)[pages.page]
        rows = np.arange(pages.impressions)
        clicks = pages.count(pages.clicked)
        attraction = shrunk(pages.pairs, clicks, pages.count((last < 0) | (rows <= last)))
        satisfaction = shrunk(pages.pairs, pages.count(rows == last), clicks)
        return _fitted(self.name, pages, attraction, satisfaction, 1.0)


@dataclass(frozen=True, slots=True)
class Dynamic:
    """Some leave without being satisfied: with `continuation` they look at the next product, estimated with the rest
    by expectation maximisation unless it is stated."""

    continuation: float | None = None
    name: str = "dbn"

    def fit(self, pages: Pages) -> ByChain:
        fitted = SimplifiedDynamic(self.name).fit(pages)
        start = _START if self.continuation is None else self.continuation
        parameters = Parameters(fitted.parameters.attraction, fitted.parameters.satisfaction, start)
        last, clicks = last_clicks(pages), pages.count(pages.clicked)
        for _ in range(_ROUNDS):
            expected = _expectation(pages, parameters, last)
            attraction = shrunk(pages.pairs, clicks, pages.count(expected.looked_at))
            satisfaction = shrunk(pages.pairs, pages.count(expected.satisfied), clicks)
            going_on = expected.continuation if self.continuation is None else self.continuation
            updated = Parameters(attraction.mean, satisfaction.mean, going_on)
            change = _change(parameters, updated)
            parameters = updated
            if change < _TOLERANCE:
                break
        return _fitted(self.name, pages, attraction, satisfaction, parameters.continuation)


@dataclass(frozen=True, slots=True)
class _Expected:
    """For each row how likely it was looked at, and satisfied; and how likely those who could read on did."""

    looked_at: Floats
    satisfied: Floats
    continuation: float


def _expectation(pages: Pages, parameters: Parameters, last: Integers) -> _Expected:
    """What was hidden, given the clicks. Only what stands below the last click of its page is in doubt."""
    rows, first, end = np.arange(pages.impressions), pages.starts[:-1], pages.starts[1:] - 1
    passed_over = 1 - parameters.attraction[pages.pair]
    silent_after = _silent_after(pages, passed_over, parameters.continuation)
    ends_it = np.where(last >= 0, parameters.satisfaction[pages.pair[last]], 0.0)
    evidence = np.where(
        last >= 0, ends_it + (1 - ends_it) * silent_after[last], passed_over[first] * silent_after[first]
    )
    in_doubt = rows > last[pages.page]
    reached = _reached(pages, passed_over, ends_it, last, parameters)
    looked_at = np.where(in_doubt, reached * passed_over * silent_after / evidence[pages.page], 1.0)
    satisfied = np.zeros(pages.impressions)
    satisfied[last[last >= 0]] = (ends_it / evidence)[last >= 0]
    could_go_on = (looked_at - satisfied).sum() - (looked_at - satisfied)[end].sum()
    went_on = looked_at.sum() - looked_at[first].sum()
    return _Expected(looked_at, satisfied, float(went_on + 1.0) / float(could_go_on + 1.0 / _START))


def _silent_after(pages: Pages, passed_over: Floats, continuation: float) -> Floats:
    """For each row the chance of no click below it, given that it was looked at and did not satisfy."""
    after = np.ones(pages.impressions)
    below = np.ones(0)
    for rows in reversed(list(descending(pages))):
        below = np.append(below, np.ones(len(rows) - len(below)))
        after[rows] = below
        below = 1 - continuation + continuation * passed_over[rows] * below
    return after


def _reached(pages: Pages, passed_over: Floats, ends_it: Floats, last: Integers, parameters: Parameters) -> Floats:
    """For each row below the last click of its page, or of a page without one, the chance to be looked at beforehand.

    A sum of logarithms over all rows stands for the products over the rows of each page.
    """
    going_on = np.maximum(passed_over * parameters.continuation, 1e-300)
    logs = np.concatenate(([0.0], np.cumsum(np.log(going_on))))
    begins = np.where(last >= 0, last + 1, pages.starts[:-1])
    first_step = np.where(last >= 0, (1 - ends_it) * parameters.continuation, 1.0)
    reached: Floats = first_step[pages.page] * np.exp(np.minimum(logs[:-1] - logs[begins][pages.page], 0.0))
    return reached


def _change(before: Parameters, after: Parameters) -> float:
    """How far the parameters of all pairs moved on average, and the one that all share."""
    return max(
        float(np.abs(before.attraction - after.attraction).mean()),
        float(np.abs(before.satisfaction - after.satisfaction).mean()),
        abs(before.continuation - after.continuation),
    )


def _fitted(name: str, pages: Pages, attraction: Estimates, satisfaction: Estimates, continuation: float) -> ByChain:
    parameters = Parameters(attraction.mean, satisfaction.mean, continuation)
    return ByChain(name, pages.pairs, parameters, _both(attraction, satisfaction))


def _both(attraction: Estimates, satisfaction: Estimates) -> Estimates:
    """Relevance as Chapelle and Zhang have it: the chance to attract times the chance to satisfy then.

    Known by as many examinations as would give a single share the variance of the product.
    """
    relevance = attraction.mean * satisfaction.mean
    parts = [each.mean * (1 - each.mean) / (each.seen + STRENGTH + 1) for each in (attraction, satisfaction)]
    variance = satisfaction.mean**2 * parts[0] + attraction.mean**2 * parts[1] + parts[0] * parts[1]
    trials = relevance * (1 - relevance) / variance - 1
    return Estimates(relevance, np.clip(trials - STRENGTH, 0.0, attraction.seen))
