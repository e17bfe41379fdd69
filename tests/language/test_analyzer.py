"""The analysis by example, in both languages, and by property, for any text."""

from __future__ import annotations

import itertools
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openaisle.language import Analyzer, Kind, Lexicon

ANALYZER = Analyzer()

SAME = [
    ("women's", "Womens"),
    ("men’s", "men's"),
    ("Levi's", "levis"),
    ("t-shirt", "t shirt"),
    ("T-Shirts", "t-shirt"),
    ("colour", "Color"),
    ("knives", "knife"),
    ("500ml", "500 ml"),
    ("500ML", "500毫升"),
    ("500 毫升", "５００ｍｌ"),
    ("1,000 g", "1000克"),
    ('12"', "12 in"),
    ("12 in.", "12 inch"),
    ("12-inch", "12英寸"),
    ("12 inches", "12寸"),
    ("12″", "12吋"),
    ("3/4 in.", "3/4-inch"),
    ("1-1/2 in", '1½"'),
    ("2x4", "2 x 4"),
    ("2X4", "2×4"),
    ("100 sq. ft.", "100 square feet"),
    ("6-pack", "6 packs"),
    ("WH-1000XM5", "wh1000xm5"),
    ("utf-8", "UTF8"),
    ("café", "CAFE"),
    ("Straße", "strasse"),
    ("蘋果手機殼", "苹果手机壳"),
    ("ｉＰｈｏｎｅ", "iphone"),
    ("nice 👍🏽 shoes", "nice shoes"),
    ("sh\x00oes\u200b", "shoes"),
    ("한국", unicodedata.normalize("NFD", "한국")),
]

MATCHES = [
    ("tshirt", "t-shirt", "tshirt"),
    ("tshirt", "t shirts", "tshirt"),
    ("0.5L", "500ml", "500ml"),
    ("1.5公斤", "1500 g", "1500g"),
    ("6 ft", '72"', "72in"),
    ("5寸屏幕", "5 inch", "5in"),
    ("iphone15", "iPhone 15", "iphon"),
    ("iphone15", "iPhone 15", "15"),
    ("wh-1000xm5", "XM5", "xm5"),
    ("2 in. x 4 in. x 8 ft.", "2x4", "2x4"),
    ("2 x 4 x 8", "2 in. x 4 in. x 8 ft.", "2x4x8"),
    ("harley-davidson", "harleydavidson", "harleydavidson"),
    ("H&M", "hm", "hm"),
    ("苹果iPhone15手机壳", "手机壳 iphone 15", "手机"),
]

HOLDS = [
    ("UTF-8", {"utf8", "utf", "8"}),
    ("WH-1000XM5", {"wh1000xm5", "wh", "1000", "xm", "5", "xm5"}),
    ('12" 1080p', {"12in", "12", "1080p", "1080"}),
    ("5G", {"5g"}),
    ("USB-C", {"usbc", "usb", "c"}),
    ("C++ c#", {"c++", "c#"}),
    ("苹果iPhone15手机壳", {"苹果", "iphone15", "iphon", "15", "手机", "机壳", "壳"}),
    ("落地窗", {"落地窗", "落地", "地窗", "落", "地", "窗"}),
    ("red/black", {"red", "black"}),
    ("3 in 1", {"3", "in", "1"}),
    ("90x120cm加厚", {"90x120", "1200mm", "加厚"}),
    ("2升级版", {"升级版"}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_the_same_thing_give_the_same_terms(one: str, other: str) -> None:
    assert set(ANALYZER.terms(one)) == set(ANALYZER.terms(other)) != set()


@pytest.mark.parametrize(("query", "title", "shared"), MATCHES)
def test_query_and_title_share_a_term(query: str, title: str, shared: str) -> None:
    assert shared in set(ANALYZER.terms(query)) & set(ANALYZER.terms(title))


@pytest.mark.parametrize(("text", "expected"), HOLDS)
def test_compounds_are_kept_whole_and_split(text: str, expected: set[str]) -> None:
    assert expected <= set(ANALYZER.terms(text))


@pytest.mark.parametrize("text", ["", " ", "👍🏽", "\x00\x07", "!!! --- ???", "\ud800"])
def test_text_without_words_has_no_terms(text: str) -> None:
    assert ANALYZER.terms(text) == []


def test_different_model_numbers_stay_apart() -> None:
    assert "wh1000xm5" not in ANALYZER.terms("WH-1000XM4")
    assert not {"3in", "3-in-1"} & set(ANALYZER.terms("3-in-1 washer"))


def test_offsets_point_into_the_text_as_given() -> None:
    text = "Cafe\u0301 ５００ｍｌ 蘋果手機殼 iPhone15"
    shown = {token.term: text[token.start : token.end] for token in ANALYZER.tokens(text)}
    assert shown["cafe"] == "Cafe\u0301"
    assert shown["500ml"] == "５００ｍｌ"
    assert shown["手机"] == "手機"
    assert shown["15"] == "15"


def test_alternatives_of_one_need_share_a_group() -> None:
    tokens = ANALYZER.tokens("wh-1000xm5 落地窗")
    groups = {token.term: token.group for token in tokens}
    assert groups["wh1000xm5"] == groups["wh"] == groups["xm5"] == 0
    assert groups["落地窗"] == groups["落地"] == groups["窗"] == 1


def test_kinds_tell_the_evidence() -> None:
    kinds = {token.term: token.kind for token in ANALYZER.tokens("sony wh1000xm5 500ml 42 落地窗")}
    assert kinds["soni"] is Kind.WORD
    assert kinds["wh1000xm5"] is Kind.MODEL
    assert kinds["500ml"] is Kind.MEASURE
    assert kinds["42"] is Kind.NUMBER
    assert kinds["落地窗"] is Kind.HAN
    assert kinds["地窗"] is Kind.GRAM2
    assert kinds["窗"] is Kind.GRAM1
    assert kinds["xm5"] is Kind.PART


def test_the_lexicon_keeps_the_catalogues_words_whole() -> None:
    assert "内开内倒" not in ANALYZER.terms("铝合金内开内倒窗")
    assert "内开内倒" in Analyzer(Lexicon(("内开内倒",))).terms("鋁合金內開內倒窗")


def test_a_pathological_run_is_bounded() -> None:
    assert max(map(len, ANALYZER.terms("a1" * 50_000))) <= 64
    assert len(ANALYZER.terms("a1" * 50_000)) < 10
    assert ANALYZER.terms("1/2 " * 5_000).count("0.5") == 5_000


SHOP_TEXT = st.text(
    st.sampled_from("aAbi sStT'-./&+x×\"″0123½é\u0301ßıＡ５ml毫升寸米升級級手机殼\u200b👍㎡Ⅳ가\x00ﬁ\n,%#")
    | st.characters(),
    max_size=40,
)


@given(SHOP_TEXT)
@settings(max_examples=500)
def test_offsets_are_valid_and_groups_ordered(text: str) -> None:
    tokens = ANALYZER.tokens(text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert all(one.group <= other.group for one, other in itertools.pairwise(tokens))
    assert all(token.term and not any(map(str.isspace, token.term)) for token in tokens)


@given(SHOP_TEXT)
@settings(max_examples=500)
def test_terms_and_tokens_agree(text: str) -> None:
    assert sorted(ANALYZER.terms(text)) == sorted(token.term for token in ANALYZER.tokens(text))


@given(SHOP_TEXT, st.sampled_from(["NFC", "NFD"]))
@settings(max_examples=500)
def test_composition_changes_nothing(text: str, form: str) -> None:
    assert ANALYZER.terms(text) == ANALYZER.terms(unicodedata.normalize(form, text))


@given(SHOP_TEXT)
@settings(max_examples=500)
def test_case_changes_nothing(text: str) -> None:
    assert ANALYZER.terms(text) == ANALYZER.terms(text.upper()) == ANALYZER.terms(text.lower())


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30))
def test_width_changes_nothing(text: str) -> None:
    wide = "".join("\u3000" if char == " " else chr(ord(char) + 0xFEE0) for char in text)
    assert ANALYZER.terms(text) == ANALYZER.terms(wide)


@given(SHOP_TEXT)
@settings(max_examples=10)
def test_a_second_analyzer_agrees(text: str) -> None:
    assert Analyzer().terms(text) == ANALYZER.terms(text)


def test_threads_may_share_an_analyzer() -> None:
    texts = [f"Sony WH-{number}XM5 wireless headphones 蘋果手機殼{number}毫升" for number in range(400)]
    expected = [Analyzer().terms(texts[0]), *map(ANALYZER.terms, texts[1:])]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(Analyzer().terms, texts)) == expected
