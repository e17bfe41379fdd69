"""The hand-written data, before anything is made of them."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from openaisle.sample import source
from openaisle.sample.source import Brand, Kind, Pair, Store

HAN = re.compile(r"[㐀-鿿]")
REAL_BRANDS = (
    "apple", "samsung", "huawei", "xiaomi", "oppo", "vivo", "lenovo", "dell", "asus", "sony", "bose", "jbl", "anker", "philips",
    "dyson", "panasonic", "toshiba", "haier", "midea", "gree", "hisense", "tcl", "supor", "joyoung", "zwilling", "ikea", "muji",
    "uniqlo", "zara", "nike", "adidas", "puma", "anta", "li-ning", "levi's", "samsonite", "rimowa", "nestle", "lego",
    "华为", "小米", "苹果手机", "三星", "联想", "索尼", "海尔", "美的", "格力", "海信", "苏泊尔", "九阳", "双立人", "宜家", "无印良品",
    "优衣库", "耐克", "阿迪达斯", "安踏", "李宁", "波司登", "新秀丽", "雀巢", "乐高", "戴森", "飞利浦", "松下", "蒙牛", "伊利", "三只松鼠",
    "良品铺子", "百草味", "康师傅", "统一面", "欧莱雅", "兰蔻", "完美日记", "花西子", "花王", "帮宝适", "得力文具", "晨光文具",
)  # fmt: skip


def kinds(store: Store) -> list[Kind]:
    return [kind for department in store.departments for kind in department.kinds]


def test_it_has_the_departments_and_kinds_of_a_department_store(store: Store) -> None:
    assert len(store.departments) >= 12
    assert len(kinds(store)) >= 250
    assert sum(len(kind.models) for kind in kinds(store)) >= 900


def test_keys_codes_and_numbers_are_given_once(store: Store) -> None:
    assert max(Counter(kind.key for kind in kinds(store)).values()) == 1
    assert max(Counter(place.prefix for place in store.departments).values()) == 1
    assert max(Counter(place.number for place in store.departments).values()) == 1
    for department in store.departments:
        assert max(Counter(kind.code for kind in department.kinds).values()) == 1
        assert re.fullmatch(r"[A-Z]{2}", department.prefix)
        assert all(1 <= kind.code <= 999 for kind in department.kinds)


def test_no_sentence_about_a_kind_is_used_for_another(store: Store) -> None:
    seen = Counter(text for kind in kinds(store) for pair in kind.about for text in pair)
    assert [text for text, times in seen.items() if times > 1] == []


def test_every_model_says_something_of_its_own(store: Store) -> None:
    for language in ("en", "zh"):
        said = Counter(getattr(model.say, language) for kind in kinds(store) for model in kind.models)
        assert [text for text, times in said.items() if times > 1] == []


def test_sentences_end_as_sentences(store: Store) -> None:
    for kind in kinds(store):
        texts = [*kind.about, *(model.say for model in kind.models), *(p for m in kind.models for p in m.about or ())]
        for text in texts:
            assert text.en.rstrip('"').endswith((".", "!", "?")), text.en
            assert text.zh.rstrip("”").endswith(("。", "！", "？", "…")), text.zh


def test_every_colour_is_in_the_list_and_its_hex_is_six_digits(store: Store) -> None:
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour.hex) for colour in store.colours.values())
    used = {model.colour for kind in kinds(store) for model in kind.models if model.colour}
    used |= {colour for kind in kinds(store) for model in kind.models for colour in model.options.get("colour", ())}
    assert used <= store.colours.keys()


def test_short_texts_come_in_both_languages_or_in_neither(store: Store) -> None:
    for kind in kinds(store):
        for model in kind.models:
            for value in [*kind.attributes.values(), *model.attributes.values(), *model.options.values()]:
                for text in value if isinstance(value, list) else [value]:
                    if isinstance(text, str):
                        assert not HAN.search(text.partition("|")[0]), (kind.key, text)


def brands(store: Store) -> set[Brand]:
    return {model.brand for kind in kinds(store) for model in kind.models}


def test_brands_are_many_named_in_both_languages_and_told_apart(store: Store) -> None:
    found = brands(store)
    assert len(found) >= 60
    assert len({brand.code for brand in found}) == len(found)
    assert len({brand.name.en for brand in found}) == len(found)
    assert len({brand.name.zh for brand in found}) == len(found)
    assert all(HAN.search(brand.name.zh) and not HAN.search(brand.name.en) for brand in found)


def test_no_brand_bears_the_name_of_a_real_one(store: Store) -> None:
    for brand in brands(store):
        words = brand.name.en.lower().split()
        assert not [real for real in REAL_BRANDS if real in words or real in brand.name.zh], brand


def test_no_title_names_a_real_brand(store: Store) -> None:
    for kind in kinds(store):
        for model in kind.models:
            words = re.findall(r"[a-z'-]+", model.title.en.lower())
            named = [real for real in REAL_BRANDS if real in words or (HAN.search(real) and real in model.title.zh)]
            assert named in ([], ["apple"]), model.title


def test_a_model_with_an_unknown_field_is_refused_with_its_kind() -> None:
    raw = {"brand": "b", "title": ["T", "题"], "say": ["S.", "说。"], "price": 1, "pirce": 2}
    kind = {
        "key": "k",
        "code": 1,
        "name": ["k", "种"],
        "path": ["A", "甲"],
        "shape": "mug",
        "about": [],
        "model": [raw],
    }
    with pytest.raises(ValueError, match=r"kind 'k': .*pirce"):
        source._kind(kind, {"b": Brand(Pair("B", "牌"), "BB")})


def test_a_kind_without_models_is_refused() -> None:
    with pytest.raises(ValueError, match="kind 'k': KeyError"):
        source._kind({"key": "k"}, {})
