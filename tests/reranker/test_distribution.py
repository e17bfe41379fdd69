"""The starter's reranker, as this checkout has it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from openaisle.models.reranker import OnnxReranker

DISTRIBUTION = Path(__file__).parents[2] / "reranker"
PACKAGE = DISTRIBUTION / "src" / "openaisle_reranker"
DATA = PACKAGE / "data"
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    stated: dict[str, Any] = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
    return stated


@pytest.fixture(scope="module")
def reranker() -> OnnxReranker:
    return OnnxReranker.open(DATA, threads=1)


def test_files_have_the_hashes_of_the_manifest(manifest: dict[str, Any]) -> None:
    assert set(manifest["files"]) == {"model.onnx", "tokenizer.json"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == digest


def test_the_distribution_is_at_most_30_megabytes() -> None:
    shipped = [path for path in DISTRIBUTION.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in shipped) <= 30 * MEGABYTE


def test_package_and_manifest_are_one_version(manifest: dict[str, Any]) -> None:
    source = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    assert re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE).group(1) == manifest["version"]  # type: ignore[union-attr]


def test_licence_texts_and_credits_are_shipped() -> None:
    assert "MIT License" in (DISTRIBUTION / "LICENSE-MODEL").read_text(encoding="utf-8")
    assert "Apache License" in (DISTRIBUTION / "LICENSE").read_text(encoding="utf-8")
    notice = (DISTRIBUTION / "NOTICE").read_text(encoding="utf-8")
    for credited in ("multilingual-e5-small", "CC-CEDICT"):
        assert credited in notice


PAIRS = (
    ("noise cancelling headphones", "Over-ear headphones with active noise cancelling, black", "Headphone stand"),
    ("red running shoes", "Running shoes for women, red, size 38", "Running shorts for women, red"),
    ("保温杯", "316不锈钢保温杯 500ml 大容量便携", "保温杯杯套 防摔 布套"),
    ("男士羽绒服 黑色", "短款羽绒服 男 黑色 加厚保暖", "羽绒被 冬季加厚 白色"),
    ("electric kettle", "电热水壶 1.7L 304不锈钢 自动断电", "电饭煲 4L 智能预约"),
    ("雨伞", "Folding umbrella, windproof, black", "Rain boots for women, black"),
    ("wooden desk lamp", "Desk lamp with wooden base, warm light", "Wooden desk, 120 cm, oak"),
    ("phone case", "Silicone case for smartphones, clear", "Smartphone 128 GB, blue"),
    ("儿童书包", "小学生书包 护脊减负 男女童双肩包", "儿童水杯 吸管杯 350ml"),
    ("不锈钢炒锅", "304不锈钢炒锅 无涂层 32cm 家用", "不锈钢锅铲 长柄"),
)
"""Written before the model was trained (the first six) or without asking it (the others)."""


def test_answers_stand_before_near_misses(reranker: OnnxReranker) -> None:
    scores = [reranker.score(query, [right, wrong]) for query, right, wrong in PAIRS]
    assert sum(bool(right > wrong) for right, wrong in scores) >= 0.8 * len(PAIRS)
