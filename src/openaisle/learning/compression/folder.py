"""The files of an exported model: model.onnx, tokenizer.json, manifest.json, the manifest last."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from onnx import ModelProto
from tokenizers import Tokenizer

from openaisle.errors import StorageError
from openaisle.models.manifest import FILE, MODEL, TOKENIZER, Calibration
from openaisle.models.protocol import CosineRange

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
    """What a manifest says that the head does not know. `cosines` is for an encoder, `calibration` for a reranker;
    `more` is anything else worth stating (licence, lineage, languages), as JSON."""

    name: str = "model"
    version: str = "1"
    cosines: CosineRange | None = None
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
    if facts.cosines is not None:
        document["cosines"] = asdict(facts.cosines)
    if facts.calibration is not None:
        document["calibration"] = asdict(facts.calibration)
    return document


def write(folder: Path, model: ModelProto, tokenizer: Any, document: Mapping[str, Any]) -> int:
    """Write all three and tell their bytes. The manifest comes last: a folder that is cut off is no model."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).unlink(missing_ok=True)
        contents = {MODEL: model.SerializeToString(), TOKENIZER: _plain(tokenizer).encode("utf-8")}
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
