"""`openaisle experiment`: who sees what, what a variant changes, and what another policy would have earned."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaisle.cli.counterfactual import off_policy, uplift
from openaisle.cli.experiment_parameters import columns_option
from openaisle.cli.output import print_json
from openaisle.cli.parameters import PATH, json_option
from openaisle.errors import ExperimentError

if TYPE_CHECKING:
    from openaisle.evaluation.experiments import Experiment, Inference

_DEFINITION = click.argument("definition", type=PATH, metavar="EXPERIMENT.toml")
_LOOKS = 20


@click.group()
def experiment() -> None:
    """Run controlled experiments, and learn from logs what was never tried."""


@experiment.command("assign")
@_DEFINITION
@click.argument("units", nargs=-1, metavar="[UNIT]...")
@click.option("--from", "source", type=PATH, metavar="FILE", help="Further units, one a line.")
@json_option
def assign(definition: Path, units: tuple[str, ...], *, source: Path | None, as_json: bool) -> None:
    """Say which variant each UNIT gets: always the same one. Prints lines of unit and variant, as CSV.

    A unit that takes no part has an empty variant.
    """
    from openaisle.evaluation.experiments import Bucketing, read_experiment

    defined = read_experiment(definition)
    bucketing = Bucketing.of(defined)
    assigned = ((unit, bucketing.variant(unit)) for unit in _units(units, source))
    if as_json:
        told = [{"unit": unit, "variant": variant} for unit, variant in assigned]
        print_json({"experiment": defined.name, "assignments": told})
        return
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("unit", "variant"))
    rows.writerows((unit, variant or "") for unit, variant in assigned)


def _units(given: tuple[str, ...], source: Path | None) -> Iterator[str]:
    from openaisle.evaluation.lines import numbered_lines

    if not given and source is None:
        raise ExperimentError("No unit is named.", "Name units, or a file of them with --from.")
    yield from given
    if source is not None:
        yield from (line.strip() for _, line in numbered_lines(source, ExperimentError))


@experiment.command("plan")
@click.option("--effect", type=click.FloatRange(min=0, min_open=True), required=True, help="The difference to be seen.")
@click.option("--rate", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="Mean of a yes-or-no metric.")
@click.option("--deviation", type=click.FloatRange(min=0, min_open=True), help="Standard deviation of another metric.")
@click.option("--units", type=click.IntRange(4), help="Tell the power at this size instead of the size.")
@click.option(
    "--power",
    type=click.FloatRange(0.05, 0.999),
    default=0.8,
    show_default=True,
    help="Chance that a real difference is seen.",
)
@click.option(
    "--alpha",
    type=click.FloatRange(1e-9, 0.5),
    default=0.05,
    show_default=True,
    help="Chance of seeing a difference where there is none.",
)
@click.option(
    "--share", type=click.FloatRange(0.001, 0.999), default=0.5, show_default=True, help="The treatment's part."
)
@click.option("--correlation", type=click.FloatRange(-0.999, 0.999), default=0.0, help="With a covariate from before.")
@json_option
def plan(
    *,
    effect: float,
    rate: float | None,
    deviation: float | None,
    units: int | None,
    power: float,
    alpha: float,
    share: float,
    correlation: float,
    as_json: bool,
) -> None:
    """Say how many units it takes to see an EFFECT, or how likely it is seen at --units."""
    from openaisle.evaluation.experiments import Design, rate_deviation

    if (rate is None) == (deviation is None):
        raise click.UsageError("Give either --rate or --deviation.")
    spread = rate_deviation(rate) if rate is not None else deviation or 0.0
    design = Design(spread, alpha, share, correlation)
    needed = units or design.units(effect, power)
    body = {
        "units": needed,
        "power": design.power(effect, needed),
        "detectable": design.detectable(needed, power),
        "alpha": alpha,
    }
    if as_json:
        print_json(body)
    else:
        smallest = f" The smallest that is seen with {power:.0%} is {body['detectable']:.4g}." if units else ""
        click.echo(f"{needed:,} units in all see a difference of {effect:g} with {body['power']:.0%}.{smallest}")


@experiment.command("analyse")
@click.argument("outcomes", type=PATH, metavar="FILE.csv")
@click.option("--experiment", "definition", type=PATH, metavar="EXPERIMENT.toml", help="Weights, metrics and control.")
@click.option("--control", metavar="VARIANT", help="The control, where there is no definition.")
@click.option("--sequential", is_flag=True, help="Stay valid however often one looks; rows are in order of arrival.")
@columns_option
@click.option("--report", type=PATH, metavar="FILE.html", help="Write a page with the analysis.")
@json_option
def analyse(
    outcomes: Path,
    *,
    definition: Path | None,
    control: str | None,
    sequential: bool,
    called: dict[str, str],
    report: Path | None,
    as_json: bool,
) -> None:
    """Compare the variants of FILE.csv: columns unit, variant, then metrics, and perhaps covariate; one row a unit.

    Without a definition every further column is a metric, and the variants should be of one size.
    """
    from openaisle.cli.experiment_tables import show_analysis
    from openaisle.evaluation.experiments import analyse as analysed
    from openaisle.evaluation.experiments import looks, read_experiment, read_outcomes, read_undefined
    from openaisle.evaluation.experiments.html import as_html

    if definition is not None:
        if control is not None:
            raise click.UsageError("With --experiment the control is named in the definition.")
        defined = read_experiment(definition)
        found = read_outcomes(outcomes, defined, called)
    else:
        defined, found = read_undefined(outcomes, control, called)
    inference = _inference(defined, "sequential" if sequential else "fixed")
    analysis = analysed(defined, found, inference)
    path = looks(defined, found, inference, _LOOKS) if sequential else []
    if report is not None:
        report.write_text(as_html(analysis, path), encoding="utf-8")
    if as_json:
        further = {"looks": [look.as_dict() for look in path]} if sequential else {}
        print_json({**analysis.as_dict(), **further})
    else:
        show_analysis(analysis)


def _inference(defined: Experiment, kind: str) -> Inference:
    from openaisle.evaluation.experiments import AlwaysValid, FixedHorizon

    if kind == "sequential":
        return AlwaysValid(defined.alpha, defined.planned_units)
    return FixedHorizon(defined.alpha)


@experiment.command("interleave")
@click.argument("log", type=PATH, metavar="FILE.csv")
@columns_option
@json_option
def interleave(log: Path, *, called: dict[str, str], as_json: bool) -> None:
    """Say which of two interleaved rankings shoppers prefer: columns impression, team, credit, and perhaps unit."""
    from openaisle.cli.experiment_tables import show_preference
    from openaisle.evaluation.interleaving import preference, read_impressions

    teams, impressions = read_impressions(log, called)
    found = preference(teams, impressions)
    if as_json:
        print_json(found.as_dict())
    else:
        show_preference(found)


experiment.add_command(off_policy)
experiment.add_command(uplift)
