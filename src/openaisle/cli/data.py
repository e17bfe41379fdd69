"""`openaisle data`: what a model would learn from, checked and built before any training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaisle.cli.label import label
from openaisle.cli.output import console, one_line, print_json
from openaisle.cli.parameters import PATH, json_option, shop_argument, text
from openaisle.cli.progress import progress

if TYPE_CHECKING:
    from openaisle.learning.data import Build, Supplies
    from openaisle.learning.data.check import Finding
    from openaisle.learning.recipe import Recipe
    from openaisle.shop import Shop

_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}
_RECIPE = click.argument("recipe", type=PATH, metavar="RECIPE.toml")


@click.group()
def data() -> None:
    """Check, build and label what a shop's models learn from."""


data.add_command(label)


@data.command("check")
@shop_argument
@_RECIPE
@json_option
def check(shop: Path, recipe: Path, *, as_json: bool) -> int:
    """Tell what is wrong with the data of RECIPE.toml: duplicates, leaks, classes, empty text, languages.

    Looks for no negatives and makes up no queries. The exit status is 1 when something must be mended first.
    """
    from openaisle.learning.data.check import check as findings_of
    from openaisle.learning.data.check import is_fit
    from openaisle.learning.recipe import read_recipe
    from openaisle.shop import Shop

    asked = read_recipe(recipe)
    plain = replace(asked, data=replace(asked.data, negatives=0, synthetic_queries=0))
    with Shop.open(shop) as opened:
        made = _made(plain, _supplies(opened))
    findings = findings_of(made.data)
    ok = is_fit(findings)
    if as_json:
        print_json({"ok": ok, **_told(made), "findings": [finding.as_dict() for finding in findings]})
    else:
        _show(made, findings, ok)
    return 0 if ok else 1


@data.command("build")
@shop_argument
@_RECIPE
@click.option("--out", type=PATH, required=True, metavar="FOLDER", help="Where the data set goes.")
@click.option("--writer", type=text, metavar="URL", help="Chat completions API that writes the synthetic queries.")
@click.option("--writer-model", type=text, metavar="NAME", help="The language model there.")
@click.option("--writer-key-env", type=text, metavar="VARIABLE", help="Environment variable that holds its key.")
@json_option
def build(
    shop: Path,
    recipe: Path,
    *,
    out: Path,
    writer: str | None,
    writer_model: str | None,
    writer_key_env: str | None,
    as_json: bool,
) -> None:
    """Build the data set of RECIPE.toml: train.jsonl, validation.jsonl, test.jsonl and a manifest with its digest.

    Hard negatives come from the shop's model and its search by words.
    """
    from openaisle.learning.data import write_data_set
    from openaisle.learning.recipe import read_recipe
    from openaisle.shop import Shop

    if writer and not writer_model:
        raise click.UsageError("--writer needs --writer-model.")
    asked = read_recipe(recipe)
    with Shop.open(shop) as opened, _supplied(opened, writer, writer_model or "", writer_key_env) as supplies:
        made = _made(asked, supplies)
    about = {"task": asked.task, "seed": asked.seed, "source": asked.data.source}
    manifest = write_data_set(made.data, out, about)
    told = {"folder": str(out), "manifest": str(manifest), **_told(made)}
    if as_json:
        print_json(told)
        return
    counts = told["examples"]
    listed = ", ".join(f"{count:,} for {name}" for name, count in counts.items())
    click.echo(f"{out}: {listed}.")
    click.echo(f"Digest: {made.data.digest}")


def _made(recipe: Recipe, supplies: Supplies) -> Build:
    from openaisle.learning.data import prepare

    with progress() as tell:
        return prepare(recipe.data, supplies, task=recipe.task, seed=recipe.seed, progress=tell)


def _supplies(shop: Shop) -> Supplies:
    from openaisle.cli.train import supplies_of

    return supplies_of(shop)


@contextmanager
def _supplied(shop: Shop, writer: str | None, model: str, key: str | None) -> Iterator[Supplies]:
    """What the shop has, with its present model, and with a language model where one is named."""
    supplies = replace(_supplies(shop), encoder=shop.encoder)
    if writer is None:
        yield supplies
        return
    from openaisle.learning.data.synthetic.endpoint import EndpointWriter

    with EndpointWriter.open(writer, model, key) as opened:
        yield replace(supplies, writer=opened)


def _told(made: Build) -> dict[str, Any]:
    from openaisle.learning.data.files import describe

    left_out = {"empty": made.empty, "leaking": made.leaking, "unused": made.unused}
    return {**describe(made.data), "left_out": left_out}


def _show(made: Build, findings: Sequence[Finding], ok: bool) -> None:
    from rich.text import Text

    out = console()
    told = _told(made)
    counts = ", ".join(f"{name} {count:,}" for name, count in told["examples"].items())
    left_out = ", ".join(f"{count:,} {name}" for name, count in told["left_out"].items() if count)
    out.print(Text(f"{told['kind']} examples: {counts}." + (f" Left out: {left_out}." if left_out else "")))
    for finding in findings:
        level = str(finding.level)
        out.print(Text.assemble((f"{level:8}", _STYLES[level]), one_line(finding.what)), soft_wrap=True)
        for example in finding.examples:
            out.print(Text(f"{'':10}{one_line(example)}", style="dim"), soft_wrap=True)
        out.print(Text(f"{'':8}→ {one_line(finding.mend)}"), soft_wrap=True)
    out.print(Text("Training can begin." if ok else "Mend the errors before training."))
