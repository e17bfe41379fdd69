"""What the inferences promise, simulated: false alarms under peeking, coverage, what CUPED saves, interleaving.

`python -m bench.behaviour.experiments [--runs N]`. Prints the tables; everything follows from the seeds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from openaisle.evaluation.experiments import (
    AlwaysValid,
    Experiment,
    FixedHorizon,
    Inference,
    Metric,
    Outcomes,
    analyse,
)
from openaisle.evaluation.interleaving import Impression, preference, team_draft

Draw = Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]
UNITS = 5_000
"""Units of each variant."""
DRAWS: dict[str, Draw] = {
    "normal": lambda generator, shape: generator.normal(0, 1, shape),
    "click, 3 %": lambda generator, shape: (generator.random(shape) < 0.03).astype(float),
    "order, 0.5 %": lambda generator, shape: (generator.random(shape) < 0.005).astype(float),
    "spend, 10 % lognormal": lambda generator, shape: np.where(
        generator.random(shape) < 0.1, generator.lognormal(3, 1, shape), 0
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    arguments = parser.parse_args()
    peeking(arguments.runs)
    stopping(arguments.runs)
    covering(arguments.runs)
    interleaving(arguments.runs)


def peeking(runs: int) -> None:
    print(
        f"False alarms when looking after every pair of units, {UNITS:,} a variant, alpha 0.05, {runs:,} runs, seed 1"
    )
    print(f"  {'metric':24}{'sequential':>12}{'fixed, peeking':>16}{'fixed, one look':>17}")
    always, fixed = reaches(AlwaysValid(0.05, planned=2 * UNITS)), reaches(FixedHorizon(0.05))
    for name, draw in DRAWS.items():
        z = np.abs(np.vstack([scores(draw, seed, 0.0) for seed in range(1, 1 + max(1, runs // 100))]))
        told = (
            (z > always).any(axis=1).mean(),
            (z[:, 99:] > fixed[99:]).any(axis=1).mean(),
            (z[:, -1] > fixed[-1]).mean(),
        )
        print(f"  {name:24}{told[0]:12.3f}{told[1]:16.3f}{told[2]:17.3f}")


def stopping(runs: int) -> None:
    """What the guarantee costs: how soon an effect of 0.1 standard deviations is seen."""
    print("\nUnits a variant until an effect is seen (normal metric); the fixed test is planned for a power of 0.8")
    always = reaches(AlwaysValid(0.05, planned=2 * UNITS))
    for effect in (0.1, 0.15, 0.2):
        z = np.vstack([scores(DRAWS["normal"], seed, effect) for seed in range(1, 1 + max(1, runs // 100))])
        shifted = np.abs(z + effect / np.sqrt(2 / np.arange(1, UNITS + 1))) > always
        seen = shifted.any(axis=1)
        when = shifted.argmax(axis=1)[seen] + 1
        planned = 2 * ((1.95996 + 0.84162) / effect) ** 2
        print(
            f"  effect {effect:.2f}: seen in {seen.mean():.3f}, median at {np.median(when):,.0f}, fixed {planned:,.0f}"
        )


def scores(draw: Draw, seed: int, effect: float, runs: int = 100) -> NDArray[np.float64]:
    """The difference less the true effect in standard errors, after every pair of units, one row a run."""
    generator = np.random.default_rng(seed)
    count = np.arange(1, UNITS + 1)
    sides = []
    for shift in (0.0, effect):
        values = draw(generator, (runs, UNITS)) + shift
        mean = values.cumsum(axis=1) / count
        variance = ((values**2).cumsum(axis=1) / count - mean**2) * count / np.maximum(count - 1, 1)
        sides.append((mean, np.maximum(variance, 1e-12) / count))
    (control, first), (treated, second) = sides
    return (treated - control - effect) / np.sqrt(first + second)


def reaches(inference: Inference) -> NDArray[np.float64]:
    return np.array([inference.reach(2 * count, count) for count in range(1, UNITS + 1)])


def covering(runs: int) -> None:
    print(f"\nCoverage of 95 % intervals by the analysis itself, 1,000 units, {runs:,} runs (seeds 0 to {runs - 1})")
    metrics = {
        "mean": (Metric("spend"), 0.3),
        "mean with CUPED": (Metric("spend", covariate="before"), 0.3),
        "ratio (delta method)": (Metric("rate", "clicks", per="pages"), 0.03),
        "ratio with CUPED": (Metric("rate", "clicks", per="pages", covariate="past"), 0.03),
    }
    for name, (metric, truth) in metrics.items():
        defined = Experiment("bench", {"a": 1, "b": 1}, metrics=(metric,))
        found = [analyse(defined, outcomes(seed), FixedHorizon()).effects[0] for seed in range(runs)]
        covered = np.mean([each.difference.low <= truth <= each.difference.high for each in found])
        width = np.mean([each.difference.high - each.difference.low for each in found])
        removed = np.mean([each.variance_removed for each in found])
        print(f"  {name:24} covers {covered:.3f}   width {width:.4f}   variance removed {removed:.2f}")


def outcomes(seed: int, units: int = 1_000) -> Outcomes:
    generator = np.random.default_rng(seed)
    variants = generator.integers(0, 2, units)
    before = generator.gamma(2, 5, units)
    pages = generator.poisson(8, units) + 1
    taste = generator.beta(2, 8, units)
    columns = {
        "before": before,
        "spend": before + generator.normal(0, 4, units) + 0.3 * variants,
        "pages": pages.astype(float),
        "past": generator.binomial(40, taste) / 40,
        "clicks": generator.binomial(pages, np.clip(taste + 0.03 * variants, 0, 1)).astype(float),
    }
    return Outcomes(("a", "b"), variants, columns)


def interleaving(runs: int) -> None:
    print(f"\nTeam-draft interleaving, 200 impressions a test, {runs:,} tests (seeds 0 to {runs - 1})")
    for name, liking in (("clicks by place alone", 0.0), ("a better ranking", 0.3)):
        found = [_interleaved(seed, liking) for seed in range(runs)]
        preferred = {team: np.mean([each == team for each in found]) for team in ("old", "new", "")}
        print(f"  {name:24} old {preferred['old']:.3f}   new {preferred['new']:.3f}   neither {preferred['']:.3f}")


def _interleaved(seed: int, liking: float) -> str:
    generator = np.random.default_rng(seed)
    old, new = list("hgfedcba"), list("abcdefgh")
    attention = 0.5 * 0.8 ** np.arange(6)
    impressions = []
    for number in range(200):
        page = team_draft((old, new), ("old", "new"), 6, f"{seed} {number}")
        chance = attention + liking * np.array([product in "ab" for product in page.products])
        clicked = generator.random(6) < chance
        taken = [product for product, click in zip(page.products, clicked, strict=True) if click]
        impressions.append(Impression(str(number), page.credit(taken)))
    return preference(("old", "new"), impressions).preferred


if __name__ == "__main__":
    main()
