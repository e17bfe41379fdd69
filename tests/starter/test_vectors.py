"""Vectors have unit length, do not depend on their batch, and mean the same in Chinese and English."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .conftest import Encode

TEXTS = [
    "鞋",
    "wireless mouse",
    "",
    "12345",
    "加厚羽绒服 女 中长款 白鸭绒 冬季新款 显瘦 连帽 大毛领 外套",
    "Stainless Steel 12-Cup Programmable Coffee Maker with Thermal Carafe, Black",
    "Nike 运动鞋 男 42 码",
]


def test_vectors_are_unit_length(encode: Encode, manifest: dict[str, Any]) -> None:
    vectors = encode(TEXTS)
    assert vectors.shape == (len(TEXTS), manifest["dimensions"])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_padding_does_not_change_a_vector(encode: Encode) -> None:
    together = encode(TEXTS)
    alone = np.concatenate([encode([text]) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.9999


@pytest.mark.parametrize(
    ("query", "right", "wrong"),
    [
        ("无线鼠标", "wireless mouse", "连衣裙"),
        ("wireless mouse", "无线鼠标", "dress"),
        ("连衣裙", "summer dress for women", "鼠标垫"),
        ("咖啡机", "espresso coffee maker", "茶杯"),
        ("baby stroller", "婴儿推车", "kitchen knife"),
        ("phone case", "手机壳", "行李箱"),
        ("猫粮", "dry food for cats", "书架"),
    ],
)
def test_a_translation_is_nearer_than_other_goods(encode: Encode, query: str, right: str, wrong: str) -> None:
    vectors = encode([query, right, wrong])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_cosines_read_as_the_manifest_says(encode: Encode, manifest: dict[str, Any]) -> None:
    queries = encode(["wireless mouse", "red dress", "coffee maker", "无线鼠标", "红色连衣裙", "咖啡机"])
    products = encode(
        [
            "Wireless Optical Mouse",
            "Red Evening Dress",
            "12-Cup Coffee Maker",
            "无线静音鼠标",
            "红色长袖连衣裙",
            "全自动咖啡机",
        ]
    )
    unrelated = encode(["mortgage refinance rates", "how to file a tax return", "房贷利率", "股票行情"])
    assert np.diag(queries @ products.T).min() > manifest["cosines"]["related"]
    assert (unrelated @ products.T).max() < manifest["cosines"]["unrelated"]


def test_a_text_s_language_does_not_tell(encode: Encode) -> None:
    """Without centring, texts of one language are nearer to each other than to their translations."""
    english = encode(["chair", "lipstick", "tent", "blender", "backpack", "carpet"])
    chinese = encode(["椅子", "口红", "帐篷", "搅拌机", "双肩包", "地毯"])
    others = ~np.eye(len(english), dtype=bool)
    within = np.concatenate([(english @ english.T)[others], (chinese @ chinese.T)[others]])
    across = (english @ chinese.T)[others]
    assert abs(within.mean() - across.mean()) < 0.15
    assert np.diag(english @ chinese.T).mean() > within.mean() + 0.15


def test_the_longest_text_runs(encode: Encode, manifest: dict[str, Any]) -> None:
    vectors = encode(["鞋" * (manifest["max_tokens"] - 6)])
    assert np.isfinite(vectors).all()
