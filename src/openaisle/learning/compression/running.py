"""A trained module and its exported graph on the same texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import ModelProto

from openaisle.errors import ExportError
from openaisle.learning.heads.reading import Ids, Reader, lengths
from openaisle.learning.heads.running import run
from openaisle.models.batching import batches
from openaisle.models.graph import padded

Values = NDArray[np.float32]

TEXTS = (
    "red dress",
    "连衣裙 夏季 碎花",
    "stainless steel water bottle 500 ml with a straw lid, for children and grown-ups, keeps drinks cold for a day",
    "a",
    "蓝牙耳机",
    '4K monitor 27"',
    "儿童羽绒服 加厚 冬季 中长款 连帽 防风 保暖外套",
    "Wireless headphones with noise cancelling",
    "screws M4 × 20, 100 pieces",
    "不锈钢保温杯 大容量 便携",
)
"""Texts to compare on where none are given: of both languages, short and long."""
_MOST = 64
_TOKENS = 512


def sample(texts: Sequence[str]) -> list[str]:
    """Up to 64 of these texts, evenly spaced, and some of ours."""
    step = max(1, len(texts) // _MOST)
    return [*texts[::step][:_MOST], *TEXTS]


def rows_of(reader: Reader, texts: Sequence[str], pairs: bool) -> list[Ids]:
    """The texts' ids; as pairs, each text with the one after it."""
    formed = [reader.formed(text) for text in texts]
    return reader.read(formed, [*formed[1:], formed[0]] if pairs else None)


def of_module(module: Any, reader: Reader, rows: Sequence[Ids]) -> list[Values]:
    return [np.asarray(value, np.float32) for value in run(module, reader, rows)]


def of_graph(model: ModelProto, rows: Sequence[Ids]) -> list[Values]:
    """The first output for each row, run in batches; what has a value a token is without the padding's."""
    session = session_of(model.SerializeToString())
    results: dict[int, Values] = {}
    for positions in batches(lengths(rows), _TOKENS):
        chosen = [rows[position] for position in positions]
        output = session.run(None, inputs_of(session, chosen))[0]
        for position, row, values in zip(positions, chosen, output, strict=True):
            results[int(position)] = values[: len(row["input_ids"])] if output.ndim == 3 else np.asarray(values)
    return [results[position] for position in range(len(rows))]


def session_of(model: bytes) -> ort.InferenceSession:
    """One thread, as an encoder runs its batches. Raises `ExportError` when the runtime refuses the graph."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no class of their own
        raise ExportError(
            f"The written graph does not load: {error}.", "Report this with the base model's name."
        ) from error


def inputs_of(session: ort.InferenceSession, rows: Sequence[Ids]) -> dict[str, NDArray[np.int64]]:
    ids, mask = padded([row["input_ids"] for row in rows])
    types = padded([row["token_type_ids"] for row in rows])[0] if "token_type_ids" in rows[0] else np.zeros_like(ids)
    fields = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    return {item.name: fields[item.name] for item in session.get_inputs()}
