"""From a trained head to a model folder that opens without PyTorch: model.onnx, tokenizer.json, manifest.json."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from onnx import ModelProto

from openaisle.errors import ExportError
from openaisle.learning.backbones.layers import layer_stack
from openaisle.learning.compression import folder as files
from openaisle.learning.compression.folder import KINDS, Facts
from openaisle.learning.compression.graph import head_graph
from openaisle.learning.compression.layers import drop
from openaisle.learning.compression.matryoshka import cut, cut_graph
from openaisle.learning.compression.parity import Parity, compared, require
from openaisle.learning.compression.quantise import Numbers, quantised
from openaisle.learning.compression.running import of_graph, of_module, rows_of, sample
from openaisle.learning.compression.vocabulary import of_texts, select_rows, trimmed_tokenizer
from openaisle.learning.heads.protocol import Head
from openaisle.learning.heads.reading import Reader

OUTPUTS = {
    "match": "vectors",
    "distil": "vectors",
    "simcse": "vectors",
    "tsdae": "vectors",
    "rerank": "scores",
    "classify": "logits",
    "multilabel": "logits",
    "regress": "values",
    "tag": "logits",
}
"""What the graph of each task calls its output."""


class Recipe(Protocol):
    """What a recipe's [export] says; any record with these attributes fits."""

    @property
    def quantise(self) -> Numbers: ...

    @property
    def vocabulary(self) -> bool: ...

    @property
    def layers(self) -> int: ...

    @property
    def dimensions(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ExportRecipe:
    """The plainest `Recipe`. `layers` and `dimensions` 0 keep all."""

    quantise: Numbers = "int8"
    vocabulary: bool = False
    layers: int = 0
    dimensions: int = 0


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written: bytes of its files, pieces of the vocabulary, numbers an output, and how its answers
    compare with the trained model's."""

    folder: Path
    bytes: int
    pieces: int
    dimensions: int
    quantise: Numbers
    embeddings: Numbers
    parity: Parity

    def as_dict(self) -> dict[str, Any]:
        return {
            "folder": str(self.folder),
            "bytes": self.bytes,
            "pieces": self.pieces,
            "dimensions": self.dimensions,
            "quantise": self.quantise,
            "embeddings": self.embeddings,
            "parity": self.parity.as_dict(),
        }


DEFAULTS = ExportRecipe()
UNNAMED = Facts()


def export(
    head: Head,
    folder: Path,
    recipe: Recipe = DEFAULTS,
    facts: Facts = UNNAMED,
    texts: Sequence[str] = (),
    *,
    embeddings: Numbers | None = None,
) -> ExportReport:
    """Write `head`, which stays as it is, into `folder`, which is made, and check that it answers as before.

    `texts` are of the kind the model will see: the check runs on some of them, and a trimmed vocabulary keeps what they
    need. `embeddings` are the numbers of the embedding table, as the recipe's `quantise` without it. Raises
    `ExportError`; then nothing is written.
    """
    numbers = recipe.quantise if embeddings is None else embeddings
    made = graph_of(head, recipe, texts, numbers)
    stated: dict[str, Any] = head.stated()  # type: ignore[attr-defined]
    document = files.manifest(facts, stated, made.dimensions)
    return ExportReport(
        folder,
        files.write(folder, made.model, made.tokenizer, document),
        len(made.tokenizer),
        made.dimensions,
        recipe.quantise,
        numbers,
        made.parity,
    )


@dataclass(frozen=True, slots=True)
class Made:
    """A graph in memory that was found to answer as its model does."""

    model: ModelProto
    tokenizer: Any
    dimensions: int
    parity: Parity


def graph_of(head: Head, recipe: Recipe, texts: Sequence[str], embeddings: Numbers) -> Made:
    """The head's graph, checked. Raises `ExportError`."""
    if head.task not in KINDS:
        raise ExportError(f"A model trained for {head.task} has nothing to export.", "Train a task on it first.")
    output = OUTPUTS[head.task]
    module, tokenizer = _smaller(head, recipe, texts)
    reader = Reader(tokenizer, _max_tokens(head), _types(module))
    rows = rows_of(reader, [_prefixes(head)[0] + text for text in sample(texts)], head.task == "rerank")
    expected = of_module(module, reader, rows)
    graph = head_graph(module, output, "token_type_ids" in rows[0])
    if recipe.dimensions:
        expected = [cut(vector, recipe.dimensions) for vector in _vectors(expected, head.task)]
        graph = cut_graph(graph, output, recipe.dimensions)
    graph = quantised(graph, recipe.quantise, embeddings)
    parity = compared(expected, of_graph(graph, rows))
    require(parity, output, "4bit" if embeddings == "4bit" else recipe.quantise)
    return Made(graph, tokenizer, expected[0].shape[-1] if expected[0].ndim else 1, parity)


def _smaller(head: Head, recipe: Recipe, texts: Sequence[str]) -> tuple[Any, Any]:
    """A copy of the head's module on the processor, with the layers and pieces that the recipe keeps; its tokenizer."""
    module: Any = copy.deepcopy(head.module).cpu().eval()
    tokenizer = head.tokenizer
    if recipe.layers and recipe.layers < len(layer_stack(module.backbone)):
        drop(module.backbone, f"evenly:{recipe.layers}")
    if recipe.vocabulary:
        if not texts:
            raise ExportError(
                "A vocabulary cannot be trimmed without texts that say what it needs.",
                "Set vocabulary = false under [export].",
            )
        tokenizer, rows = trimmed_tokenizer(tokenizer, of_texts(tokenizer, _read_by(head, [*texts, *sample(())])))
        select_rows(module.backbone, rows, tokenizer)
        if getattr(module, "finish", None) is not None:
            module.finish = module.finish.select(rows)
        if getattr(module, "grams", None) is not None:
            module.grams = module.grams.select(rows)
    return module, tokenizer


def _read_by(head: Head, texts: Sequence[str]) -> list[str]:
    """The texts as the model reads them: behind each of its prefixes, where the first word may be cut otherwise."""
    return [prefix + text for prefix in dict.fromkeys(_prefixes(head)) for text in texts]


def _prefixes(head: Head) -> tuple[str, str]:
    """Of queries and of documents; tasks with one text put that of queries before it."""
    stated: dict[str, Any] = head.stated()  # type: ignore[attr-defined]
    query = stated.get("query_prefix") or ""
    return query, stated.get("document_prefix", query) or ""


def _max_tokens(head: Head) -> int:
    stated: dict[str, Any] = head.stated()  # type: ignore[attr-defined]
    return int(stated["max_tokens"])


def _types(module: Any) -> int:
    return int(getattr(module.backbone.config, "type_vocab_size", 1) or 1)


def _vectors(outputs: list[np.ndarray[Any, np.dtype[np.float32]]], task: str) -> Any:
    if OUTPUTS[task] != "vectors":
        raise ExportError("Only vectors can be cut.", "Set dimensions = 0 under [export].")
    return outputs
