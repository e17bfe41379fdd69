"""ONNX graphs that were learnt, running on one thread: a shop answers many calls at once."""

from __future__ import annotations

from typing import Any


def opened(graph: bytes) -> Any:
    """A session of onnxruntime. Raises `ValueError` for what is no graph."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions have no common base
        raise ValueError(str(error)) from error
