"""From a recipe's [data] to a data set: read, divide, take out what leaks, make up queries, look for negatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openaisle.errors import DataError
from openaisle.learning.data.clicks import ClickSource
from openaisle.learning.data.digest import data_set
from openaisle.learning.data.grouped import Grouped
from openaisle.learning.data.keys import main_text
from openaisle.learning.data.leakage import without_leaks
from openaisle.learning.data.negatives.corpus import corpus_of
from openaisle.learning.data.negatives.mining import Lexical, Minable, Mining, mined
from openaisle.learning.data.shelf import ById, Products, Shelf
from openaisle.learning.data.sources.read import read
from openaisle.learning.data.split import Shares, Splits, sampled, split
from openaisle.learning.data.synthetic.queries import QueryWriter, made_up
from openaisle.learning.examples import DataSet, Example
from openaisle.learning.recipe import DataRecipe, Task
from openaisle.models.protocol import Encoder

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Supplies:
    """What a data set may be made with besides its file; all but `products` may be absent.

    `products` are the shop's, `by_id` looks some of them up (without it they are walked through). `encoder` is the
    model as it is before training, `lexical` a search by words: who finds the negatives. `clicks` are the shop's own
    record, `writer` a language model that writes queries.
    """

    products: Products
    by_id: ById | None = None
    encoder: Encoder | None = None
    lexical: Lexical | None = None
    clicks: ClickSource | None = None
    writer: QueryWriter | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """A data set, and how many examples of its files did not come into it: without text, giving away what is held out,
    or left out by `limit` and the shares."""

    data: DataSet
    empty: int
    leaking: int
    unused: int


def build(
    recipe: DataRecipe, supplies: Supplies, *, task: Task = "match", seed: int = 7, progress: Progress | None = None
) -> DataSet:
    """The data set that `recipe` asks for; the same arguments give the same one, but for what a language model writes.

    Raises `DataError` and `JudgmentsError`, which name the line, and `DataError` where nothing is left to learn from.
    """
    return prepare(recipe, supplies, task=task, seed=seed, progress=progress).data


def prepare(
    recipe: DataRecipe, supplies: Supplies, *, task: Task = "match", seed: int = 7, progress: Progress | None = None
) -> Build:
    """The same with the count of what was left out."""
    tell = progress or _silent
    shelf = Shelf(supplies.products, recipe.fields, supplies.by_id)

    def examples(path: Path | None) -> list[Grouped]:
        return list(read(recipe, task, path, shelf, supplies.clicks))

    divided = _divided(recipe, examples, seed)
    clean = divided.splits if _held_out_is_given(recipe) else without_leaks(divided.splits)
    train, validation, test = (_examples(part) for part in (clean.train, clean.validation, clean.test))
    train = _enlarged(train, (*validation, *test), recipe, shelf=shelf, supplies=supplies, seed=seed, tell=tell)
    if not train:
        raise DataError("There is nothing to learn from.", "Check the file, its columns and the shares under [data].")
    used = _size(divided.splits)
    return Build(
        data_set(train, validation, test), divided.empty, used - _size(clean), divided.read - divided.empty - used
    )


@dataclass(frozen=True, slots=True)
class _Divided:
    """Splits before leaks are taken out, of how many examples that were read, and how many of them without text."""

    splits: Splits
    read: int
    empty: int


def _divided(recipe: DataRecipe, examples: Callable[[Path | None], list[Grouped]], seed: int) -> _Divided:
    everything = examples(recipe.path)
    validation = examples(recipe.validation_path) if recipe.validation_path else []
    test = examples(recipe.test_path) if recipe.test_path else []
    main, given_validation, given_test = (_with_text(part) for part in (everything, validation, test))
    parts = split(sampled(main, recipe.limit, seed), _shares(recipe), seed)
    splits = Splits(parts.train, parts.validation or tuple(given_validation), parts.test or tuple(given_test))
    read_in_all = sum(map(len, (everything, validation, test)))
    return _Divided(splits, read_in_all, read_in_all - sum(map(len, (main, given_validation, given_test))))


def _shares(recipe: DataRecipe) -> Shares:
    """What a file of its own is given for needs no share, which goes to training."""
    validation = 0.0 if recipe.validation_path else recipe.validation
    test = 0.0 if recipe.test_path else recipe.test
    freed = recipe.validation + recipe.test - validation - test
    return Shares(recipe.train + freed, validation, test)


def _held_out_is_given(recipe: DataRecipe) -> bool:
    """Published splits stay as they are, so that results compare; `check` tells what leaks in them."""
    return recipe.validation_path is not None or recipe.test_path is not None


def _enlarged(
    train: tuple[Example, ...],
    held_out: tuple[Example, ...],
    recipe: DataRecipe,
    *,
    shelf: Shelf,
    supplies: Supplies,
    seed: int,
    tell: Progress,
) -> tuple[Example, ...]:
    """Training examples with made-up queries beside them and negatives in them."""
    if recipe.synthetic_queries:
        train += made_up(
            shelf, recipe.synthetic_queries, seed, beside=train, held_out=held_out, writer=supplies.writer, tell=tell
        )
    if not recipe.negatives or not all(isinstance(example, Minable) for example in train):
        return train
    mining = Mining(
        recipe.negatives,
        recipe.false_negative_margin,
        seed,
        supplies.encoder,
        supplies.lexical if "bm25" in recipe.negatives_from else None,
        "model" in recipe.negatives_from,
        recipe.positive_from,
    )
    return mined(train, corpus_of(shelf, seed), mining, tell, held_out)


def _with_text(examples: Sequence[Grouped]) -> list[Grouped]:
    return [each for each in examples if main_text(each.example).strip()]


def _examples(grouped: Sequence[Grouped]) -> tuple[Example, ...]:
    return tuple(each.example for each in grouped)


def _size(splits: Splits) -> int:
    return len(splits.train) + len(splits.validation) + len(splits.test)


def _silent(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody listens to."""
