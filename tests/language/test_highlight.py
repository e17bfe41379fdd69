from __future__ import annotations

import html
import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from openaisle.language import Analyzer, highlight
from openaisle.language.highlight import merged

ANALYZER = Analyzer()


def marked(text: str, query: str, width: int | None = None) -> str:
    return highlight(text, set(ANALYZER.terms(query)), ANALYZER, width)


def test_marks_what_matches_and_escapes_the_rest() -> None:
    assert marked("Shoes <b> & Boots", "shoe") == "<em>Shoes</em> &lt;b&gt; &amp; Boots"


def test_overlapping_matches_are_one_mark() -> None:
    assert marked("断桥铝落地窗", "落地窗") == "断桥铝<em>落地窗</em>"


def test_original_spelling_is_shown() -> None:
    assert marked("蘋果手機殼", "苹果") == "<em>蘋果</em>手機殼"
    assert marked("Sony WH-1000XM5", "wh1000xm5") == "Sony <em>WH-1000XM5</em>"


def test_a_character_out_of_its_word_is_not_marked() -> None:
    assert marked("大地色口红", "落地窗") == "大地色口红"
    assert marked("女鞋", "鞋") == "女<em>鞋</em>"


def test_long_text_is_cropped_around_the_best_match() -> None:
    text = "shoe " + "filler words here " * 30 + "red leather shoe for winter " + "more filler words " * 30
    crop = marked(text, "red leather shoe", width=80)
    assert "<em>red</em> <em>leather</em> <em>shoe</em>" in crop
    assert crop.startswith("…")
    assert crop.endswith("…")
    assert len(crop) < 140


def test_short_text_is_not_cropped() -> None:
    assert marked("red shoe", "shoe", width=80) == "red <em>shoe</em>"


@given(st.text(max_size=60), st.text(max_size=10), st.none() | st.integers(1, 30))
def test_nothing_of_the_text_is_changed(text: str, query: str, width: int | None) -> None:
    plain = html.unescape(re.sub("</?em>", "", marked(text, query, width)))
    assert plain.removeprefix("…").removesuffix("…") in text or plain in text or width is not None
    if width is None:
        assert html.unescape(re.sub("</?em>", "", marked(text, query))) == html.unescape(html.escape(text))


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10)).map(lambda pair: (pair[0], sum(pair)))))
def test_merged_spans_cover_the_same_places_apart(spans: list[tuple[int, int]]) -> None:
    union = merged(spans)
    assert {i for a, b in union for i in range(a, b)} == {i for a, b in spans for i in range(a, b)}
    assert all(one[1] < other[0] for one, other in itertools.pairwise(union))
