"""Size, speed and quality of a model's variants, side by side."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.compression.folder import KINDS
from openaisle.learning.compression.quantise import Numbers
from openaisle.learning.compression.running import TEXTS, sample
from openaisle.learning.heads.protocol import Head
from openaisle.models.classifier import OnnxClassifier, OnnxRegressor, OnnxTagger
from openaisle.models.onnx import OnnxEncoder
from openaisle.models.reranker import OnnxReranker

Quality = Callable[[Path], Mapping[str, float]]
"""Measures the model in an exported folder."""

_RUNS = 5
_BULK = 64


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to export. `embeddings` None is as `quantise`; `dimensions` and `layers` 0 keep all."""

    name: str
    quantise: Numbers = "none"
    embeddings: Numbers | None = None
    dimensions: int = 0
    layers: int = 0


VARIANTS = (
    Variant("float32"),
    Variant("int8", "int8"),
    Variant("int8, 4-bit table", "int8", "4bit"),
    Variant("4-bit", "4bit"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """`megabytes` on disk, 10⁶ bytes; `milliseconds` of one text (or pair) alone, the median; `texts_a_second` in
    bulk; both on one thread. `least_cosine` and `correlation` compare it with the trained model."""

    variant: str
    megabytes: float
    dimensions: int
    milliseconds: float
    texts_a_second: float
    least_cosine: float
    correlation: float
    quality: Mapping[str, float]


def measured(
    head: Head, variants: Sequence[Variant] = VARIANTS, texts: Sequence[str] = (), quality: Quality | None = None
) -> list[Row]:
    """Export each variant into a folder that goes again, and measure it. Raises `ExportError` for one that differs from
    the model by more than rounding."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            _row(head, variant, Path(folder) / str(number), texts, quality) for number, variant in enumerate(variants)
        ]


def _row(head: Head, variant: Variant, folder: Path, texts: Sequence[str], quality: Quality | None) -> Row:
    recipe = ExportRecipe(variant.quantise, layers=variant.layers, dimensions=variant.dimensions)
    report = export(head, folder, recipe, texts=texts, embeddings=variant.embeddings)
    run = opened(KINDS[head.task], folder)
    chosen = (sample(texts) * _BULK)[:_BULK]
    return Row(
        variant.name,
        round(report.bytes / 1e6, 2),
        report.dimensions,
        round(_median(lambda: run(TEXTS[:1])) * 1e3, 3),
        round(_BULK / _median(lambda: run(chosen)), 1),
        round(report.parity.least_cosine, 5),
        round(report.parity.correlation, 5),
        {} if quality is None else dict(quality(folder)),
    )


def opened(kind: str, folder: Path) -> Callable[[Sequence[str]], Any]:
    """What runs an exported model of this kind on texts, on one thread."""
    match kind:
        case "encoder":
            return OnnxEncoder.open(folder, threads=1).encode_documents
        case "reranker":
            reranker = OnnxReranker.open(folder, threads=1)
            return lambda texts: reranker.score(TEXTS[0], texts)
        case "classifier":
            return OnnxClassifier.open(folder, threads=1).probabilities
        case "regressor":
            return OnnxRegressor.open(folder, threads=1).predict
        case _:
            return OnnxTagger.open(folder, threads=1).spans


def _median(work: Callable[[], Any]) -> float:
    """Seconds, the median of a few runs after one that does not count."""
    work()
    taken = []
    for _ in range(_RUNS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return float(np.median(taken))


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False) + "\n"


def as_markdown(rows: Sequence[Row]) -> str:
    """A table with a column for each measure of quality."""
    measures = list(dict.fromkeys(name for row in rows for name in row.quality))
    head = ["variant", "MB", "dimensions", "ms a text", "texts/s", "least cosine", "correlation", *measures]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for row in rows:
        numbers = [f"{row.megabytes:.1f}", str(row.dimensions), f"{row.milliseconds:.2f}", f"{row.texts_a_second:,.0f}"]
        likeness = [f"{row.least_cosine:.4f}", f"{row.correlation:.4f}"]
        found = [f"{row.quality[name]:.4f}" if name in row.quality else "–" for name in measures]
        lines.append([row.variant, *numbers, *likeness, *found])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
