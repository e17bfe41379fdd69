"""A trained head as a version of the registry: exported, with weights to train on from, data, report and lineage."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from openaisle.learning.comparison import ModelComparison, gate, history_of, write_report
from openaisle.learning.compression.calibration import calibration_of
from openaisle.learning.compression.export import export
from openaisle.learning.compression.folder import KINDS, Facts
from openaisle.learning.compression.vectors import kept
from openaisle.learning.cosines import cosine_range
from openaisle.learning.data import write_data_set
from openaisle.learning.data.keys import main_text
from openaisle.learning.examples import DataSet, Example, JudgedQuery, Scored, Triplet
from openaisle.learning.heads.match import MatchHead
from openaisle.learning.heads.protocol import Head
from openaisle.learning.recipe import Recipe
from openaisle.learning.recipe.stating import as_dict
from openaisle.learning.renewal import DATA
from openaisle.learning.training import Trained
from openaisle.models.protocol import VectorNumbers
from openaisle.models.registry import DataFacts, Lineage, Measured, Registry, write_lineage
from openaisle.models.registry.version import REPORT, WEIGHTS

_TEXTS = 2000
_ASKED, _LEAST_TEXTS = 200, 20
"""Texts of the data that the exported model is checked on; a trimmed vocabulary needs all."""


@dataclass(frozen=True, slots=True)
class Product:
    """What a training made, and all that its version is to say of it; `comparison` is None without a test split.

    `base` is what the recipe named, `parent` the version that it was, `text` the recipe as it was written.
    """

    recipe: Recipe
    data: DataSet
    trained: Trained
    comparison: ModelComparison | None
    licence: str
    base: str
    parent: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Registered:
    """`exported` is what the export reports: sizes and parity; empty where the task has nothing to run."""

    version: int
    folder: Path
    exported: Mapping[str, Any]

    @property
    def report(self) -> Path | None:
        return self.folder / REPORT if (self.folder / REPORT).is_file() else None


def register(product: Product, registry: Registry) -> Registered:
    """Write the next version, whole or not at all. Raises `ExportError`, `ModelError`, `StorageError`."""
    name = product.recipe.name
    with registry.stage(name) as folder:
        number = registry.next_version(name)
        exported = _export(product, folder, number)
        product.trained.save(folder / WEIGHTS)
        write_data_set(product.data, folder / DATA)
        _report(product, folder, number)
        write_lineage(folder, _lineage(product, exported))
    return Registered(number, registry.folder / name / str(number), exported)


def _export(product: Product, folder: Path, number: int) -> dict[str, Any]:
    recipe, head = product.recipe, product.trained.head
    if head.task not in KINDS:
        return {}
    examples = product.data.validation or product.data.train
    cosines = cosine_range(head, examples) if head.task == "match" else None
    calibration = calibration_of(head, examples) if head.task == "rerank" else None
    facts = Facts(recipe.name, str(number), cosines, recipe.export.vectors, calibration, {"licence": product.licence})
    texts = _texts(product.data, recipe)
    report = export(head, folder, recipe.export, facts, texts)
    told = report.as_dict()
    del told["folder"]
    return told | _codes(head, texts, recipe.export.vectors)


def _codes(head: Head, texts: Sequence[str], numbers: VectorNumbers) -> dict[str, Any]:
    """What the index's codes keep of a search for some of the texts among the others."""
    if numbers == "float32" or not isinstance(head, MatchHead) or len(texts) < _LEAST_TEXTS:
        return {}
    vectors = head.encode(texts[:_TEXTS], "document")
    asked = min(_ASKED, len(vectors) // 2)
    return {"vectors": kept(vectors[:asked], vectors[asked:], numbers).as_dict()}


def _texts(data: DataSet, recipe: Recipe) -> Sequence[str]:
    every = (text for split in (data.validation, data.test, data.train) for example in split for text in _of(example))
    distinct = dict.fromkeys(every)
    return tuple(distinct) if recipe.export.vocabulary else tuple(distinct)[:_TEXTS]


def _of(example: Example) -> list[str]:
    match example:
        case JudgedQuery(query=query, candidates=candidates):
            return [query, *(candidate.text for candidate in candidates)]
        case Triplet(anchor=anchor, positive=positive, negatives=negatives):
            return [anchor, positive, *negatives]
        case Scored(left=left, right=right):
            return [left, right]
        case _:
            return [main_text(example)]


def _report(product: Product, folder: Path, number: int) -> None:
    if product.comparison is None:
        return
    recipe = product.recipe
    write_report(
        product.comparison,
        folder,
        history=history_of(product.trained.history, recipe.train.metric),
        decision=gate(product.comparison, recipe.gate.guarded),
        facts={"Model": f"{recipe.name}@{number}", "Task": recipe.task, "Base": product.base} | _told(product),
    )


def _told(product: Product) -> dict[str, str]:
    trained, train = product.trained, product.recipe.train
    return {
        "What trains": train.what,
        "Loss": train.loss,
        "Steps": f"{trained.steps:,}",
        "Time": f"{trained.seconds:,.0f} s",
        "Examples a second": f"{trained.examples_per_second:,.0f}",
        "Memory": f"{trained.peak_memory_mb:,.0f} MB",
    }


def _lineage(product: Product, exported: Mapping[str, Any]) -> Lineage:
    recipe, data, trained = product.recipe, product.data, product.trained
    before, after = _measured(product.comparison)
    return Lineage(
        name=recipe.name,
        task=recipe.task,
        base=product.base,
        licence=product.licence,
        data=DataFacts(data.digest, recipe.data.source, _counts(data)),
        code=version("openaisle"),
        recipe=product.text,
        created_at=datetime.now(UTC),
        parent=product.parent,
        parameters={**as_dict(recipe)["train"], **_figures(trained), "export": dict(exported)},
        seed=recipe.seed,
        before=before,
        after=after,
        guarded=recipe.gate.guarded,
        hardware=_hardware(),
        seconds=trained.seconds,
    )


def _measured(comparison: ModelComparison | None) -> tuple[dict[str, Measured], dict[str, Measured]]:
    if comparison is None:
        return {}, {}
    changes = comparison.metrics.items()
    return (
        {name: Measured(each.before.mean, each.before.low, each.before.high) for name, each in changes},
        {name: Measured(each.after.mean, each.after.low, each.after.high) for name, each in changes},
    )


def _counts(data: DataSet) -> dict[str, int]:
    return {"train": len(data.train), "validation": len(data.validation), "test": len(data.test)}


def _figures(trained: Trained) -> dict[str, float | int]:
    return {
        "steps": trained.steps,
        "trainable_parameters": trained.trainable_parameters,
        "all_parameters": trained.all_parameters,
        "peak_memory_mb": trained.peak_memory_mb,
        "examples_per_second": trained.examples_per_second,
    }


def _hardware() -> str:
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads"
