from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openaisle.models.text_form import LONGEST_PIECE, text_form


def test_blanks_of_every_kind_become_one() -> None:
    assert text_form("  red\t\tmug\u3000\xa0蓝\r\n ", 64) == "red mug 蓝"


def test_control_characters_part_words_and_halves_of_characters_are_replaced() -> None:
    assert text_form("a\x00b\x9fc\ud800", 64) == "a b c\ufffd"


def test_joined_emoji_stay_whole() -> None:
    assert text_form("👩‍👩‍👧", 64) == "👩‍👩‍👧"


def test_endless_text_is_cut() -> None:
    assert len(text_form("x" * 1_000_000, 8)) == 8 * LONGEST_PIECE
    assert text_form(" " * 1_000_000 + "mug", 8) == ""


@given(st.text())
def test_applying_it_twice_changes_nothing(text: str) -> None:
    once = text_form(text, 512)
    assert text_form(once, 512) == once
    once.encode()
