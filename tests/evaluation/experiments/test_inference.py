"""What the two inferences promise, simulated: false alarms when peeking at every unit, coverage at all times at once."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from openaisle.evaluation.experiments import AlwaysValid, FixedHorizon, Inference

UNITS, RUNS = 4_000, 400
Draw = Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]
DRAWS: dict[str, Draw] = {
    "normal": lambda generator, shape: generator.normal(0, 1, shape),
    "rare click": lambda generator, shape: (generator.random(shape) < 0.03).astype(float),
    "skewed spend": lambda generator, shape: np.where(
        generator.random(shape) < 0.1, generator.lognormal(3, 1, shape), 0
    ),
}


def scores(draw: Draw, seed: int, effect: float = 0.0) -> NDArray[np.float64]:
    """The difference less the true effect in standard errors, after every pair of units, one row a run."""
    generator = np.random.default_rng(seed)
    count = np.arange(1, UNITS + 1)
    sums = []
    for shift in (0.0, effect):
        values = draw(generator, (RUNS, UNITS)) + shift
        mean = values.cumsum(axis=1) / count
        variance = np.maximum((values**2).cumsum(axis=1) / count - mean**2, 1e-12) * count / np.maximum(count - 1, 1)
        sums.append((mean, variance / count))
    (control, first), (treated, second) = sums
    return (treated - control - effect) / np.sqrt(first + second)


def reaches(inference: Inference) -> NDArray[np.float64]:
    return np.array([inference.reach(2 * count, count) for count in range(1, UNITS + 1)])


@pytest.mark.parametrize("name", list(DRAWS))
def test_peeking_at_every_unit_raises_no_more_than_the_stated_alarms(name: str) -> None:
    z = np.abs(scores(DRAWS[name], seed=1))
    always = (z > reaches(AlwaysValid(0.05, planned=4_000))).any(axis=1).mean()
    assert always <= 0.05
    # and the very same data fool a fixed-horizon test that peeks
    fixed = (z[:, 99:] > reaches(FixedHorizon(0.05))[99:]).any(axis=1).mean()
    assert fixed > 0.2


def test_the_interval_covers_the_truth_at_all_times_at_once() -> None:
    z = np.abs(scores(DRAWS["skewed spend"], seed=2, effect=1.0))
    assert (z <= reaches(AlwaysValid(0.05, planned=2_000))).all(axis=1).mean() >= 0.95


def test_one_look_covers_as_often_as_it_says() -> None:
    z = np.abs(scores(DRAWS["normal"], seed=3)[:, -1])
    assert (z <= FixedHorizon(0.05).reach(2 * UNITS, UNITS)).mean() == pytest.approx(0.95, abs=0.025)


def test_an_effect_is_seen_early_in_spite_of_the_guarantee() -> None:
    z = scores(DRAWS["normal"], seed=4, effect=0.2)
    shift = 0.2 / np.sqrt(2 / np.arange(1, UNITS + 1))
    stopped = np.abs(z + shift) > reaches(AlwaysValid(0.05, planned=4_000))
    assert stopped.any(axis=1).mean() > 0.99
    assert np.median(stopped.argmax(axis=1)) < UNITS / 3


@pytest.mark.parametrize("inference", [FixedHorizon(0.05), AlwaysValid(0.05), AlwaysValid(0.01, planned=500)])
def test_p_value_and_interval_tell_the_same(inference: FixedHorizon | AlwaysValid) -> None:
    reach = inference.reach(2_000, 1_000)
    assert inference.p_value(reach, 2_000, 1_000) == pytest.approx(inference.alpha)
    assert inference.p_value(-reach, 2_000, 1_000) == pytest.approx(inference.alpha)
    assert inference.p_value(0, 2_000, 1_000) == 1.0
    assert inference.p_value(math.inf, 2_000, 1_000) == 0.0


def test_nothing_is_said_of_a_handful_of_units() -> None:
    assert AlwaysValid().reach(150, 50) == math.inf
    assert AlwaysValid().p_value(50.0, 150, 50) == 1.0


def test_the_sequence_is_tightest_where_it_was_planned_to_be() -> None:
    widths = {planned: AlwaysValid(0.05, planned).reach(10_000, 5_000) for planned in (1_000, 10_000, 100_000)}
    assert min(widths, key=lambda planned: widths[planned]) == 10_000
    # Theorem 2.2's boundary at its best is about 1.55 times the width of a single look
    assert widths[10_000] == pytest.approx(3.0, abs=0.1)
