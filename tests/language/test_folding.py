from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openaisle.language.folding import Folder

FOLDER = Folder()


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = FOLDER.fold(text)
    assert FOLDER.fold(once) == once


@given(st.text())
def test_every_folded_character_knows_its_origin(text: str) -> None:
    folded = FOLDER.fold_with_origins(text)
    assert folded.text == FOLDER.fold(text)
    for index in range(len(folded.text)):
        start, end = folded.span(index, index + 1)
        assert 0 <= start < end <= len(text)
        assert folded.text[index] in FOLDER.fold(text[start:end])


def test_dropped_marks_stay_with_their_letter() -> None:
    folded = FOLDER.fold_with_origins("e\u0301a")
    assert folded.text == "ea"
    assert folded.span(0, 1) == (0, 2)
