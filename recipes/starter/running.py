"""Run an encoder file on ONNX Runtime, for measuring only; the product has its own in `openaisle.models`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

MAX_TOKENS = 512
_BATCH_TOKENS = 512
_PAD = 1


class Runner:
    """A graph with its tokenizer; texts are batched by length, with at most 512 tokens a batch, padding included."""

    def __init__(self, model: Path, tokenizer: Path, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.enable_truncation(MAX_TOKENS)

    def vectors(self, prefix: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors: float32, (texts, hidden)."""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch([prefix + text for text in texts])]
        result = np.empty((len(ids), 384), np.float32)
        for batch in _batches(ids):
            result[batch] = self._run([ids[i] for i in batch])
        return result

    def _run(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        longest = max(map(len, ids))
        padded = np.array([[*row, *[_PAD] * (longest - len(row))] for row in ids], np.int64)
        mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in ids], np.int64)
        (vectors,) = self.session.run(None, {"input_ids": padded, "attention_mask": mask})
        return np.asarray(vectors, np.float32)


def _batches(ids: Sequence[Sequence[int]]) -> list[list[int]]:
    batches: list[list[int]] = []
    for i in sorted(range(len(ids)), key=lambda i: len(ids[i])):
        if batches and (len(batches[-1]) + 1) * len(ids[i]) <= _BATCH_TOKENS:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches
