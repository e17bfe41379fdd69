"""The files of this checkout's starter, whatever version is installed."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from openaisle.models.graph import open_graph
from openaisle.models.manifest import read_manifest

DISTRIBUTION = Path(__file__).parents[2] / "starter"
Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@pytest.fixture(scope="session")
def folder() -> Path:
    """The data folder as the package of this checkout gives it, whatever version is installed."""
    spec = importlib.util.spec_from_file_location(
        "starter_of_this_checkout", DISTRIBUTION / "src" / "openaisle_starter" / "__init__.py"
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    path: Path = package.path()
    return path


@pytest.fixture(scope="session")
def manifest(folder: Path) -> dict[str, Any]:
    stated: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return stated


@pytest.fixture(scope="session")
def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


@pytest.fixture(scope="session")
def encode(folder: Path, tokenizer: Tokenizer, manifest: dict[str, Any]) -> Encode:
    """Encodes texts as one padded batch."""
    graph = open_graph(read_manifest(folder), threads=1)

    def run(texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [row.ids for row in tokenizer.encode_batch([manifest["query_prefix"] + text for text in texts])]
        longest = max(map(len, rows))
        ids = np.array([row + [1] * (longest - len(row)) for row in rows], np.int64)
        mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in rows], np.int64)
        return graph.run(ids, mask)

    return run
