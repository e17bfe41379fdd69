"""Versions as a training leaves them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openaisle.models.registry import DataFacts, Lineage, Measured, Registry, Version, write_lineage

sys.path.insert(0, str(Path(__file__).parent.parent))
from tiny_model import write_tiny_model


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
