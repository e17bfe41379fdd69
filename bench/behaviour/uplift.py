"""Uplift on the Hillstrom e-mail trial: average effects, Qini on a held-out half, uplift by decile.

`python -m bench.behaviour.uplift [FILE]`: FILE is hillstrom.csv.gz. Prints the tables.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from openaisle.evaluation.uplift import Trial, Uplift, measure_uplift, read_trials

DATA = Path(__file__).parents[3] / "shared" / "data" / "ads" / "hillstrom.csv.gz"
FEATURES = ["recency", "history", "history_segment", "mens", "womens", "zip_code", "newbie", "channel"]
CONTROL = "No E-Mail"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=DATA)
    parser.add_argument("--seeds", type=int, default=1, help="splits to measure on")
    arguments = parser.parse_args()
    for outcome in ("visit", "conversion", "spend"):
        trials, _ = read_trials(arguments.file, CONTROL, FEATURES, called={"treatment": "segment", "outcome": outcome})
        for arm, trial in trials.items():
            shown(outcome, arm, trial, arguments.seeds)


def shown(outcome: str, arm: str, trial: Trial, seeds: int) -> None:
    print(f"\n{outcome}: {arm} against {CONTROL}")
    for seed in range(seeds):
        found = measure_uplift(trial, seed=seed)
        if seed == 0:
            average(found)
        print(f"  held-out half of seed {seed}, {found.held_out:,} units")
        for name, measured in found.learners.items():
            value = measured.qini.coefficient
            print(f"    {name:3} Qini {1_000 * value.mean:+8.3f} [{1_000 * value.low:+.3f}, {1_000 * value.high:+.3f}] "
                  f"per 1,000 units  {'above 0' if value.low > 0 else ''}")  # fmt: skip
    tenths = "  ".join(
        "–" if each.effect is None else f"{each.effect.mean:+.3f}" for each in found.learners["dr"].deciles
    )
    print(f"  by decile of the DR-learner: {tenths}")


def average(found: Uplift) -> None:
    plain, adjusted = found.average.effect, found.adjusted
    print(f"  average effect {plain.mean:+.4f} [{plain.low:+.4f}, {plain.high:+.4f}], "
          f"adjusted {adjusted.mean:+.4f} [{adjusted.low:+.4f}, {adjusted.high:+.4f}]")  # fmt: skip


if __name__ == "__main__":
    main()
