"""The estimators by worked examples, by what they promise, and beside obp where that is installed."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from openaisle.errors import ExperimentError
from openaisle.evaluation.off_policy import (
    Bootstrap,
    Decisions,
    Normal,
    Predicted,
    TargetPolicy,
    direct_method,
    doubly_robust,
    evaluate_logged,
    ips,
    overlap,
    snips,
    uniform,
)

REWARDS = np.array([1.0, 0.0, 1.0, 0.0])
WEIGHTS = np.array([2.0, 0.5, 1.0, 0.5])
FORETOLD = Predicted(logged=np.array([0.5, 0.5, 0.25, 0.25]), expected=np.array([0.4, 0.4, 0.3, 0.3]))


def test_worked_example() -> None:
    assert ips(REWARDS, WEIGHTS).value == pytest.approx(3 / 4)
    assert snips(REWARDS, WEIGHTS).value == pytest.approx(3 / 4)
    assert direct_method(FORETOLD).value == pytest.approx(0.35)
    # 0.35 + (2·0.5 − 0.5·0.5 + 1·0.75 − 0.5·0.25) / 4
    assert doubly_robust(REWARDS, WEIGHTS, FORETOLD).value == pytest.approx(0.35 + 1.375 / 4)
    assert snips(REWARDS, 2 * WEIGHTS).value == pytest.approx(3 / 4)
    assert ips(REWARDS, 2 * WEIGHTS).value == pytest.approx(3 / 2)


def test_overlap_worked_example() -> None:
    found = overlap(WEIGHTS)
    assert found.effective_sample_size == pytest.approx(16 / 5.5)
    assert (found.largest_weight, found.largest_share, found.mean_weight.mean) == (2.0, 0.5, 1.0)
    notices = " ".join(found.notices())
    assert "worth 3 decisions" in notices
    assert "50% of all weight" in notices


def test_the_logged_policy_evaluates_to_what_it_earned() -> None:
    rewards = np.random.default_rng(0).random(500)
    propensities = np.random.default_rng(1).uniform(0.1, 1, 500)
    found = evaluate_logged(rewards, propensities, propensities)
    for each in found.estimates.values():
        assert each.value == found.logged
        assert each.gain.mean == pytest.approx(0)
        assert each.gain.high - each.gain.low == pytest.approx(0, abs=1e-12)
    assert found.overlap.effective_sample_size == pytest.approx(500)
    assert found.notices == ()


def test_the_two_intervals_agree_on_much_data() -> None:
    generator = np.random.default_rng(2)
    rewards, weights = generator.random(3_000), generator.exponential(1, 3_000)
    for terms in (ips(rewards, weights), snips(rewards, weights)):
        for normal, drawn in zip(Normal().of(terms, rewards), Bootstrap(2_000).of(terms, rewards), strict=True):
            assert drawn.low == pytest.approx(normal.low, abs=0.004)
            assert drawn.high == pytest.approx(normal.high, abs=0.004)
            assert drawn.mean == normal.mean
    assert Bootstrap(50).of(terms, rewards) == Bootstrap(50).of(terms, rewards)


def test_what_the_logging_policy_never_does_is_told() -> None:
    generator = np.random.default_rng(3)
    taken = generator.integers(0, 2, 2_000)
    # The target policy spends half of its decisions on a third action that was never logged.
    target = np.array([0.25, 0.25])[taken]
    found = evaluate_logged(generator.random(2_000), np.full(2_000, 0.5), target)
    assert found.overlap.mean_weight.mean == pytest.approx(0.5)
    assert any("Weights average 0.500" in notice for notice in found.notices)


@pytest.mark.parametrize("propensity", [0.0, -0.1, 1.1, np.nan])
def test_a_propensity_that_is_no_probability_is_refused(propensity: float) -> None:
    propensities = np.array([0.5, propensity])
    with pytest.raises(ExperimentError, match="Decision 2 has the propensity"):
        evaluate_logged(np.ones(2), propensities, np.ones(2))
    with pytest.raises(ExperimentError, match="Decision 2 has the propensity"):
        Decisions(np.ones(2), propensities, np.zeros(2, dtype=int), ("a",), np.zeros((2, 0)))


@pytest.mark.parametrize(("table", "says"), [([[0.5, 0.4]], r"sum to 0\.9"), ([[1.5, -0.5]], "less than 0")])
def test_a_target_policy_must_be_one(table: list[list[float]], says: str) -> None:
    with pytest.raises(ExperimentError, match=says):
        TargetPolicy(np.array(table), np.zeros(3, dtype=int))


def test_a_reward_must_be_a_number() -> None:
    with pytest.raises(ExperimentError, match="no finite number"):
        Decisions(np.array([np.nan]), np.ones(1), np.zeros(1, dtype=int), ("a",), np.zeros((1, 0)))
    with pytest.raises(ExperimentError, match="target probability"):
        evaluate_logged(np.ones(1), np.ones(1), np.array([np.nan]))


def test_estimates_are_those_of_obp() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = pytest.importorskip("obp.ope")
    generator = np.random.default_rng(4)
    count, actions = 400, 5
    taken = generator.integers(0, actions, count)
    rewards = generator.binomial(1, 0.3, count).astype(float)
    propensities = generator.uniform(0.1, 0.5, count)
    wanted = generator.dirichlet(np.ones(actions), count)
    foretold = generator.random((count, actions))
    decisions = Decisions(rewards, propensities, taken, tuple("abcde"), np.zeros((count, 0)))
    weights = TargetPolicy(wanted, np.arange(count)).of_logged(decisions) / propensities
    mine = Predicted(foretold[np.arange(count), taken], (foretold * wanted).sum(axis=1))
    given = {"action_dist": wanted[:, :, None], "position": np.zeros(count, dtype=int)}
    logged = {"reward": rewards, "action": taken, "pscore": propensities}
    model = {"estimated_rewards_by_reg_model": foretold[:, :, None]}
    for terms, theirs in (
        (ips(rewards, weights), reference.InverseProbabilityWeighting().estimate_policy_value(**logged, **given)),
        (snips(rewards, weights), reference.SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**logged, **given)),
        (direct_method(mine), reference.DirectMethod().estimate_policy_value(**given, **model)),
        (doubly_robust(rewards, weights, mine), reference.DoublyRobust().estimate_policy_value(**logged, **given, **model)),
    ):  # fmt: skip
        assert terms.value == pytest.approx(theirs, rel=1e-9)


def test_uniform_takes_every_action_of_the_log() -> None:
    decisions = Decisions(REWARDS, np.full(4, 0.5), np.array([0, 1, 0, 1]), ("a", "b"), np.zeros((4, 0)))
    assert uniform(decisions).of_logged(decisions).tolist() == [0.5] * 4
