"""`openaisle experiment off-policy` and `uplift`: what would have been otherwise."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaisle.cli.experiment_parameters import columns_option, names
from openaisle.cli.output import print_json
from openaisle.cli.parameters import PATH, json_option

if TYPE_CHECKING:
    from openaisle.evaluation.features import Feature
    from openaisle.evaluation.off_policy import Interval, OffPolicy
    from openaisle.evaluation.table import Table
    from openaisle.evaluation.uplift import Trial

_LEARNERS = ("t", "x", "dr")


@click.command("off-policy")
@click.argument("log", type=PATH, metavar="FILE.csv")
@click.option("--policy", type=PATH, metavar="FILE.csv", help="The other policy: action, probability, perhaps slot.")
@click.option("--context", callback=names, metavar="COLUMNS", help="Columns that the reward may depend on, by commas.")
@columns_option
@click.option(
    "--interval",
    type=click.Choice(["normal", "bootstrap"]),
    default="normal",
    show_default=True,
    help="How intervals are made.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of folds and of the bootstrap.")
@json_option
def off_policy(
    log: Path,
    *,
    policy: Path | None,
    context: tuple[str, ...],
    called: dict[str, str],
    interval: str,
    seed: int,
    as_json: bool,
) -> None:
    """Estimate what another policy would have earned, from the decisions in FILE.csv.

    \b
    Columns: action, reward, propensity (the probability of the action taken),
    perhaps slot. The other policy is that of --policy; or of columns target.ACTION,
    one an action; or of a column target, the probability of the action taken; or
    else it takes every action with one probability.
    """
    from openaisle.cli.experiment_tables import show_off_policy
    from openaisle.evaluation.table import read_table

    table = read_table(log, called)
    target = _target(table, policy)
    if target == "target" and context:
        raise click.UsageError("--context is for policies whose probabilities are known for every action.")
    found = _evaluated(table, target, policy, context, interval=_interval(interval, seed), seed=seed)
    if as_json:
        print_json({"target": target, **found.as_dict()})
    else:
        show_off_policy(found, target)


def _target(table: Table, policy: Path | None) -> str:
    """Where the target policy comes from."""
    from openaisle.evaluation.off_policy.reading import PER_ACTION, TARGET

    if policy is not None:
        return "policy"
    if any(name.startswith(PER_ACTION) for name in table.columns):
        return "columns"
    return "target" if TARGET in table.columns else "uniform"


def _evaluated(
    table: Table, target: str, policy: Path | None, context: tuple[str, ...], *, interval: Interval, seed: int
) -> OffPolicy:
    from openaisle.evaluation.off_policy import decisions_in, evaluate, evaluate_logged, logged_target_in

    if target == "target":
        return evaluate_logged(*logged_target_in(table), interval)
    decisions, wanted = decisions_in(table, policy, context)
    return evaluate(decisions, wanted, interval, seed=seed)


def _interval(name: str, seed: int) -> Interval:
    from openaisle.evaluation.off_policy import Bootstrap, Normal

    return Bootstrap(seed=seed) if name == "bootstrap" else Normal()


@click.command("uplift")
@click.argument("trial", type=PATH, metavar="FILE.csv")
@click.option("--control", required=True, metavar="ARM", help="The arm that was not treated.")
@click.option(
    "--features", callback=names, required=True, metavar="COLUMNS", help="Columns known before, separated by commas."
)
@click.option("--treatments", callback=names, metavar="ARMS", help="Arms to measure; all but the control otherwise.")
@click.option("--learners", callback=names, default="t,x,dr", show_default=True, metavar="NAMES", help="Of t, x, dr.")
@click.option(
    "--held-out", type=click.FloatRange(0.1, 0.9), default=0.5, show_default=True, help="Share to measure on."
)
@columns_option
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the split.")
@click.option("--score", type=PATH, metavar="NEW.csv", help="Score these units too: unit and the features.")
@click.option("--out", type=PATH, metavar="SCORES.csv", help="Where their scores go.")
@json_option
def uplift(
    trial: Path,
    *,
    control: str,
    features: tuple[str, ...],
    treatments: tuple[str, ...],
    learners: tuple[str, ...],
    held_out: float,
    called: dict[str, str],
    seed: int,
    score: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Learn whom a treatment moves, from a trial that gave it by chance: columns treatment, outcome and the features.

    Reports the average effect, and what each learner's order is worth on units that it did not see.
    """
    from openaisle.cli.experiment_tables import show_uplift
    from openaisle.evaluation.uplift import LEARNERS, measure_uplift, read_trials

    unknown = [name for name in learners if name not in _LEARNERS]
    if unknown or not learners:
        raise click.UsageError(f"--learners: {', '.join(unknown) or 'nothing'} is not one of {', '.join(_LEARNERS)}.")
    if (score is None) != (out is None):
        raise click.UsageError("--score and --out belong together.")
    trials, read = read_trials(trial, control, features, treatments, called)
    chosen = {name: LEARNERS[name] for name in learners}
    found = {arm: measure_uplift(each, chosen, held_out, seed) for arm, each in trials.items()}
    if score is not None and out is not None:
        _write_scores(trials, read, learners[-1], score, out)
    if as_json:
        print_json({"control": control, "treatments": {arm: each.as_dict() for arm, each in found.items()}})
    else:
        show_uplift(found, control)


def _write_scores(
    trials: Mapping[str, Trial], features: tuple[Feature, ...], learner: str, score: Path, out: Path
) -> None:
    """One column of expected effects an arm, by the last learner named."""
    from openaisle.evaluation.uplift import LEARNERS, read_new, score_new

    units, matrix = read_new(score, features)
    scores = {arm: score_new(trial, matrix, LEARNERS[learner]()).round(6).tolist() for arm, trial in trials.items()}
    with out.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(["unit", *(f"uplift.{arm}" for arm in scores)])
        rows.writerows(zip(units, *scores.values(), strict=True))
