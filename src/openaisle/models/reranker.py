"""Cross-encoders on ONNX Runtime: a query and a text are read together, which tells more than two vectors can."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from openaisle.errors import ModelError
from openaisle.models.batching import batches
from openaisle.models.graph import MEND, Graph, open_graph, open_tokenizer, padded
from openaisle.models.manifest import Calibration, Manifest, read_manifest
from openaisle.models.protocol import Relevances
from openaisle.models.text_form import text_form

BATCH_TOKENS = 1024
"""Tokens of one run, padding included: a page of titles in a run or two, which all threads share."""


class OnnxReranker:
    """Runs a cross-encoder's graph on the processor; safe to call from several threads.

    Each run takes pairs of about one length and is spread over all threads: one query waits for the answer.
    """

    def __init__(self, manifest: Manifest, tokenizer: Tokenizer, graph: Graph) -> None:
        self._manifest = manifest
        self._tokenizer = tokenizer
        self._graph = graph

    @classmethod
    def open(cls, folder: Path, *, threads: int = 0) -> OnnxReranker:
        """The cross-encoder in `folder`, its files verified and tried once; `threads` 0 takes every core.

        Raises `ModelError` when the folder is foreign, damaged or holds a model of another kind.
        """
        manifest = read_manifest(folder).of_kind("reranker")
        graph = open_graph(manifest, threads or os.cpu_count() or 1)
        reranker = cls(manifest, open_tokenizer(manifest), graph)
        reranker.score("probe", ["probe"])
        return reranker

    @property
    def name(self) -> str:
        return f"{self._manifest.name} {self._manifest.version}"

    def score(self, query: str, texts: Sequence[str]) -> Relevances:
        return relevance(self.scores(query, texts), self._manifest.calibration)

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """What the graph gives, not calibrated: higher answers better."""
        scores = np.empty(len(texts), np.float32)
        pairs = self._pairs(query, texts)
        lengths = np.fromiter((len(pair.ids) for pair in pairs), np.int64, len(pairs))
        for positions in batches(lengths, BATCH_TOKENS):
            scores[positions] = self._run([pairs[position] for position in positions])
        return scores

    def _pairs(self, query: str, texts: Sequence[str]) -> list[Encoding]:
        m = self._manifest
        asked = m.query_prefix + text_form(query, m.max_tokens)
        pairs = [(asked, m.document_prefix + text_form(text, m.max_tokens)) for text in texts]
        return list(self._tokenizer.encode_batch(pairs)) if pairs else []

    def _run(self, pairs: Sequence[Encoding]) -> NDArray[np.float32]:
        ids, mask = padded([pair.ids for pair in pairs])
        types, _ = padded([pair.type_ids for pair in pairs])
        output = self._graph.run(ids, mask, types)
        scores = output[:, 0] if output.ndim == 2 and output.shape[1] == 1 else output
        if scores.shape != (len(pairs),) or not np.isfinite(scores).all():
            raise ModelError(f"{self.name} does not give one finite score a pair.", MEND)
        return scores


def relevance(scores: NDArray[np.float32], calibration: Calibration) -> Relevances:
    """Scores on a scale from 0 (does not answer) to 1 (answers)."""
    logits = calibration.scale * scores.astype(np.float64) + calibration.shift
    return (0.5 * (1 + np.tanh(logits / 2))).astype(np.float32)
