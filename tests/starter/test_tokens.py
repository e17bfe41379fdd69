"""Shop text reaches the model whole: nothing that shops write becomes unknown."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer

UNKNOWN = 3


@pytest.mark.parametrize(
    "text",
    [
        "无线鼠标 静音 2.4G 适用于笔记本电脑",
        "無線滑鼠 靜音",
        "WH-1000XM5 Noise-Cancelling Headphones, 30 h",
        "ＡＢＣ１２３（新款）【包邮】「限时」，。！？：；、《》",
        "™ ® © ° × ½ ² ³ μ ± € £ ¥ № → ★ ♥ • … — ″ ′",
        "Décor, Crème brûlée, Piñata, Über, Café, Jalapeño, Señor, façade",
        "のカタカナ α β Ω",
    ],
)
def test_shop_text_has_no_unknown_token(tokenizer: Tokenizer, text: str) -> None:
    assert UNKNOWN not in tokenizer.encode(text).ids


def test_a_foreign_script_is_unknown_and_does_not_fail(tokenizer: Tokenizer) -> None:
    assert UNKNOWN in tokenizer.encode("ไทย").ids


def test_common_words_stay_whole(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("wireless", add_special_tokens=False).tokens == ["▁wireless"]
    assert "手机" in tokenizer.encode("手机壳", add_special_tokens=False).tokens


def test_texts_begin_and_end_with_the_model_s_marks(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("dress").ids
    assert (ids[0], ids[-1]) == (0, 2)
    assert tokenizer.token_to_id("<pad>") == 1


@pytest.mark.parametrize("stray", [" dress", "dress ", "  dress\t", "dress\n", "　dress　"])
def test_stray_blanks_change_nothing(tokenizer: Tokenizer, stray: str) -> None:
    assert tokenizer.encode(stray).ids == tokenizer.encode("dress").ids


def test_width_does_not_matter(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("ＵＳＢ　１０").ids == tokenizer.encode("USB 10").ids


def test_truncation_and_padding_are_left_to_the_runtime(tokenizer: Tokenizer) -> None:
    assert tokenizer.truncation is None
    assert tokenizer.padding is None
