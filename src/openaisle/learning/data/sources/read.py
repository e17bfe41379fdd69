"""From a recipe's source and task to examples with their groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from openaisle.errors import DataError
from openaisle.learning.data.clicks import ClickSource, ClickTable
from openaisle.learning.data.grouped import Grouped, by_text
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.data.sources import catalogue
from openaisle.learning.data.sources.clicks import from_clicks
from openaisle.learning.data.sources.judgments import from_judgments
from openaisle.learning.data.sources.labelled import from_labelled, from_multilabelled
from openaisle.learning.data.sources.pairs import from_pairs
from openaisle.learning.data.sources.reviews import from_reviews
from openaisle.learning.data.sources.tagged import from_tagged
from openaisle.learning.data.sources.texts import from_texts
from openaisle.learning.data.sources.valued import from_scored, from_valued
from openaisle.learning.examples import Example
from openaisle.learning.recipe import DataRecipe, Task

PLAIN_TASKS = frozenset({"mlm", "simcse", "tsdae", "distil"})
"""Tasks that learn from texts alone; distillation may learn from pairs as well."""


def read(
    recipe: DataRecipe, task: Task, path: Path | None, shelf: Shelf, clicks: ClickSource | None
) -> Iterator[Grouped]:
    """The examples of `path` (or of the shop where the source is its own). Raises `DataError` naming the line."""
    if recipe.source == "catalogue":
        return _from_catalogue(task, path, shelf, recipe.columns)
    if recipe.source == "clicks":
        return by_text(from_clicks(_clicks(path, recipe.columns, clicks), shelf))
    if path is None:
        raise DataError(f"The source {recipe.source} needs a file.", "Name it in data.path.")
    return by_text(_from_file(recipe, task, path, shelf))


def _from_file(recipe: DataRecipe, task: Task, path: Path, shelf: Shelf) -> Iterator[Example]:
    columns = recipe.columns
    readers: dict[str, Callable[[], Iterator[Example]]] = {
        "judgments": lambda: from_judgments(path, shelf),
        "pairs": lambda: from_pairs(path, shelf, columns),
        "labelled": lambda: (from_multilabelled if task == "multilabel" else from_labelled)(path, columns),
        "valued": lambda: from_valued(path, columns) if task == "regress" else from_scored(path, columns),
        "tagged": lambda: from_tagged(path, columns),
        "texts": lambda: from_texts(path, columns),
    }
    return readers[recipe.source]()


def _from_catalogue(task: Task, reviews: Path | None, shelf: Shelf, columns: Mapping[str, str]) -> Iterator[Grouped]:
    if task in PLAIN_TASKS:
        return catalogue.plain(shelf)
    if task == "classify":
        return catalogue.categories(shelf)
    if task == "multilabel":
        return catalogue.category_paths(shelf)
    if task in ("regress", "tag"):
        raise DataError(f"The catalogue alone has nothing to learn {task} from.", "Give a file: source and path.")
    said: Iterator[Grouped] = iter(()) if reviews is None else from_reviews(reviews, shelf, columns)
    return chain(catalogue.matching(shelf), said)


def _clicks(path: Path | None, columns: Mapping[str, str], held: ClickSource | None) -> ClickSource:
    if path is not None:
        return ClickTable(path, columns)
    if held is None:
        raise DataError(
            "The shop has recorded no clicks.", "Give a file of query, product_id, clicks: path under [data]."
        )
    return held
