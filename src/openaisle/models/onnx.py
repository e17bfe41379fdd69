"""Encoders on ONNX Runtime: a folder with model.onnx, tokenizer.json and manifest.json."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from openaisle.errors import ModelError
from openaisle.models.batching import batches
from openaisle.models.manifest import MODEL, TOKENIZER, Manifest, read_manifest
from openaisle.models.protocol import EncoderIdentity, Vectors
from openaisle.models.text_form import text_form
from openaisle.models.vectors import empty, unit

BATCH_TOKENS = 256
"""Tokens of one run, padding included: few enough for the activations of a layer to stay in the processor's cache."""

TEXTS_AT_A_TIME = 2048
"""Texts tokenised and sorted by length together; bounds memory on a feed of any size."""

_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


@dataclass(frozen=True, slots=True)
class _Model:
    """A session and the form it takes its inputs in: `inputs` maps each input's name to its NumPy type."""

    session: ort.InferenceSession
    inputs: dict[str, type[np.integer[Any]]]


class OnnxEncoder:
    """Runs an encoder's graph on the processor; safe to call from several threads.

    Documents are encoded `threads` batches at a time with one thread each, which is faster than one batch on all
    threads.
    """

    def __init__(
        self, manifest: Manifest, tokenizer: Tokenizer, model: _Model, threads: int, batch_tokens: int
    ) -> None:
        self._manifest = manifest
        self._tokenizer = tokenizer
        self._model = model
        self._threads = threads
        self._batch_tokens = batch_tokens
        self._identity = EncoderIdentity(
            manifest.name, manifest.version, manifest.dimensions, _digest(manifest), manifest.cosines
        )

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        threads: int = 0,
        query_prefix: str | None = None,
        document_prefix: str | None = None,
        batch_tokens: int = BATCH_TOKENS,
    ) -> OnnxEncoder:
        """The encoder in `folder`, its files verified and tried once; `threads` 0 takes every core.

        A prefix that is None is the manifest's own. Raises `ModelError` when the folder is foreign, damaged or does
        not hold a text encoder.
        """
        manifest = read_manifest(folder).with_prefixes(query_prefix, document_prefix)
        count = threads or os.cpu_count() or 1
        encoder = cls(manifest, _tokenizer(manifest), _model(manifest, 1), count, batch_tokens)
        encoder.encode_queries(["probe"])
        return encoder

    @property
    def identity(self) -> EncoderIdentity:
        return self._identity

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._manifest.query_prefix, texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._manifest.document_prefix, texts)

    def _encode(self, prefix: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return empty(self._manifest.dimensions)
        slices = (texts[start : start + TEXTS_AT_A_TIME] for start in range(0, len(texts), TEXTS_AT_A_TIME))
        return np.concatenate([self._encode_slice(prefix, part) for part in slices])

    def _encode_slice(self, prefix: str, texts: Sequence[str]) -> Vectors:
        tokens = self._tokens(prefix, texts)
        lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
        plan = list(batches(lengths, self._batch_tokens))
        vectors = np.empty((len(texts), self._manifest.dimensions), dtype=np.float32)
        for positions, rows in zip(plan, self._run_all([[tokens[i] for i in part] for part in plan]), strict=True):
            vectors[positions] = rows
        return vectors

    def _tokens(self, prefix: str, texts: Sequence[str]) -> list[list[int]]:
        formed = [prefix + text_form(text, self._manifest.max_tokens) for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(formed)]

    def _run_all(self, groups: Sequence[Sequence[list[int]]]) -> Iterator[Vectors]:
        if len(groups) == 1 or self._threads == 1:
            yield from map(self._run, groups)
            return
        with ThreadPoolExecutor(self._threads, thread_name_prefix="openaisle-encode") as pool:
            yield from pool.map(self._run, groups)

    def _run(self, tokens: Sequence[list[int]]) -> Vectors:
        ids, mask = _padded(tokens)
        fields = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        inputs = {name: fields[name].astype(kind, copy=False) for name, kind in self._model.inputs.items()}
        try:
            output = self._model.session.run(None, inputs)[0]
        except Exception as error:  # onnxruntime's errors share no class of their own
            raise ModelError(f"{self._name} failed to run: {_first_line(error)}.", _MEND_MODEL) from error
        return unit(self._pooled(output, mask), self._name)

    def _pooled(self, output: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """One row a text, from token vectors or from what the graph has pooled itself."""
        pooled = output
        if output.ndim == 3:
            pooled = output[:, 0] if self._manifest.pooling == "cls" else _mean(output, mask)
        if pooled.shape != (len(mask), self._manifest.dimensions):
            raise ModelError(
                f"{self._name} gives an output of shape {tuple(output.shape)}, its manifest promises "
                f"{self._manifest.dimensions} dimensions.",
                _MEND_MODEL,
            )
        return pooled

    @property
    def _name(self) -> str:
        return f"{self._manifest.name} {self._manifest.version}"


_MEND_MODEL = "Use an ONNX export of a text encoder, and state its dimensions in manifest.json."


def _digest(manifest: Manifest) -> str:
    """Prefixes change vectors as much as weights do, so they are part of what an encoder is."""
    parts = (manifest.digest, manifest.query_prefix, manifest.document_prefix)
    return sha256("\0".join(parts).encode()).hexdigest()


def _tokenizer(manifest: Manifest) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(manifest.folder / TOKENIZER))
    except Exception as error:  # tokenizers raises plain Exception
        raise ModelError(
            f"{manifest.folder / TOKENIZER} is not a tokenizer: {_first_line(error)}.", _MEND_MODEL
        ) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(manifest.max_tokens)
    return tokenizer


def _model(manifest: Manifest, threads: int) -> _Model:
    path = manifest.folder / MODEL
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no class of their own
        raise ModelError(f"{path} is not an ONNX model: {_first_line(error)}.", _MEND_MODEL) from error
    return _Model(session, {item.name: _integer(path, item.name, item.type) for item in session.get_inputs()})


def _integer(path: Path, name: str, kind: str) -> type[np.integer[Any]]:
    types: dict[str, type[np.integer[Any]]] = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
    if name not in _INPUTS or kind not in types:
        raise ModelError(f"{path} wants an input {name} of {kind}, which text does not give.", _MEND_MODEL)
    return types[kind]


def _padded(tokens: Sequence[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids and mask, `(texts, longest)`; what is masked does not matter, so the padding is 0 for every vocabulary."""
    lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    mask = np.arange(lengths.max()) < lengths[:, np.newaxis]
    ids = np.zeros(mask.shape, dtype=np.int64)
    ids[mask] = np.concatenate([np.asarray(row, dtype=np.int64) for row in tokens])
    return ids, mask.astype(np.int64)


def _mean(output: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    weights = mask.astype(np.float32)
    summed: NDArray[np.float32] = np.einsum("nld,nl->nd", output, weights)
    averaged: NDArray[np.float32] = summed / np.maximum(weights.sum(axis=1, keepdims=True), 1)
    return averaged


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
