"""The story of one training: data set, head, training, comparison, export, registration."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from openaisle.errors import ShopLocked
from openaisle.learning.answers import answers, comparable
from openaisle.learning.comparison import ModelComparison, Outcomes, compare_models, gate
from openaisle.learning.data import Supplies, build
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.examples import DataSet, Example
from openaisle.learning.miner import miner
from openaisle.learning.recipe import Recipe
from openaisle.learning.recipe.stating import run_name
from openaisle.learning.registering import Product, Registered, register
from openaisle.learning.renewal import last_version, renewed
from openaisle.learning.training import Trained, run_training
from openaisle.learning.training.finished import is_finished, read_trained, write_trained
from openaisle.learning.training.job import Job, job_is_written, read_job, write_job
from openaisle.learning.training.opening import Beginning, begin, open_finished
from openaisle.learning.training.processes import run_workers
from openaisle.models.registry import Registry
from openaisle.models.registry.version import WEIGHTS

Tell = Callable[[str, int, int | None], None]
_TRACKS = ("tensorboard", "wandb")


@dataclass(frozen=True, slots=True)
class Order:
    """How a recipe is to be trained: `text` is the recipe as it was written; `resume` goes on where a training of it
    was cut off; `since_last` learns what is new since the model's last version, from that version."""

    recipe: Recipe
    text: str = ""
    resume: bool = False
    since_last: bool = False
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order. `comparison` is None where nothing was kept back to compare on."""

    recipe: Recipe
    registered: Registered
    comparison: ModelComparison | None
    trained: Trained
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The outcome as `openaisle train --json` prints it."""
        report = self.registered.report
        return {
            "model": self.recipe.name,
            "version": self.registered.version,
            "task": self.recipe.task,
            "metrics": self._metrics(),
            "gate": None if self.comparison is None else gate(self.comparison, self.recipe.gate.guarded).as_dict(),
            "folder": str(self.registered.folder),
            "report": None if report is None else str(report),
            "export": dict(self.registered.exported),
            "training": {
                "steps": self.trained.steps,
                "seconds": self.trained.seconds,
                "examples_per_second": self.trained.examples_per_second,
                "peak_memory_mb": self.trained.peak_memory_mb,
                "trainable_parameters": self.trained.trainable_parameters,
                "all_parameters": self.trained.all_parameters,
            },
            "seconds": self.seconds,
        }

    def _metrics(self) -> dict[str, Mapping[str, float]]:
        changes = {} if self.comparison is None else self.comparison.metrics
        return {
            "before": {name: change.before.mean for name, change in changes.items()},
            "after": {name: change.after.mean for name, change in changes.items()},
        }


def train(order: Order, registry: Registry, supplies: Supplies, tell: Tell) -> Outcome:
    """Train what the order asks for and register it as the next version of its model; promoting it is another's work.

    Whatever goes wrong, no version appears; what was reached stays in the run's folder, for `resume`. Raises
    `RecipeError`, `DataError`, `ModelError`, `TrainingError`, `ExportError`, `StorageError`, `ShopLocked`.
    """
    started = time.monotonic()
    origin = origin_of(order, registry)
    with _run(origin.recipe, registry, resume=order.resume) as run:
        job = _job(order, origin, run, registry=registry, supplies=supplies, tell=tell)
        tell("preparing the model", 0, None)
        beginning = begin(job.recipe, job.data)
        examples = comparable(job.data.test)
        shelf = Shelf(supplies.products, job.recipe.data.fields, supplies.by_id)
        tell("measuring before", 0, None)
        before = _answers(beginning.head, "before", examples, shelf, job.recipe)
        trained = _trained(order, job, beginning, tell)
        tell("measuring after", 0, None)
        after = _answers(trained.head, "after", examples, shelf, job.recipe)
        comparison = _compared(before, after, examples, job.recipe)
        tell("registering", 0, None)
        registered = register(_product(order, origin, job, beginning, trained=trained, comparison=comparison), registry)
        _keep_tracks(run, registered.version)
    return Outcome(job.recipe, registered, comparison, trained, round(time.monotonic() - started, 3))


@dataclass(frozen=True, slots=True)
class Origin:
    """The recipe with its base as a folder or name that a backbone opens; what the base was called, and its version."""

    recipe: Recipe
    base: str
    parent: str | None


def origin_of(order: Order, registry: Registry) -> Origin:
    recipe = order.recipe
    if order.since_last:
        recipe = replace(recipe, base=last_version(registry, recipe).reference)
    if "@" not in recipe.base:
        return Origin(recipe, Path(recipe.base).name if Path(recipe.base).is_dir() else recipe.base, None)
    version = registry.get(recipe.base)
    opened = replace(recipe, base=str(version.folder / WEIGHTS))
    return Origin(opened, version.lineage().base, version.reference)


@contextmanager
def _run(recipe: Recipe, registry: Registry, *, resume: bool) -> Iterator[Path]:
    """The folder of the recipe's run, held by this process; it goes when all is done, and stays for `resume` if not."""
    folder = registry.runs(recipe.name) / run_name(recipe)
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ShopLocked(
            "Another process trains this recipe.", "Wait until it is done, or train with another name or seed."
        ) from None
    try:
        if not resume:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


def _job(order: Order, origin: Origin, run: Path, *, registry: Registry, supplies: Supplies, tell: Tell) -> Job:
    """The job of the run: written before the training, so that a resumed one has the data that it began with."""
    if order.resume and job_is_written(run):
        return read_job(run)
    job = Job(origin.recipe, data_of(order, origin, registry, supplies, tell), run)
    write_job(job)
    return job


def data_of(order: Order, origin: Origin, registry: Registry, supplies: Supplies, tell: Tell) -> DataSet:
    recipe = origin.recipe
    mining = replace(supplies, encoder=miner(replace(recipe, base=origin.parent or recipe.base), registry))
    data = build(recipe.data, mining, task=recipe.task, seed=recipe.seed, progress=tell)
    return renewed(data, last_version(registry, recipe), recipe) if order.since_last else data


def _answers(head: Any, name: str, examples: tuple[Example, ...], shelf: Shelf, recipe: Recipe) -> Outcomes | None:
    if not examples:
        return None
    return answers(head, name, examples, shelf, recipe.compare.catalogue_recall)


def _trained(order: Order, job: Job, beginning: Beginning, tell: Tell) -> Trained:
    if order.resume and is_finished(job.trained):
        return read_trained(job.trained, lambda folder: open_finished(job.recipe, folder))
    if order.processes > 1:
        run_workers(job.folder, order.processes, tell, resume=order.resume)
        return read_trained(job.trained, lambda folder: open_finished(job.recipe, folder))
    trained = run_training(beginning.head, job.data, job.recipe, job.folder, tell=tell, resume=order.resume)
    write_trained(trained, job.trained)
    return trained


def _compared(
    before: Outcomes | None, after: Outcomes | None, examples: tuple[Example, ...], recipe: Recipe
) -> ModelComparison | None:
    if before is None or after is None:
        return None
    comparison = compare_models(before, after, examples, recipe.task)
    if recipe.train.metric not in comparison.metrics:
        return comparison
    return compare_models(before, after, examples, recipe.task, primary=recipe.train.metric)


def _product(
    order: Order,
    origin: Origin,
    job: Job,
    beginning: Beginning,
    *,
    trained: Trained,
    comparison: ModelComparison | None,
) -> Product:
    licence = job.recipe.licence or beginning.licence
    return Product(
        job.recipe, job.data, trained, comparison, licence, base=origin.base, parent=origin.parent, text=order.text
    )


def _keep_tracks(run: Path, version: int) -> None:
    """The course of a training outlives its checkpoints, under the number of the version that came of it."""
    kept = run.parent / str(version)
    for name in _TRACKS:
        if (run / name).is_dir():
            kept.mkdir(exist_ok=True)
            (run / name).rename(kept / name)
