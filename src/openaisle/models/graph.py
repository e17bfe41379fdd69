"""What all models on ONNX Runtime share: opening a folder's graph and tokenizer, and running token ids through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from openaisle.errors import ModelError
from openaisle.models.manifest import MODEL, TOKENIZER, Manifest
from openaisle.models.packed import unpacked

MEND = "Use an ONNX export of a text model, and state its dimensions in manifest.json."
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_TYPES: dict[str, type[np.integer[Any]]] = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Graph:
    """A session and the form it takes its inputs in: `inputs` maps each input's name to its NumPy type."""

    name: str
    session: ort.InferenceSession
    inputs: dict[str, type[np.integer[Any]]]

    def run(self, ids: Ids, mask: Ids, types: Ids | None = None) -> NDArray[np.float32]:
        """The first output for `(texts, tokens)` ids. Raises `ModelError` when the graph fails."""
        fields = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        inputs = {
            name: (np.zeros_like(ids) if fields[name] is None else fields[name]).astype(kind, copy=False)  # type: ignore[union-attr]
            for name, kind in self.inputs.items()
        }
        try:
            output: NDArray[np.float32] = self.session.run(None, inputs)[0]
        except Exception as error:  # onnxruntime's errors share no class of their own
            raise ModelError(f"{self.name} failed to run: {_first_line(error)}.", MEND) from error
        return output


def open_graph(manifest: Manifest, threads: int) -> Graph:
    """The graph of a verified folder, each run on `threads` threads. Raises `ModelError` when it is none for text."""
    path = manifest.folder / MODEL
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if manifest.packed:
        constants = unpacked(manifest.folder)
        options.add_external_initializers(
            list(constants), [ort.OrtValue.ortvalue_from_numpy(v) for v in constants.values()]
        )
    try:
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no class of their own
        raise ModelError(f"{path} is not an ONNX model: {_first_line(error)}.", MEND) from error
    inputs = {item.name: item.type for item in session.get_inputs()}
    for name, kind in inputs.items():
        if name not in _INPUTS or kind not in _TYPES:
            raise ModelError(f"{path} wants an input {name} of {kind}, which text does not give.", MEND)
    return Graph(f"{manifest.name} {manifest.version}", session, {name: _TYPES[kind] for name, kind in inputs.items()})


def open_tokenizer(manifest: Manifest) -> Tokenizer:
    """The folder's tokenizer, cutting at the model's `max_tokens`. Raises `ModelError`."""
    try:
        tokenizer = Tokenizer.from_file(str(manifest.folder / TOKENIZER))
    except Exception as error:  # tokenizers raises plain Exception
        raise ModelError(f"{manifest.folder / TOKENIZER} is not a tokenizer: {_first_line(error)}.", MEND) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(manifest.max_tokens)
    return tokenizer


def padded(rows: Sequence[list[int]]) -> tuple[Ids, Ids]:
    """Ids and mask, `(texts, longest)`; what is masked does not matter, so the padding is 0 for every vocabulary."""
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    mask = np.arange(lengths.max()) < lengths[:, np.newaxis]
    ids = np.zeros(mask.shape, dtype=np.int64)
    ids[mask] = np.concatenate([np.asarray(row, dtype=np.int64) for row in rows])
    return ids, mask.astype(np.int64)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
