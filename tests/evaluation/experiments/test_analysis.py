from __future__ import annotations

import math
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

from openaisle.evaluation.experiments import (
    AlwaysValid,
    Experiment,
    FixedHorizon,
    Metric,
    Outcomes,
    analyse,
    looks,
)
from openaisle.evaluation.experiments.html import as_html

SPEND = Metric("spend", covariate="before")
RATE = Metric("click rate", "clicks", per="pages")
RETURNS = Metric("returns", better="lower")


def simulated(seed: int, effect: float, units: int = 4_000, weights: tuple[float, ...] = (0.5, 0.5)) -> Outcomes:
    """Two or more variants, the last of which adds `effect` to spend, returns and (a tenth) to the click rate."""
    generator = np.random.default_rng(seed)
    variants = generator.choice(len(weights), units, p=weights)
    gain = effect * (variants == len(weights) - 1)
    before = generator.gamma(2, 5, units)
    pages = generator.poisson(8, units) + 1.0
    chance = np.clip(generator.beta(2, 18, units) + gain / 10, 0, 1)
    columns = {
        "before": before,
        "spend": before + generator.normal(0, 4, units) + gain,
        "pages": pages,
        "clicks": generator.binomial(pages.astype(int), chance).astype(float),
        "returns": generator.normal(1, 1, units) + gain,
    }
    return Outcomes(tuple("abcdef"[: len(weights)]), variants, columns)


def experiment(*metrics: Metric, **more: object) -> Experiment:
    return Experiment("e", more.pop("variants", {"a": 1, "b": 1}), metrics=metrics, **more)  # type: ignore[arg-type]


def test_effects_come_with_their_intervals_and_a_verdict() -> None:
    analysis = analyse(experiment(SPEND, RATE, RETURNS), simulated(2, 0.6), FixedHorizon())
    spend, rate, returns = analysis.effects
    assert spend.difference.low < 0.6 < spend.difference.high
    assert rate.difference.low < 0.06 < rate.difference.high
    assert [effect.verdict for effect in analysis.effects] == ["better", "better", "worse"]
    assert returns.lift is not None
    assert returns.lift.mean == pytest.approx(returns.treatment / returns.control - 1)
    assert spend.variance_removed == pytest.approx(50 / 66, abs=0.03)
    assert analysis.notices == ()


def test_cuped_changes_the_certainty_and_not_the_effect() -> None:
    plain, adjusted = (
        np.array([analyse(experiment(metric), simulated(seed, 0.3, 1_000), FixedHorizon()).effects[0].difference.mean
                  for seed in range(200)])
        for metric in (Metric("spend"), SPEND)
    )  # fmt: skip
    assert adjusted.mean() == pytest.approx(0.3, abs=0.06)
    assert adjusted.std() < 0.65 * plain.std()


@pytest.mark.parametrize("metric", [SPEND, RATE, RETURNS])
@pytest.mark.parametrize("effect", [0.0, 0.4])
def test_intervals_cover_the_truth_as_often_as_they_say(metric: Metric, effect: float) -> None:
    truth = effect / 10 if metric is RATE else effect
    covered = 0
    for seed in range(300):
        found = analyse(experiment(metric), simulated(1_000 + seed, effect, 600), FixedHorizon()).effects[0]
        covered += found.difference.low <= truth <= found.difference.high
    assert 0.92 <= covered / 300 <= 0.98


def test_a_lift_covers_its_truth_and_is_left_out_where_the_control_may_be_nothing() -> None:
    covered = 0
    for seed in range(300):
        lift = analyse(experiment(RETURNS), simulated(seed, 0.3, 600), FixedHorizon()).effects[0].lift
        assert lift is not None
        covered += lift.low <= 0.3 <= lift.high
    assert 0.92 <= covered / 300 <= 0.98
    centred = simulated(0, 0.0)
    centred.columns["returns"][:] -= centred.columns["returns"].mean()  # type: ignore[index]
    assert analyse(experiment(RETURNS), centred, FixedHorizon()).effects[0].lift is None


def test_holm_keeps_false_alarms_rare_among_many_effects() -> None:
    variants = {"a": 1, "b": 1, "c": 1}
    metrics = tuple(Metric(f"m{number}") for number in range(8))
    alarms = {"holm": 0, "none": 0}
    for seed in range(200):
        generator = np.random.default_rng(seed)
        columns = {metric.name: generator.normal(size=600) for metric in metrics}
        outcomes = Outcomes(tuple(variants), generator.integers(0, 3, 600), columns)
        for correction in alarms:
            found = analyse(experiment(*metrics, variants=variants, correction=correction), outcomes, FixedHorizon())
            alarms[correction] += any(effect.verdict != "unclear" for effect in found.effects)
    assert alarms["holm"] / 200 <= 0.08
    assert alarms["none"] / 200 > 0.35


def test_a_broken_sample_and_a_small_one_are_told() -> None:
    broken = analyse(experiment(RETURNS), simulated(0, 0, weights=(0.55, 0.45)), FixedHorizon())
    assert broken.sample_ratio.mismatch
    assert "Sample ratio mismatch" in broken.notices[0]
    small = analyse(experiment(RETURNS), simulated(0, 0, 60), FixedHorizon())
    assert "Fewer than 100 units in a, b" in small.notices[0]


def test_looks_follow_the_order_of_arrival_and_never_lose_what_was_seen() -> None:
    chosen = experiment(RETURNS, planned_units=4_000)
    told = looks(chosen, simulated(5, 0.3), AlwaysValid(0.05, 4_000), count=10)
    assert [look.units for look in told] == list(range(400, 4_001, 400))
    assert all(new.p_value <= old.p_value for old, new in pairwise(told))
    final = analyse(chosen, simulated(5, 0.3), AlwaysValid(0.05, 4_000)).effects[0]
    assert told[-1].difference == final.difference
    assert told[0].difference.high - told[0].difference.low > final.difference.high - final.difference.low


def test_constants_are_no_news() -> None:
    same = Outcomes(("a", "b"), np.array([0, 0, 1, 1]), {"returns": np.ones(4)})
    effect = analyse(experiment(RETURNS), same, FixedHorizon()).effects[0]
    assert (effect.p_value, effect.difference.low, effect.difference.high) == (1.0, 0.0, 0.0)
    unseen = analyse(experiment(RETURNS), same, AlwaysValid()).effects[0]
    assert unseen.p_value == 1.0
    assert math.isinf(unseen.difference.high)


def test_a_page_holds_every_effect_and_trusts_no_name() -> None:
    evil = Metric("<script>alert(1)</script>", "returns")
    analysis = analyse(experiment(evil, SPEND), simulated(0, 0.5), FixedHorizon())
    page = as_html(analysis, looks(experiment(SPEND), simulated(0, 0.5), AlwaysValid()))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "Looks" in page
    assert "http" not in page
    HTMLParser().feed(page)
