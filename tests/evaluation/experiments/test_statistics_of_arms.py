"""The building blocks against independent implementations and worked examples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from openaisle.errors import ExperimentError
from openaisle.evaluation.experiments import Design, benjamini_hochberg, controlled, holm, mean_arm, ratio_arm
from openaisle.evaluation.experiments.sample_ratio import chi_square_tail, sample_ratio


def test_the_variance_of_a_mean_is_the_textbooks() -> None:
    values = np.random.default_rng(0).exponential(2, 500)
    arm = mean_arm(values)
    assert arm.estimate == pytest.approx(values.mean())
    assert arm.variance == pytest.approx(values.var(ddof=1) / 500)


def test_the_variance_of_a_ratio_is_that_of_resampling() -> None:
    generator = np.random.default_rng(1)
    pages = generator.poisson(5, 2_000) + 1.0
    clicks = generator.binomial(pages.astype(int), generator.beta(2, 8, 2_000)).astype(float)
    rows = generator.integers(0, 2_000, (2_000, 2_000))
    resampled = clicks[rows].sum(axis=1) / pages[rows].sum(axis=1)
    arm = ratio_arm(clicks, pages)
    assert arm.estimate == pytest.approx(clicks.sum() / pages.sum())
    assert math.sqrt(arm.variance) == pytest.approx(resampled.std(), rel=0.06)
    # One click more or less per page is not one unit more or less: the naive binomial error is too small.
    naive = math.sqrt(arm.estimate * (1 - arm.estimate) / pages.sum())
    assert math.sqrt(arm.variance) > 1.2 * naive


def test_a_ratio_of_nothing_is_refused() -> None:
    with pytest.raises(ExperimentError, match="denominators"):
        ratio_arm(np.ones(3), np.zeros(3))


def test_cuped_removes_what_the_covariate_foretells_and_no_more() -> None:
    generator = np.random.default_rng(2)
    before = generator.normal(10, 3, 20_000)
    values = before + generator.normal(0, 3, 20_000)
    groups = np.array_split(np.arange(20_000), 2)
    arms = [mean_arm(values[rows]) for rows in groups]
    adjusted = controlled(arms, [before[rows] for rows in groups])
    # The correlation is √½, so half of the variance goes.
    for old, new in zip(arms, adjusted, strict=True):
        assert new.variance / old.variance == pytest.approx(0.5, abs=0.02)
    unrelated = controlled(arms, [generator.normal(size=10_000) for _ in groups])
    assert unrelated[0].variance == pytest.approx(arms[0].variance, rel=0.001)


def test_a_unit_without_a_covariate_counts_as_an_average_one() -> None:
    arms = [mean_arm(np.array([1.0, 2, 3, 4])), mean_arm(np.array([2.0, 3, 4, 9]))]
    missing = [np.array([1.0, 2, np.nan, 5]), np.array([1.0, np.nan, 3, 6])]
    filled = [np.where(np.isnan(each), 3.0, each) for each in missing]
    for one, other in zip(controlled(arms, missing), controlled(arms, filled), strict=True):
        assert one.estimate == other.estimate
        assert one.variance == other.variance
    constant = controlled(arms, [np.full(4, 2.0), np.full(4, np.nan)])
    assert [arm.estimate for arm in constant] == [arm.estimate for arm in arms]


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 10, 99])
def test_the_tail_of_chi_square_is_scipys(freedom: int) -> None:
    chi2 = pytest.importorskip("scipy.stats").chi2
    for statistic in (0.0, 1e-6, 0.3, 2, 10, 60, 200, 2_000):
        assert chi_square_tail(statistic, freedom) == pytest.approx(chi2.sf(statistic, freedom), rel=1e-9, abs=1e-300)


def test_a_sample_that_is_not_what_was_promised() -> None:
    # Worked: 10,000 units, 5,200 to 4,800: (200² / 5000) · 2 = 16 with one degree of freedom.
    assert sample_ratio({"a": 5_200, "b": 4_800}, {"a": 1, "b": 1}).p_value == pytest.approx(math.erfc(math.sqrt(8)))
    assert sample_ratio({"a": 5_200, "b": 4_800}, {"a": 1, "b": 1}).mismatch
    assert not sample_ratio({"a": 5_060, "b": 4_940}, {"a": 1, "b": 1}).mismatch
    assert not sample_ratio({"a": 9_000, "b": 1_000}, {"a": 90, "b": 10}).mismatch


def test_corrections_are_the_worked_examples() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == benjamini_hochberg([]) == []


def test_benjamini_hochberg_is_scipys() -> None:
    control = pytest.importorskip("scipy.stats").false_discovery_control
    p = np.random.default_rng(3).uniform(0, 1, 50) ** 3
    assert benjamini_hochberg(p.tolist()) == pytest.approx(control(p).tolist())


def test_power_is_what_a_simulation_sees() -> None:
    design = Design(deviation=2.0)
    units = design.units(effect=0.25)
    # Worked: 4 · (1.95996 + 0.84162)² · 4 / 0.0625 = 2009.3
    assert units == 2_010
    assert design.power(0.25, units) == pytest.approx(0.8, abs=0.001)
    assert design.detectable(units) == pytest.approx(0.25, rel=0.001)
    generator = np.random.default_rng(4)
    half = units // 2
    control, treated = (generator.normal(shift, 2, (2_000, half)) for shift in (0, 0.25))
    error = np.sqrt(control.var(axis=1, ddof=1) / half + treated.var(axis=1, ddof=1) / half)
    seen = np.abs(treated.mean(axis=1) - control.mean(axis=1)) / error > 1.96
    assert seen.mean() == pytest.approx(0.8, abs=0.03)


def test_a_covariate_and_an_even_split_save_units() -> None:
    assert Design(1, correlation=math.sqrt(0.5)).units(0.1) == pytest.approx(Design(1).units(0.1) / 2, abs=1)
    assert Design(1, share=0.1).units(0.1) > 2 * Design(1).units(0.1)
    assert Design(1).power(0, 1_000) == pytest.approx(0.05)
