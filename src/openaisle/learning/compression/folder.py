"""The files of an exported model: model.onnx, tokenizer.json, perhaps weights.npz, and manifest.json at last."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, numpy_helper
from tokenizers import Tokenizer

from openaisle.errors import StorageError
from openaisle.models.manifest import FILE, MODEL, TOKENIZER, Calibration
from openaisle.models.packed import COLUMNS, INTEGERS, NIBBLES, SCALES, STEPS
from openaisle.models.packed import FILE as WEIGHTS
from openaisle.models.protocol import CosineRange, VectorNumbers

KINDS = {
    "match": "encoder",
    "distil": "encoder",
    "simcse": "encoder",
    "tsdae": "encoder",
    "rerank": "reranker",
    "classify": "classifier",
    "multilabel": "classifier",
    "regress": "regressor",
    "tag": "tagger",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a manifest says that the head does not know. `cosines` and `vectors` are for an encoder, `calibration` for
    a reranker; `more` is anything else worth stating (licence, lineage, languages), as JSON."""

    name: str = "model"
    version: str = "1"
    cosines: CosineRange | None = None
    vectors: VectorNumbers = "float32"
    calibration: Calibration | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def manifest(facts: Facts, stated: Mapping[str, Any], dimensions: int) -> dict[str, Any]:
    """manifest.json without the files' hashes; `stated` is what the head says of itself in head.json."""
    task = stated["task"]
    document: dict[str, Any] = {
        **facts.more,
        "name": facts.name,
        "version": facts.version,
        "kind": KINDS[task],
        "dimensions": dimensions,
        "max_tokens": stated["max_tokens"],
        "pooling": stated.get("pooling") or "mean",
        "query_prefix": stated.get("query_prefix") or "",
        "document_prefix": stated.get("document_prefix") or "",
    }
    if task in ("classify", "multilabel", "tag"):
        document |= {"labels": list(stated.get("tags") or stated["labels"]), "several": task == "multilabel"}
    if stated.get("following") is not None:
        document["following"] = stated["following"]
    if facts.cosines is not None:
        document["cosines"] = asdict(facts.cosines)
    if facts.vectors != "float32":
        document["vectors"] = facts.vectors
    if facts.calibration is not None:
        document["calibration"] = asdict(facts.calibration)
    return document


def write(folder: Path, model: ModelProto, tokenizer: Any, document: Mapping[str, Any]) -> int:
    """Write them and tell their bytes; packed matrices go into a file of their own. The manifest comes last: a folder
    that is cut off is no model."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).unlink(missing_ok=True)
        contents = {**_split(model), TOKENIZER: _plain(tokenizer).encode("utf-8")}
        for name, content in contents.items():
            _put(folder / name, content)
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        text = json.dumps({**document, "files": hashes}, indent=2, ensure_ascii=False) + "\n"
        _put(folder / FILE, text.encode("utf-8"))
        return sum((folder / name).stat().st_size for name in (*contents, FILE))
    except OSError as error:
        raise StorageError(
            f"The model cannot be written into {folder}: {error.strerror}.", "Free some space or choose another folder."
        ) from error


def _split(model: ModelProto) -> dict[str, bytes]:
    """The graph's file, and that of its packed matrices if it has any; those then stand in the graph by name alone."""
    held = {tensor.name: tensor for tensor in model.graph.initializer}
    names = [name.removesuffix(NIBBLES) for name in held if name.endswith(NIBBLES) and f"{name[:-5]}{COLUMNS}" in held]
    if not names:
        return {MODEL: model.SerializeToString()}
    packed = [f"{name}{part}" for name in names for part in (NIBBLES, STEPS, COLUMNS)]
    file = io.BytesIO()
    arrays: dict[str, Any] = {name: numpy_helper.to_array(held[name]) for name in packed}
    np.savez(file, **arrays)
    without = ModelProto()
    without.CopyFrom(model)
    del without.graph.initializer[:]
    outside = {f"{name}{part}" for name in names for part in (INTEGERS, SCALES)}
    kept = [tensor for name, tensor in held.items() if name not in packed]
    without.graph.initializer.extend(_outside(tensor) if tensor.name in outside else tensor for tensor in kept)
    return {MODEL: without.SerializeToString(), WEIGHTS: file.getvalue()}


def _outside(tensor: TensorProto) -> TensorProto:
    """A constant that whoever opens the graph provides."""
    reference = TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
    reference.data_location = TensorProto.EXTERNAL
    reference.external_data.add(key="location", value=WEIGHTS)
    return reference


def _plain(tokenizer: Any) -> str:
    """The tokenizer without the padding and cutting that training set."""
    copied = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    copied.no_padding()
    copied.no_truncation()
    return copied.to_str()


def _put(path: Path, content: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
