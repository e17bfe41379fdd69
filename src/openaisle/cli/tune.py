"""`openaisle tune`: which settings of a recipe serve best."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaisle.cli.output import console, print_json
from openaisle.cli.parameters import PATH, json_option, shop_argument
from openaisle.cli.progress import progress
from openaisle.cli.train import require_training, supplies_of
from openaisle.errors import StorageError

if TYPE_CHECKING:
    from openaisle.learning.tuning import Tuned

_FOLDER = "tune"


@click.command()
@shop_argument
@click.argument("recipe", type=PATH, metavar="RECIPE.toml")
@click.option(
    "--trials",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Trainings in all, those before --resume too; without it, what the recipe says.",
)
@click.option("--timeout", type=click.FloatRange(0), metavar="S", help="Start no further training after S seconds.")
@click.option("--resume", is_flag=True, help="Go on where a tuning of this recipe was cut off.")
@json_option
def tune(shop: Path, recipe: Path, *, trials: int | None, timeout: float | None, resume: bool, as_json: bool) -> None:
    """Train with many settings of RECIPE.toml and write the best recipe beside it, as RECIPE.best.toml.

    What is varied stands in the recipe's [tune.space]; the validation split decides, the test split stays unseen.
    """
    require_training()
    from openaisle.learning.recipe import recipe_of, stated_in
    from openaisle.learning.tuning import best_recipe
    from openaisle.learning.tuning import tune as carry_out
    from openaisle.learning.tuning.report import write_tuning
    from openaisle.learning.tuning.training import TrialTraining
    from openaisle.shop import Shop

    stated, beside = stated_in(recipe), recipe.resolve().parent
    asked = recipe_of(stated, beside, recipe.name)
    with Shop.open(shop) as opened, progress() as tell:
        folder = opened.folder / "models" / asked.name / _FOLDER
        tuned = carry_out(
            stated,
            beside,
            folder,
            TrialTraining(opened.registry, supplies_of(opened), folder, tell),
            trials=trials or asked.tune.trials,
            timeout=timeout,
            resume=resume,
            called=recipe.name,
            tell=tell,
        )
    text = best_recipe(stated, tuned)
    report = write_tuning(tuned, folder, text)
    best = _write(recipe.with_name(f"{recipe.stem}.best.toml"), text)
    if as_json:
        print_json({"model": asked.name, **tuned.as_dict(), "recipe": str(best), "report": str(report)})
    else:
        _print(tuned, shop, best, report)


def _write(file: Path, text: str) -> Path:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}.", "Make its folder writable.") from error
    return file


def _print(tuned: Tuned, shop: Path, best: Path, report: Path) -> None:
    from openaisle.learning.tuning.report import summary

    console().print(_table(tuned))
    click.echo(summary(tuned))
    click.echo(f"The best recipe: {best}")
    click.echo(f"Report: {report}")
    click.echo(f"To train with it: openaisle train {shop} {best}")


def _table(tuned: Tuned) -> Any:
    from rich.table import Table

    table = Table("key", "values", "best", "importance")
    for each in tuned.dimensions:
        share = f"{tuned.importance[each.key]:.0%}" if each.key in tuned.importance else ""
        table.add_row(each.key, each.describe(), _shown(tuned.best.values[each.key]), share)
    return table


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
