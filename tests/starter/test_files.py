"""The files are the ones the manifest names, and small enough to ship."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from .conftest import DISTRIBUTION

MEGABYTE = 1_000_000


def test_files_have_the_hashes_of_the_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    assert set(manifest["files"]) == {"model.onnx", "weights.npz", "tokenizer.json"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_the_distribution_is_at_most_30_megabytes() -> None:
    shipped = [path for path in DISTRIBUTION.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert 25 * MEGABYTE < sum(path.stat().st_size for path in shipped) <= 30 * MEGABYTE


def test_package_and_manifest_are_one_version(manifest: dict[str, Any]) -> None:
    source = (DISTRIBUTION / "src" / "openaisle_starter" / "__init__.py").read_text(encoding="utf-8")
    assert re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE).group(1) == manifest["version"]  # type: ignore[union-attr]


def test_licence_texts_and_credits_are_shipped() -> None:
    assert "MIT License" in (DISTRIBUTION / "LICENSE-MODEL").read_text(encoding="utf-8")
    assert "Apache License" in (DISTRIBUTION / "LICENSE").read_text(encoding="utf-8")
    notice = (DISTRIBUTION / "NOTICE").read_text(encoding="utf-8")
    for credited in ("multilingual-e5-small", "Universal Sentence Encoder", "CC-CEDICT"):
        assert credited in notice
