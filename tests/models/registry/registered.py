"""Versions as a training leaves them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from openaisle.models.registry import DataFacts, Lineage, Measured, Registry, Version, write_lineage

sys.path.insert(0, str(Path(__file__).parent.parent))
from tiny_model import write_manifest, write_tiny_model


def lineage(name: str = "shop-encoder", **changes: Any) -> Lineage:
    stated: dict[str, Any] = {
        "name": name,
        "task": "match",
        "base": "starter",
        "licence": "MIT",
        "data": DataFacts("d" * 64, "judgments", {"train": 800, "test": 100}, {"en": 700, "zh": 300}),
        "code": "0.1.0",
        "recipe": f'name = "{name}"\n',
        "created_at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        "parameters": {"trained": 1_000},
        "seed": 7,
        "before": {"ndcg@10": Measured(0.5, 0.45, 0.55)},
        "after": {"ndcg@10": Measured(0.6, 0.55, 0.65)},
        "guarded": {"ndcg@10": 0.005},
        "hardware": "2 cores",
        "seconds": 60.0,
    }
    return Lineage(**(stated | changes))


def write_version(folder: Path, made_by: Lineage | None = None, **model: Any) -> None:
    write_tiny_model(folder, **model)
    write_lineage(folder, made_by or lineage())


def untouched(_folder: Path) -> None:
    """Leaves a version as it was written."""


def make_reranker(folder: Path) -> None:
    """Turn the tiny encoder in the folder into a cross-encoder: a score a pair instead of a vector a token."""
    model = onnx.load(folder / "model.onnx")
    axes = onnx.numpy_helper.from_array(np.array([1, 2]), "axes")
    model.graph.initializer.append(axes)
    model.graph.node.append(onnx.helper.make_node("ReduceMean", ["last_hidden_state", "axes"], ["score"], keepdims=0))
    del model.graph.output[:]
    model.graph.output.append(onnx.helper.make_tensor_value_info("score", onnx.TensorProto.FLOAT, ["batch"]))
    onnx.save(model, folder / "model.onnx")
    write_manifest(folder, kind="reranker", dimensions=1, name="reranker")


def add_version(
    registry: Registry,
    name: str = "shop-encoder",
    made_by: Lineage | None = None,
    spoil: Callable[[Path], object] = untouched,
    **model: Any,
) -> Version:
    """The next version, with the tiny encoder; `spoil` may change its folder before it is taken."""
    with registry.stage(name) as folder:
        called = {"name": name, "version": str(registry.next_version(name))}
        write_version(folder, made_by or lineage(name), **(called | model))
        spoil(folder)
    return registry.get(name)
