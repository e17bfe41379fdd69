"""Off-policy estimates on the Open Bandit sample and on a simulator whose truth is known.

`python -m bench.behaviour.off_policy [FOLDER]`: FOLDER holds bts_all.csv.gz and random_all.csv.gz. Prints two tables.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np

from openaisle.evaluation.off_policy import (
    Bootstrap,
    Decisions,
    Interval,
    Normal,
    OffPolicy,
    TargetPolicy,
    decisions_in,
    evaluate,
)
from openaisle.evaluation.table import read_table

DATA = Path(__file__).parents[3] / "shared" / "data" / "ads" / "obd_sample"
CALLED = {"action": "item_id", "reward": "click", "propensity": "propensity_score", "slot": "position"}
FEATURES = [f"user_feature_{number}" for number in range(4)]
SEED = 20_240_229


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=DATA)
    parser.add_argument("--logs", type=int, default=1_000, help="logs to simulate")
    arguments = parser.parse_args()
    if arguments.folder.is_dir():
        open_bandit(arguments.folder)
    simulated(arguments.logs)


def open_bandit(folder: Path) -> None:
    """Each policy's value from the other's log, beside what it earned itself."""
    print(f"Open Bandit sample, clicks per 1,000 impressions, 95 % bootstrap intervals (seed {SEED})")
    earned = {name: on_policy(folder / f"{name}_all.csv.gz") for name in ("random", "bts")}
    for target, log in (("bts", "random"), ("random", "bts"), ("bts", "bts"), ("random", "random")):
        policy = folder_policy(folder, target)
        found = estimated(folder / f"{log}_all.csv.gz", policy, Bootstrap(2_000, SEED))
        print(f"\n  value of {target} from the log of {log}; {target} itself earned {1_000 * earned[target]:.2f}")
        support = found.overlap
        print(f"  effective sample {support.effective_sample_size:,.0f}, mean weight {support.mean_weight.mean:.3f}, "
              f"largest share {support.largest_share:.1%}, unseen {support.unseen or 0:.1%}")  # fmt: skip
        for name, each in found.estimates.items():
            value = each.value
            holds = value.low <= earned[target] <= value.high
            print(f"    {name:6}{1_000 * value.mean:6.2f} [{1_000 * value.low:6.2f}, {1_000 * value.high:6.2f}]  "
                  f"{'holds' if holds else 'MISSES'} {1_000 * earned[target]:.2f}")  # fmt: skip


def on_policy(path: Path) -> float:
    return float(read_table(path).numbers("click").mean())


def folder_policy(folder: Path, name: str) -> dict[str, dict[str, float]]:
    """Slot → item → probability: the uniform one, or how often bts showed each item in each slot."""
    table = read_table(folder / "bts_all.csv.gz")
    items, slots = table.texts("item_id"), table.texts("position")
    if name == "random":
        return {slot: dict.fromkeys(set(items), 1 / len(set(items))) for slot in set(slots)}
    policy: dict[str, dict[str, float]] = {}
    for slot in set(slots):
        counts = Counter(item for item, place in zip(items, slots, strict=True) if place == slot)
        policy[slot] = {item: count / counts.total() for item, count in counts.items()}
    return policy


def estimated(path: Path, policy: dict[str, dict[str, float]], interval: Interval) -> OffPolicy:
    decisions, _ = decisions_in(read_table(path, CALLED), context=FEATURES)
    slots = read_table(path).texts("position")
    order = {slot: number for number, slot in enumerate(policy)}
    table = np.array([[policy[slot].get(name, 0.0) for name in decisions.names] for slot in order])
    target = TargetPolicy(table, np.array([order[slot] for slot in slots]))
    return evaluate(decisions, target, interval, seed=SEED)


# The simulator


ACTIONS, FEATURE_COUNT = 8, 4
_WORLD = np.random.default_rng(7)
_TASTE = _WORLD.normal(0, 0.8, (FEATURE_COUNT, ACTIONS))
_HABIT = _TASTE + _WORLD.normal(0, 0.8, (FEATURE_COUNT, ACTIONS))


def chances(context: np.ndarray) -> np.ndarray:
    """The probability of a click on each action, shape (n, actions); not what a linear model can say."""
    return 1 / (1 + np.exp(2 - context @ _TASTE - 0.5 * np.sin(2 * context[:, :1])))


def logging(context: np.ndarray) -> np.ndarray:
    return 0.2 / ACTIONS + 0.8 * softmax(context @ _HABIT)


def wanted(context: np.ndarray) -> np.ndarray:
    return softmax(1.5 * context @ _TASTE)


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def truth(count: int = 1_000_000) -> float:
    context = np.random.default_rng(11).normal(size=(count, FEATURE_COUNT))
    return float((wanted(context) * chances(context)).sum(axis=1).mean())


def log(seed: int, count: int) -> tuple[Decisions, TargetPolicy]:
    generator = np.random.default_rng(seed)
    context = generator.normal(size=(count, FEATURE_COUNT))
    probabilities = logging(context)
    actions = (probabilities.cumsum(axis=1) < generator.random((count, 1))).sum(axis=1).clip(0, ACTIONS - 1)
    rows = np.arange(count)
    rewards = (generator.random(count) < chances(context)[rows, actions]).astype(float)
    names = tuple(map(str, range(ACTIONS)))
    decisions = Decisions(rewards, probabilities[rows, actions], actions, names, context)
    return decisions, TargetPolicy(wanted(context), rows)


def simulated(logs: int, count: int = 2_000) -> None:
    value = truth()
    print(
        f"\nSimulator: {logs:,} logs (seeds 0 to {logs - 1}) of {count:,} decisions, {ACTIONS} actions; "
        f"the truth is {value:.4f}"
    )
    for name, interval in (("normal", Normal()), ("bootstrap", Bootstrap(500, SEED))):
        some = logs if name == "normal" else min(logs, 200)
        found = [evaluate(*log(seed, count), interval) for seed in range(some)]
        effective = np.mean([each.overlap.effective_sample_size for each in found])
        print(f"\n  {name} intervals, {some} logs; effective sample {effective:,.0f} on average")
        for estimator in found[0].estimates:
            values = [each.estimates[estimator].value for each in found]
            covered = np.mean([each.low <= value <= each.high for each in values])
            error = np.array([each.mean for each in values]) - value
            width = np.mean([each.high - each.low for each in values])
            print(f"    {estimator:6} covers {100 * covered:5.1f} of 100   bias {error.mean():+.4f}   "
                  f"rmse {np.sqrt((error**2).mean()):.4f}   width {width:.4f}")  # fmt: skip


if __name__ == "__main__":
    main()
