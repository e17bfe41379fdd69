from __future__ import annotations

import pytest

from openaisle.language import is_model_number, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("red running shoes", "en"),
        ("红色跑鞋", "zh"),
        ("苹果iPhone15手机壳", "zh"),
        ("iPhone 15 Pro Max case 壳", "en"),
        ("ｒｅｄ", "en"),
        ("кроссовки", "other"),
        ("スニーカー", "other"),
        ("12345", "other"),
        ("", "other"),
    ],
)
def test_language_by_share_of_script(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("term", ["wh1000xm5", "500ml", "2x4", "10450", "5g", "iphone15"])
def test_model_numbers(term: str) -> None:
    assert is_model_number(term)


@pytest.mark.parametrize("term", ["shoe", "15", "100", "c++", "落地窗", ""])
def test_words_and_small_numbers_are_not_model_numbers(term: str) -> None:
    assert not is_model_number(term)
