"""manifest.json of a model folder: what the model is called, how text goes in, and the hashes of its files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from openaisle.errors import ModelError
from openaisle.models.packed import FILE as WEIGHTS
from openaisle.models.protocol import CosineRange, VectorNumbers
from openaisle.models.tags import Following

FILE = "manifest.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib")
_MAX_MANIFEST_BYTES = 1 << 20

Kind = Literal["encoder", "reranker", "classifier", "regressor", "tagger"]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Cosines(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    unrelated: float = Field(default=CosineRange().unrelated, ge=-1, le=1)
    related: float = Field(default=CosineRange().related, ge=-1, le=1)
    translated: float = Field(default=CosineRange().translated, ge=0, le=1)


class _Calibration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    scale: float = Field(default=1.0, gt=0, le=1e6)
    shift: float = Field(default=0.0, ge=-1e6, le=1e6)


class _Following(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    first: tuple[FiniteFloat, ...]
    follow: tuple[tuple[FiniteFloat, ...], ...]

    def size(self) -> set[int]:
        return {len(self.first), len(self.follow), *map(len, self.follow)}


class _Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1, max_length=200)
    version: str = Field(min_length=1, max_length=100)
    dimensions: int = Field(ge=1, le=8192)
    max_tokens: int = Field(ge=4, le=32768)
    pooling: Literal["mean", "cls"] = "mean"
    query_prefix: str = Field(default="", max_length=1000)
    document_prefix: str = Field(default="", max_length=1000)
    cosines: _Cosines = _Cosines()
    vectors: VectorNumbers = "float32"
    kind: Kind = "encoder"
    labels: tuple[str, ...] = Field(default=(), max_length=100_000)
    several: bool = False
    calibration: _Calibration = _Calibration()
    following: _Following | None = None
    files: dict[str, Digest]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.cosines.unrelated >= self.cosines.related:
            raise ValueError("cosines.unrelated must be below cosines.related")
        if self.kind in ("classifier", "tagger") and len(self.labels) != self.dimensions:
            raise ValueError(f"a {self.kind} has a label for each of its dimensions")
        if self.following is not None and self.following.size() != {self.dimensions}:
            raise ValueError("following has a number for each tag, and for each behind each")
        return self


@dataclass(frozen=True, slots=True)
class Calibration:
    """A reranker's scores as relevance: 1 / (1 + exp(-(scale * score + shift))), as Platt (1999) proposes."""

    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Manifest:
    """A verified model folder.

    `max_tokens` counts special tokens too; `pooling` says how token vectors become one (unused when the model pools
    itself); `cosines` says how its cosines read; `digest` is the SHA-256 over the hashes of all files. `kind` says what
    the graph answers with: `dimensions` numbers a text, or, for a tagger, a token. A classifier's and a tagger's
    `labels` name them; `several` tells that more than one label of a classifier may hold. `packed` tells that matrices
    of the graph are in a file beside it. An index keeps an encoder's `vectors` in these numbers. `following` is what a
    tagger has learnt of the order of tags.
    """

    folder: Path
    name: str
    version: str
    dimensions: int
    max_tokens: int
    pooling: Literal["mean", "cls"]
    query_prefix: str
    document_prefix: str
    cosines: CosineRange
    digest: str
    kind: Kind = "encoder"
    labels: tuple[str, ...] = ()
    several: bool = False
    calibration: Calibration = Calibration()
    packed: bool = False
    vectors: VectorNumbers = "float32"
    following: Following | None = None

    def of_kind(self, *kinds: Kind) -> Manifest:
        """This manifest. Raises `ModelError` when the model is of another kind."""
        if self.kind in kinds:
            return self
        raise ModelError(
            f"{self.name} {self.version} is a model of the kind {self.kind}, not {' or '.join(kinds)}.",
            "Name another model.",
        )

    def with_prefixes(self, query: str | None, document: str | None) -> Manifest:
        """The same model with other prefixes; None keeps the model's own."""
        return replace(
            self,
            query_prefix=self.query_prefix if query is None else query,
            document_prefix=self.document_prefix if document is None else document,
        )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model folder, its files verified. Raises `ModelError` for a foreign or damaged folder."""
    stated = _stated(folder)
    for required in (MODEL, TOKENIZER):
        if required not in stated.files:
            raise ModelError(f"{folder / FILE} states no hash for {required}.", _mend_manifest())
    hashes = [_verified(folder, name, digest) for name, digest in sorted(stated.files.items())]
    return Manifest(
        folder=folder,
        name=stated.name,
        version=stated.version,
        dimensions=stated.dimensions,
        max_tokens=stated.max_tokens,
        pooling=stated.pooling,
        query_prefix=stated.query_prefix,
        document_prefix=stated.document_prefix,
        cosines=CosineRange(**stated.cosines.model_dump()),
        digest=hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
        kind=stated.kind,
        labels=stated.labels,
        several=stated.several,
        calibration=Calibration(**stated.calibration.model_dump()),
        packed=WEIGHTS in stated.files,
        vectors=stated.vectors,
        following=None if stated.following is None else Following(stated.following.first, stated.following.follow),
    )


def _stated(folder: Path) -> _Manifest:
    if not folder.is_dir():
        raise ModelError(f"There is no model folder {folder}.", "Check the path after `onnx:` in encoder.name.")
    path = folder / FILE
    try:
        with path.open("rb") as file:
            return _Manifest.model_validate_json(file.read(_MAX_MANIFEST_BYTES))
    except FileNotFoundError:
        raise _foreign(folder) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ModelError(f"{path} is not valid: {where}: {first['msg']}.", _mend_manifest()) from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", "Check the file's permissions.") from None


def _foreign(folder: Path) -> ModelError:
    if any(path.suffix in PICKLES for path in folder.iterdir()) and not (folder / MODEL).exists():
        return ModelError(
            f"{folder} holds pickled weights, which can run code when they are loaded, so they never are.",
            "Export the model to ONNX (model.onnx, tokenizer.json, manifest.json), or use `huggingface:FOLDER` with "
            "safetensors.",
        )
    return ModelError(f"{folder} has no {FILE}.", _mend_manifest())


def _mend_manifest() -> str:
    return (
        f"Write {FILE} beside {MODEL} and {TOKENIZER} with name, version, dimensions, max_tokens, query_prefix, "
        "document_prefix and files (SHA-256 per file)."
    )


def _verified(folder: Path, name: str, expected: str) -> str:
    """`name` with its hash, once the file on disk has it; a name never leads out of the folder."""
    if Path(name).name != name:
        raise ModelError(f"{folder / FILE} names a file outside of its folder: {name}.", "Take models you trust only.")
    try:
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{folder / name} cannot be read: {error.strerror}.", "Install the model again.") from None
    if found != expected:
        raise ModelError(
            f"{folder / name} is corrupt: its SHA-256 is not the one in {FILE}.", "Install the model again."
        )
    return f"{name} {found}"
