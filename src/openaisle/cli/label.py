"""`openaisle data label`: what to have labelled next, written for annotators and read back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaisle.cli.output import print_json
from openaisle.cli.parameters import PATH, json_option, shop_argument
from openaisle.errors import DataError

if TYPE_CHECKING:
    from openaisle.learning.data.unlabelled import Pool, Search
    from openaisle.learning.examples import Example
    from openaisle.learning.recipe import Recipe
    from openaisle.shop import Shop

_RECIPE = click.argument("recipe", type=PATH, metavar="RECIPE.toml")
_OF_PAIRS = ("match", "rerank")
_OF_TEXTS = ("classify", "multilabel")


@click.group()
def label() -> None:
    """Choose what to have labelled next, and take the labels in."""


@label.command("export")
@shop_argument
@_RECIPE
@click.option("-n", "count", type=click.IntRange(1, 100_000), default=100, show_default=True, help="How many to label.")
@click.option("--from", "source", type=PATH, metavar="FILE", help="Queries or texts without labels to choose from.")
@click.option("--out", type=PATH, required=True, metavar="FILE.csv", help="The sheet to write.")
@json_option
def export(shop: Path, recipe: Path, *, count: int, source: Path | None, out: Path, as_json: bool) -> None:
    """Write the N pairs or texts whose labels would teach the model of RECIPE.toml most.

    To match and re-rank, they are products that SHOP finds for queries and nobody judged; to classify, texts of --from.
    They are chosen for doubt and variety. Annotators fill the last column.
    """
    from openaisle.learning.recipe import read_recipe
    from openaisle.learning.unlabelled.active import select
    from openaisle.shop import Shop

    asked = read_recipe(recipe)
    with Shop.open(shop) as opened:
        pool = _pool(opened, asked, source)
    shown = [f"{text} / {other}" if other else text for text, other in zip(pool.texts, pool.others, strict=True)]
    chosen = select(shown, pool.vectors, pool.probabilities, count, asked.seed)
    if not chosen:
        raise DataError("There is nothing left to label.", "Give other queries or texts with --from.")
    _write(pool, chosen, asked, out)
    if as_json:
        print_json({"file": str(out), "items": len(chosen), "of": len(pool.texts)})
    else:
        click.echo(f"{out}: {len(chosen):,} of {len(pool.texts):,} to label. Fill the last column, then run:")
        click.echo(f"  openaisle data label import {shop} {recipe} {out}")


@label.command("import")
@shop_argument
@_RECIPE
@click.argument("sheet", type=PATH, metavar="FILE.csv")
@json_option
def import_(shop: Path, recipe: Path, *, sheet: Path, as_json: bool) -> None:
    """Add the labels of FILE.csv to the data of RECIPE.toml; rows without a label are passed over.

    The gain of a pair is 0 where the product does not answer, 1, 2, 3 for better and better answers.
    """
    from openaisle.learning.data.additions import add_judgments, add_labels
    from openaisle.learning.data.sheet import read_pairs, read_texts
    from openaisle.learning.recipe import read_recipe
    from openaisle.shop import Shop

    with Shop.open(shop):  # a wrong folder is told before anything is written
        asked = read_recipe(recipe)
    path = asked.data.path
    expected = "judgments" if asked.task in _OF_PAIRS else "labelled"
    if path is None or asked.data.source != expected or asked.task not in (*_OF_PAIRS, *_OF_TEXTS):
        raise DataError(
            f"The recipe's data are {asked.data.source} for {asked.task}, to which labels cannot be added.",
            'Set source = "judgments" (match, rerank) or "labelled" (classify) and path under [data].',
        )
    if asked.task in _OF_PAIRS:
        added = add_judgments(path, {(each.query, each.product_id): each.gain for each in read_pairs(sheet)})
    else:
        added = add_labels(path, {each.text: each.labels[0] for each in read_texts(sheet)}, asked.data.columns)
    if as_json:
        print_json({"file": str(path), **asdict(added)})
    else:
        click.echo(f"{path}: {added.added:,} added, {added.changed:,} changed, {added.total:,} in all.")


def _write(pool: Pool, chosen: Sequence[int], recipe: Recipe, out: Path) -> None:
    from openaisle.learning.data.sheet import Pair, write_pairs, write_texts

    if recipe.task in _OF_PAIRS:
        write_pairs((Pair(pool.texts[place], pool.ids[place], pool.others[place]) for place in chosen), out)
    else:
        write_texts((pool.texts[place] for place in chosen), out)


def _pool(shop: Shop, recipe: Recipe, source: Path | None) -> Pool:
    from openaisle.cli.train import supplies_of
    from openaisle.learning.data.build import prepare
    from openaisle.learning.data.shelf import Shelf
    from openaisle.learning.data.unlabelled import alone, pairs

    if recipe.task not in (*_OF_PAIRS, *_OF_TEXTS):
        raise DataError(f"There is nothing to choose for the task {recipe.task}.", "Use match, rerank or classify.")
    encoder = shop.encoder
    if encoder is None:
        raise DataError("Choosing what to label needs a model.", 'Set one under [encoder], such as "starter".')
    supplies = supplies_of(shop)
    plain = replace(recipe.data, negatives=0, synthetic_queries=0)
    known: Sequence[Example] = ()
    if plain.path is not None and plain.path.exists():
        made = prepare(plain, supplies, task=recipe.task, seed=recipe.seed).data
        known = (*made.train, *made.validation, *made.test)
    given = _texts(recipe, source, known)
    if recipe.task in _OF_TEXTS:
        return alone(given, known, encoder=encoder, seed=recipe.seed)
    shelf = Shelf(supplies.products, recipe.data.fields, supplies.by_id)
    return pairs(given, known, _search(shop), shelf.texts, encoder=encoder, seed=recipe.seed)


def _texts(recipe: Recipe, source: Path | None, known: Sequence[Example]) -> Iterable[str]:
    """The queries or texts to choose from: those of a file, else (queries) those that are judged in part."""
    from openaisle.learning.data.keys import main_text
    from openaisle.learning.data.sources.texts import from_texts

    if source is not None:
        return [example.text for example in from_texts(source, {})]
    if recipe.task in _OF_PAIRS and known:
        return [main_text(example) for example in known]
    raise DataError("There is nothing to choose from.", "Name a file of queries or texts with --from.")


def _search(shop: Shop) -> Search:
    """What shoppers would find, variants one by one."""
    from openaisle.search.request import SearchRequest

    def search(query: str, count: int) -> Sequence[str]:
        request = SearchRequest(query[: shop.settings.search.max_query_length], count, group=False, ads=False)
        return [hit.id for hit in shop.search(request).hits]

    return search
