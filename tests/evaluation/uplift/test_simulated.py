"""Learners and measures on trials whose effects are known."""

from __future__ import annotations

import numpy as np
import pytest

from openaisle.errors import ExperimentError
from openaisle.evaluation.table import Numbers
from openaisle.evaluation.uplift import (
    DRLearner,
    Learner,
    Regressor,
    TLearner,
    Trial,
    XLearner,
    adjusted_effect,
    average_effect,
    deciles,
    measure_uplift,
    qini,
    score_new,
)

pytest.importorskip("sklearn")


def linear() -> Regressor:
    from sklearn.linear_model import LinearRegression

    model: Regressor = LinearRegression()
    return model


def effects(features: Numbers) -> Numbers:
    """Half of the effect is the same for all; its mean is 0.5."""
    return 0.5 + features[:, 0]


def simulated(seed: int, count: int = 3_000, share: float = 0.5, noise: float = 2.0) -> Trial:
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(count, 3))
    treated = generator.random(count) < share
    outcomes = 3 * features[:, 1] + effects(features) * treated + generator.normal(0, noise, count)
    return Trial.of(features, treated, outcomes)


@pytest.mark.parametrize("learner", [TLearner(linear), XLearner(linear), DRLearner(linear)])
@pytest.mark.parametrize("share", [0.5, 0.15])
def test_a_learner_finds_who_is_moved(learner: Learner, share: float) -> None:
    fresh = np.random.default_rng(9).normal(size=(1_000, 3))
    found = score_new(simulated(0, 6_000, share), fresh, learner)
    assert np.corrcoef(found, effects(fresh))[0, 1] > 0.95
    assert found.mean() == pytest.approx(effects(fresh).mean(), abs=0.2)


@pytest.mark.parametrize("learner", [TLearner(linear), XLearner(linear), DRLearner(linear)])
def test_a_learner_must_be_fitted_first(learner: Learner) -> None:
    with pytest.raises(ValueError, match="not been fitted"):
        learner.predict(np.zeros((1, 3)))


def test_average_effects_cover_the_truth_and_models_take_out_chance() -> None:
    covered = {"plain": 0, "adjusted": 0}
    widths = {"plain": 0.0, "adjusted": 0.0}
    for seed in range(200):
        trial = simulated(seed, 500, share=0.3)
        for name, found in (("plain", average_effect(trial).effect), ("adjusted", adjusted_effect(trial, linear))):
            covered[name] += found.low <= 0.5 <= found.high
            widths[name] += found.high - found.low
    assert min(covered.values()) / 200 >= 0.92, covered
    assert widths["adjusted"] < 0.75 * widths["plain"]


def test_qini_of_the_true_order_is_the_area_that_can_be_worked_out() -> None:
    """With effects of 0.5 + N(0, 1) the area is the mean over shares of the normal density at the cut: 1 / (2 √π)."""
    trial = simulated(1, 60_000, noise=0.5)
    found = qini(effects(trial.features), trial, resamples=200)
    truth = 1 / (2 * np.sqrt(np.pi))
    assert found.coefficient.mean == pytest.approx(truth, abs=0.03)
    assert found.coefficient.low < truth < found.coefficient.high
    assert (found.shares[0], found.gains[0], found.shares[-1]) == (0, 0, 1)
    assert found.gains[-1] == pytest.approx(average_effect(trial).effect.mean)


def test_qini_by_hand() -> None:
    # Best first: treated 1, control 0, treated 1, control 1, each with a score of its own.
    trial = Trial(np.zeros((4, 1)), np.array([True, False, True, False]), np.array([1.0, 0, 1, 1]), 0.5)
    found = qini(np.array([4.0, 3, 2, 1]), trial, resamples=2)
    assert np.interp([0.25, 0.5, 0.75, 1], found.shares, found.gains) == pytest.approx([0.5, 0.5, 1, 0.5], abs=0.01)
    # trapezes: 0.25·(0.25 + 0.5 + 0.75 + 0.75), less half of the end
    assert found.coefficient.mean == pytest.approx(0.5625 - 0.25)


def test_an_order_that_means_nothing_has_no_area() -> None:
    trial = simulated(2)
    assert qini(np.zeros(len(trial)), trial, resamples=50).coefficient.mean == pytest.approx(0)
    covered = 0
    for seed in range(100):
        trial = simulated(seed, 400)
        value = qini(np.random.default_rng(seed).random(400), trial, resamples=200).coefficient
        covered += value.low <= 0 <= value.high
    assert covered >= 90
    worst = qini(-effects(trial.features), trial, resamples=200).coefficient
    assert worst.high < 0


def test_the_interval_is_repeatable() -> None:
    trial = simulated(3, 500)
    assert qini(trial.features[:, 0], trial, 50) == qini(trial.features[:, 0], trial, 50)


def test_deciles_fall_as_foretold() -> None:
    trial = simulated(4, 20_000)
    found = deciles(effects(trial.features), trial)
    assert [each.number for each in found] == list(range(1, 11))
    assert sum(each.units for each in found) == len(trial)
    covered = [each.effect is not None and each.effect.low <= each.predicted <= each.effect.high for each in found]
    assert sum(covered) >= 8
    assert found[0].predicted > found[-1].predicted
    one_sided = Trial(np.zeros((20, 1)), np.arange(20) < 10, np.ones(20), 0.5)
    assert all(each.effect is None for each in deciles(-np.arange(20.0), one_sided))


def test_learners_are_measured_where_they_did_not_learn() -> None:
    trial = simulated(5, 2_000)
    found = measure_uplift(trial, {"t": lambda: TLearner(linear)}, held_out=0.25)
    assert (found.learned_from, found.held_out) == (1_500, 500)
    assert found.learners["t"].qini.coefficient.low > 0
    # pure noise in many columns: what was fitted would seem to be worth something
    generator = np.random.default_rng(6)
    noise = Trial.of(generator.normal(size=(600, 150)), generator.random(600) < 0.5, generator.normal(size=600))
    value = measure_uplift(noise, {"t": lambda: TLearner(linear)}).learners["t"].qini.coefficient
    assert value.low < 0 < value.high


def test_a_split_keeps_both_sides_and_loses_nobody() -> None:
    trial = simulated(7, 1_001, share=0.2)
    learned, measured = trial.split(0.4, seed=3)
    assert len(learned) + len(measured) == 1_001
    assert measured.treated.sum() == round(0.4 * trial.treated.sum())
    assert learned.share == measured.share == trial.share


def test_a_trial_needs_both_sides_and_numbers() -> None:
    with pytest.raises(ExperimentError, match="0 control units"):
        Trial.of(np.zeros((100, 1)), np.ones(100, dtype=bool), np.zeros(100))
    with pytest.raises(ExperimentError, match="no finite number"):
        Trial.of(np.zeros((200, 1)), np.arange(200) < 100, np.full(200, np.nan))
