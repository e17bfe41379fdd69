"""Encoders on ONNX Runtime: a folder with model.onnx, tokenizer.json and manifest.json."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from openaisle.errors import ModelError
from openaisle.models.batching import batches
from openaisle.models.graph import MEND, Graph, open_graph, open_tokenizer, padded
from openaisle.models.manifest import Manifest, read_manifest
from openaisle.models.protocol import EncoderIdentity, Vectors
from openaisle.models.text_form import text_form
from openaisle.models.vectors import empty, unit

BATCH_TOKENS = 256
"""Tokens of one run, padding included: few enough for the activations of a layer to stay in the processor's cache."""

TEXTS_AT_A_TIME = 2048
"""Texts tokenised and sorted by length together; bounds memory on a feed of any size."""


class OnnxEncoder:
    """Runs an encoder's graph on the processor; safe to call from several threads.

    Documents are encoded `threads` batches at a time with one thread each, which is faster than one batch on all
    threads.
    """

    def __init__(self, manifest: Manifest, tokenizer: Tokenizer, graph: Graph, threads: int, batch_tokens: int) -> None:
        self._manifest = manifest
        self._tokenizer = tokenizer
        self._graph = graph
        self._threads = threads
        self._batch_tokens = batch_tokens
        self._identity = EncoderIdentity(
            manifest.name, manifest.version, manifest.dimensions, _digest(manifest), manifest.cosines, manifest.vectors
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
        manifest = read_manifest(folder).of_kind("encoder").with_prefixes(query_prefix, document_prefix)
        count = threads or os.cpu_count() or 1
        encoder = cls(manifest, open_tokenizer(manifest), open_graph(manifest, 1), count, batch_tokens)
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
        ids, mask = padded(tokens)
        output = self._graph.run(ids, mask)
        return unit(self._pooled(output, mask), self._graph.name)

    def _pooled(self, output: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """One row a text, from token vectors or from what the graph has pooled itself."""
        pooled = output
        if output.ndim == 3:
            pooled = output[:, 0] if self._manifest.pooling == "cls" else _mean(output, mask)
        if pooled.shape != (len(mask), self._manifest.dimensions):
            raise ModelError(
                f"{self._graph.name} gives an output of shape {tuple(output.shape)}, its manifest promises "
                f"{self._manifest.dimensions} dimensions.",
                MEND,
            )
        return pooled


def _digest(manifest: Manifest) -> str:
    """Prefixes change vectors as much as weights do, so they are part of what an encoder is; so are the numbers that an
    index has to be built anew for."""
    kept = () if manifest.vectors == "float32" else (manifest.vectors,)
    parts = (manifest.digest, manifest.query_prefix, manifest.document_prefix, *kept)
    return sha256("\0".join(parts).encode()).hexdigest()


def _mean(output: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    weights = mask.astype(np.float32)
    summed: NDArray[np.float32] = np.einsum("nld,nl->nd", output, weights)
    averaged: NDArray[np.float32] = summed / np.maximum(weights.sum(axis=1, keepdims=True), 1)
    return averaged
