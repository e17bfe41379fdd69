"""`openaisle models`: the shop's own models, which one it uses, and whether it still suits the queries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaisle.cli.output import one_line, print_json
from openaisle.cli.parameters import PATH, json_option, shop_argument, text
from openaisle.cli.progress import progress
from openaisle.errors import ModelError

if TYPE_CHECKING:
    from openaisle.models.registry import Version
    from openaisle.rollout import Switched
    from openaisle.shop import Shop

QUERIES = "queries.txt"
"""Queries that a training may leave with a version: those it was measured with."""

reference_argument = click.argument("model", type=text, metavar="NAME[@VERSION]")


@click.group()
def models() -> None:
    """List, promote and watch the models that a shop trained."""


@models.command("list")
@shop_argument
@json_option
def list_(shop: Path, as_json: bool) -> None:
    """List the models of SHOP, each version with its task and figures, and which are in use."""
    from openaisle.cli.model_tables import show_versions
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        registry = opened.registry
        found = [version for name in registry.names() for version in registry.versions(name)]
        told = _told(opened, found)
    if as_json:
        print_json({"models": told})
    elif told:
        show_versions(told)
    else:
        click.echo(f"There are no models. Train one with: openaisle train {shop} RECIPE.toml")


@models.command()
@shop_argument
@reference_argument
@json_option
def show(shop: Path, model: str, as_json: bool) -> None:
    """Print the card of a model of SHOP, once every file of it was checked against its hash."""
    from openaisle.models.registry.version import CARD
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        version = opened.registry.get(model)
        version.verify()
        card = (version.folder / CARD).read_text(encoding="utf-8")
        (told,) = _told(opened, [version])
    if as_json:
        print_json({**told, "folder": str(version.folder), "lineage": version.lineage().as_dict(), "card": card})
        return
    for line in card.splitlines():
        click.echo(one_line(line))
    click.echo(f"Its files, all as they were made: {version.folder}")


@models.command()
@shop_argument
@reference_argument
@click.option("--force", is_flag=True, help="Promote even where a guarded metric fell; damaged models stay refused.")
@click.option(
    "--queries",
    type=PATH,
    metavar="QUERIES.txt",
    help="Today's queries, one a line, that later ones are compared with for drift; without it, queries.txt of the "
    "model, if it has one.",
)
@json_option
def promote(shop: Path, model: str, force: bool, queries: Path | None, as_json: bool) -> None:
    """Use a model of SHOP from now on. For an encoder, a new index is built beside the one that answers."""
    from openaisle.drift import keep_baseline, read_queries
    from openaisle.shop import Shop

    if queries is not None:
        read_queries(queries)  # fails here, before anything is changed
    with Shop.open(shop) as opened, progress() as tell:
        own = opened.registry.get(model).folder / QUERIES
        done = opened.promote(model, force=force, progress=tell)
        if queries is not None or own.is_file():
            keep_baseline(opened, queries or own, tell)
    _report(done, as_json, f"The way back: openaisle models rollback {shop}")


@models.command()
@shop_argument
@json_option
def rollback(shop: Path, as_json: bool) -> None:
    """Go back to the model that SHOP used before the last promotion, and to its index, which was kept."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened, progress() as tell:
        done = opened.rollback(progress=tell)
    _report(done, as_json, "")


@models.command()
@shop_argument
@reference_argument
@json_option
def delete(shop: Path, model: str, as_json: bool) -> None:
    """Delete a version that SHOP neither uses nor may go back to. Name it with its number."""
    from openaisle import rollout
    from openaisle.models.registry import Reference
    from openaisle.shop import Shop

    if Reference.parse(model).version is None:
        raise click.UsageError(f"Say which version of {model} to delete, as {model}@VERSION.")
    with Shop.open(shop) as opened:
        deleted = rollout.delete(opened, model)
    if as_json:
        print_json({"deleted": deleted.reference})
    else:
        click.echo(f"Deleted {deleted.reference}.")


@models.command()
@shop_argument
@click.argument("queries", type=PATH, metavar="QUERIES.txt")
@click.option(
    "--baseline",
    type=PATH,
    metavar="FILE",
    help="Compare with the queries in this file; without it, with those kept at promotion.",
)
@click.option("--keep", is_flag=True, help="Keep QUERIES as what later ones are compared with.")
@json_option
def drift(shop: Path, queries: Path, baseline: Path | None, keep: bool, as_json: bool) -> None:
    """Tell whether QUERIES, one a line, still look like those that the model of SHOP was promoted for.

    Where no queries were kept yet, QUERIES are kept as what later ones are compared with.
    """
    from openaisle.cli.model_tables import show_drift
    from openaisle.drift import drift as measured
    from openaisle.drift import keep_baseline
    from openaisle.shop import Shop

    with Shop.open(shop) as opened, progress() as tell:
        report = measured(opened, queries, baseline, tell)
        if keep:
            keep_baseline(opened, queries, tell)
    if as_json:
        print_json(report.as_dict())
    else:
        show_drift(report)


def _told(shop: Shop, versions: list[Version]) -> list[dict[str, Any]]:
    """What a list says of each version; a damaged one is listed with what is wrong, and hides no other."""
    from openaisle import rollout

    used = rollout.in_use(shop.folder)
    return [{**_known(version), "in_use": used.get(version.setting)} for version in versions]


def _known(version: Version) -> dict[str, Any]:
    named = {"model": version.reference, "name": version.name, "version": version.number}
    try:
        lineage = version.lineage()
    except ModelError as error:
        return {**named, "damaged": error.detail}
    told = lineage.as_dict()
    return {
        **named,
        **{key: told[key] for key in ("task", "base", "parent", "licence", "created_at", "before", "after")},
        "damaged": None,
    }


def _report(done: Switched, as_json: bool, further: str) -> None:
    if as_json:
        print_json(
            {
                "slot": done.slot,
                "before": done.before,
                "after": done.after,
                "generation": done.generation or None,
                "seconds": done.seconds,
            }
        )
        return
    index = f", index generation {done.generation}" if done.generation else ""
    click.echo(f"The {done.slot} is now {done.after}, no longer {done.before or 'none'}{index} ({done.seconds:.1f} s).")
    if further:
        click.echo(further)
