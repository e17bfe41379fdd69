from __future__ import annotations

import numpy as np
import pytest

from openaisle.evaluation import bootstrap, randomization_test

NORMAL = np.random.default_rng(0).normal(0.5, 0.1, 400)


def test_interval_is_that_of_the_normal_approximation() -> None:
    estimate = bootstrap(NORMAL)
    half = 1.96 * NORMAL.std() / np.sqrt(NORMAL.size)
    assert estimate.mean == pytest.approx(NORMAL.mean())
    assert estimate.low == pytest.approx(NORMAL.mean() - half, abs=0.002)
    assert estimate.high == pytest.approx(NORMAL.mean() + half, abs=0.002)


def test_it_is_repeatable_and_follows_its_seed() -> None:
    assert bootstrap(NORMAL) == bootstrap(NORMAL)
    assert bootstrap(NORMAL, seed=1) != bootstrap(NORMAL, seed=2)


def test_many_queries_are_drawn_in_blocks() -> None:
    values = np.random.default_rng(1).random(50_000)
    assert bootstrap(values, resamples=300).low < values.mean() < bootstrap(values, resamples=300).high


@pytest.mark.parametrize("values", [[], [0.3], [0.3, 0.3]])
def test_degenerate_samples_have_no_width(values: list[float]) -> None:
    estimate = bootstrap(np.array(values))
    assert estimate.low == estimate.high == estimate.mean == pytest.approx(values[0] if values else 0)


def test_randomization_knows_chance_from_effect() -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, 200)
    assert randomization_test(noise - noise.mean()) > 0.9
    assert randomization_test(noise + 0.1) < 0.001
    assert randomization_test(np.zeros(50)) == 1
    assert randomization_test(np.array([])) == 1


def test_randomization_is_exact_on_few_queries() -> None:
    # Of the 16 sign patterns of four equal differences, two are as extreme as the one observed.
    assert randomization_test(np.ones(4)) == pytest.approx(2 / 16, abs=0.01)
