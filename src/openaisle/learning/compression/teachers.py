"""What teachers say of texts, on disk: computed once, read through memory maps, joined to one target a text."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from openaisle.errors import ModelError, StorageError
from openaisle.learning.backbones import open_backbone
from openaisle.learning.heads.match import MatchHead
from openaisle.learning.heads.protocol import HeadOptions
from openaisle.learning.losses.cosine_similarity import CosineSimilarity
from openaisle.models.manifest import FILE as MANIFEST
from openaisle.models.open import open_encoder

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], NDArray[np.floating]]

_AT_A_TIME = 1024
_MAX_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Teacher:
    """`identity` changes whenever its vectors would; `encode` gives float (texts, d), of any length but 0."""

    name: str
    identity: str
    encode: Encode


def open_teacher(name: str, max_tokens: int = _MAX_TOKENS) -> Teacher:
    """A teacher by name: an encoder as the settings name it (`starter`, `onnx:FOLDER`, `huggingface:NAME`,
    `endpoint:URL`), the folder of an exported model or of a pretrained one, or a Hugging Face name.

    It reads every text as a query, so that texts alike have vectors alike. Raises `ModelError`.
    """
    folder = Path(name).expanduser()
    if name == "starter" or name.partition(":")[0] in ("onnx", "huggingface", "endpoint"):
        return _encoder(name)
    if (folder / MANIFEST).is_file():
        return _encoder(f"onnx:{folder}")
    backbone = open_backbone(name, max_tokens=max_tokens)
    head = MatchHead(backbone, HeadOptions(max_tokens=max_tokens), CosineSimilarity())
    identity = "\0".join((backbone.name, str(max_tokens), backbone.query_prefix, _weights(folder)))
    return Teacher(name, identity, lambda texts: head.encode(texts, "query"))


def _encoder(name: str) -> Teacher:
    encoder = open_encoder(name)
    if encoder is None:
        raise ModelError(f"{name} is no model to learn from.", "Name an encoder in train.teachers.")
    return Teacher(name, encoder.identity.digest, encoder.encode_queries)


def _weights(folder: Path) -> str:
    path = folder / "model.safetensors"
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cached_vectors(teacher: Teacher, texts: Sequence[str], cache: Path) -> Vectors:
    """The teacher's unit vectors of these texts, a read-only memory map: computed once for a teacher and a list of
    texts. Raises `ModelError` for vectors that are not finite, `StorageError`."""
    digest = hashlib.sha256(teacher.identity.encode())
    for text in texts:
        digest.update(b"\0" + text.encode("utf-8", "surrogatepass"))
    path = cache / f"{digest.hexdigest()}.npy"
    if not path.exists():
        _write(path, teacher, texts)
    return read_vectors(path, len(texts))


def read_vectors(path: Path, texts: int) -> Vectors:
    """Vectors that were computed before, (texts, d), as a memory map. Raises `ModelError` where the file does not fit;
    pickled arrays are refused."""
    try:
        vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read as vectors: {error}.", "Give a .npy file of float numbers.") from error
    if vectors.ndim != 2 or len(vectors) != texts or not np.issubdtype(vectors.dtype, np.floating):
        raise ModelError(
            f"{path} holds {vectors.dtype} of shape {vectors.shape}, {texts} rows of floats are needed.",
            "Give one vector for each text, in their order.",
        )
    held: Vectors = vectors
    return held


def _write(path: Path, teacher: Teacher, texts: Sequence[str]) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        parts = _encoded(teacher, texts)
        first = next(parts)
        file = open_memmap(temporary, mode="w+", dtype=np.float32, shape=(len(texts), first.shape[1]))
        start = 0
        for part in _again(first, parts):
            file[start : start + len(part)] = part
            start += len(part)
        file.flush()
        del file
        temporary.replace(path)
    except OSError as error:
        raise StorageError(
            f"The teacher's vectors cannot be written to {path.parent}: {error.strerror}.", "Free some space."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _again(first: Vectors, rest: Iterator[Vectors]) -> Iterator[Vectors]:
    yield first
    yield from rest


def _encoded(teacher: Teacher, texts: Sequence[str]) -> Iterator[Vectors]:
    if not texts:
        raise ModelError("There are no texts to learn from.", "Check the data of the recipe.")
    for start in range(0, len(texts), _AT_A_TIME):
        vectors = np.asarray(teacher.encode(texts[start : start + _AT_A_TIME]), np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or (lengths == 0).any():
            raise ModelError(f"{teacher.name} gave a vector that is zero or not finite.", "Use another teacher.")
        yield vectors / lengths
