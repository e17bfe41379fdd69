"""Estimates on logs whose truth is known: intervals that cover it, and what each estimator forgives."""

from __future__ import annotations

import numpy as np
import pytest

from openaisle.evaluation.off_policy import Bootstrap, Decisions, TargetPolicy, evaluate, ips, predicted, snips
from openaisle.evaluation.off_policy.decisions import Values

pytest.importorskip("sklearn")

ACTIONS, FEATURES = 4, 2
TASTE = np.array([[1.0, -1.0, 0.5, 0.0], [0.0, 0.8, -0.8, 0.3]])
HABIT = np.array([[-0.5, 0.5, 0.0, 0.5], [0.8, 0.0, 0.3, -0.5]])


def softmax(scores: Values) -> Values:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def chances(context: Values) -> Values:
    return 1 / (1 + np.exp(1 - context @ TASTE - np.sin(3 * context[:, :1])))


def wanted(context: Values) -> Values:
    return softmax(1.2 * context @ TASTE)


def truth() -> float:
    context = np.random.default_rng(99).normal(size=(400_000, FEATURES))
    return float((wanted(context) * chances(context)).sum(axis=1).mean())


def log(seed: int, count: int = 800) -> tuple[Decisions, TargetPolicy]:
    generator = np.random.default_rng(seed)
    context = generator.normal(size=(count, FEATURES))
    probabilities = 0.05 + 0.8 * softmax(context @ HABIT)
    actions = (probabilities.cumsum(axis=1) < generator.random((count, 1))).sum(axis=1).clip(0, ACTIONS - 1)
    rows = np.arange(count)
    rewards = (generator.random(count) < chances(context)[rows, actions]).astype(float)
    decisions = Decisions(rewards, probabilities[rows, actions], actions, tuple("abcd"), context)
    return decisions, TargetPolicy(wanted(context), rows)


def test_intervals_cover_the_truth_at_least_93_of_100_times() -> None:
    value = truth()
    covered = dict.fromkeys(("ips", "snips", "dr"), 0)
    for seed in range(100):
        found = evaluate(*log(seed))
        for name in covered:
            estimate = found.estimates[name].value
            covered[name] += estimate.low <= value <= estimate.high
    assert min(covered.values()) >= 93, covered


def test_bootstrap_intervals_cover_too() -> None:
    value = truth()
    covered = {"ips": 0, "snips": 0}
    for seed in range(300):
        decisions, target = log(seed, 400)
        weights = target.of_logged(decisions) / decisions.propensities
        for name, terms in (("ips", ips(decisions.rewards, weights)), ("snips", snips(decisions.rewards, weights))):
            estimate, _ = Bootstrap(300).of(terms, decisions.rewards)
            covered[name] += estimate.low <= value <= estimate.high
    assert min(covered.values()) / 300 >= 0.92, covered


class Wrong:
    """A reward model that is badly wrong."""

    def fit(self, features: object, rewards: Values) -> None: ...

    def predict(self, features: Values) -> Values:
        return np.full(features.shape[0], 0.9)


def test_dr_forgives_a_wrong_model_which_the_direct_method_does_not() -> None:
    value = truth()
    found = [evaluate(*log(seed), make=Wrong).estimates for seed in range(40)]
    assert np.mean([each["dm"].value.mean for each in found]) == pytest.approx(0.9)
    assert np.mean([each["dr"].value.mean for each in found]) == pytest.approx(value, abs=0.02)


def test_dr_is_sharper_than_weights_alone_and_knows_the_gain() -> None:
    found = evaluate(*log(0, 3_000))
    widths = {name: each.value.high - each.value.low for name, each in found.estimates.items()}
    assert widths["dr"] < widths["ips"]
    dr = found.estimates["dr"]
    assert dr.gain.low > 0
    assert dr.gain.mean == pytest.approx(dr.value.mean - found.logged.mean)
    assert found.overlap.unseen == 0


def test_no_decision_foretells_itself() -> None:
    """With pure noise for rewards, foretelling what was fitted would look better than chance."""
    decisions, target = log(1, 600)
    noise = np.random.default_rng(5).normal(size=600)
    blind = Decisions(noise, decisions.propensities, decisions.actions, decisions.names,
                      np.eye(600)[:, :300])  # fmt: skip
    foretold = predicted(blind, target)
    assert abs(np.corrcoef(foretold.logged, noise)[0, 1]) < 0.12
    assert predicted(blind, target).logged.tolist() == foretold.logged.tolist()


def test_rewards_that_never_come_are_no_fault() -> None:
    decisions, target = log(2, 300)
    silent = Decisions(np.zeros(300), decisions.propensities, decisions.actions, decisions.names, decisions.context)
    for each in evaluate(silent, target).estimates.values():
        assert each.value.mean == pytest.approx(0)
