import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.catalog.attribute_kinds import Kind, converted, kind_of
from openaisle.catalog.mapping import Mapping
from openaisle.catalog.mapping_names import NAMES
from openaisle.errors import SettingsError


def fields(rows, stated=None):
    return {line.column: line.field for line in Mapping.of(rows, stated).explain()}


def test_english_headers():
    row = {
        "SKU": "1",
        "Product Name": "Mug",
        "Long_Description": "x",
        "Manufacturer": "B",
        "Unit-Price": "5",
        "QTY": "3",
    }
    row |= {"Image URL": "http://x/a.jpg", "Link": "http://x/1", "EAN": "", "Colour": "blue", "Reviews": "12"}
    assert fields([row]) == {
        "SKU": "id",
        "Product Name": "title",
        "Long_Description": "description",
        "Manufacturer": "brand",
        "Unit-Price": "price",
        "QTY": "stock",
        "Image URL": "images",
        "Link": "url",
        "EAN": "gtin",
        "Colour": "attributes.Colour",
        "Reviews": "rating_count",
    }


def test_chinese_headers():
    row = {
        "商品编号": "1",
        "商品名称": "杯",
        "价格": "¥5",
        "品牌": "B",
        "类目": "家居/厨房",
        "库存": "3",
        "颜色": "蓝",
        "条形码": "",
    }
    assert list(fields([row]).values()) == [
        "id",
        "title",
        "price",
        "brand",
        "category",
        "stock",
        "attributes.颜色",
        "gtin",
    ]


def test_two_prices():
    assert fields([{"id": "1", "title": "x", "售价": "5"}])["售价"] == "price"
    both = fields([{"id": "1", "title": "x", "售价": "5", "原价": "9"}])
    assert (both["原价"], both["售价"]) == ("price", "sale_price")


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("title_en", "title.en"),
        ("title.zh-CN", "title.zh"),
        ("标题(英文)", "title.en"),
        ("标题（中文）", "title.zh"),
        ("英文标题", "title.en"),
        ("Description [de]", "description.de"),
        ("name (EN)", "title.en"),
    ],
)
def test_languages_in_headers(column, field):
    assert fields([{"id": "1", column: "Mug"}])[column] == field


def test_texts_of_several_columns_come_together():
    mapping = Mapping.of([{"id": "1", "标题": "杯", "title_en": "Mug"}])
    assert mapping.record({"id": "1", "标题": "杯", "title_en": "Mug"})["title"] == {"": "杯", "en": "Mug"}
    assert mapping.record({"id": "1", "标题": "杯", "title_en": ""})["title"] == "杯"


def test_numbered_columns_make_a_path_and_a_list():
    row = {"id": "1", "title": "x", "一级类目": "家居", "二级类目": "厨房", "image1": "a.jpg", "image_2": "b.jpg"}
    record = Mapping.of([row]).record(row)
    assert record["category"] == ["家居", "厨房"]
    assert record["images"] == ["a.jpg", "b.jpg"]


def test_values_decide_where_names_mislead():
    assert fields([{"id": "1", "title": "x", "stock": "in stock"}])["stock"] == "availability"
    assert fields([{"id": "1", "title": "x", "price": "cheap"}])["price"] == "attributes.price"
    assert fields([{"id": "1", "title": "x", "price": "-5"}])["price"] == "price"
    assert fields([{"id": "1", "title": "x", "barcode": "A-7"}])["barcode"] == "attributes.barcode"
    assert fields([{"id": "1", "title": "x", "details": {"a": 1, "b c": 2}}])["details"] == "attributes.details"


def test_id_title_picture_and_page_can_be_told_by_their_values():
    rows = [
        {"c1": f"k-{n}", "c2": f"Blue mug number {n}", "c3": f"http://x/{n}.jpg", "c4": f"http://x/{n}", "c5": "same"}
        for n in range(20)
    ]
    assert fields(rows) == {"c1": "id", "c2": "title", "c3": "images", "c4": "url", "c5": "attributes.c5"}


def test_what_is_stated_beats_the_guess():
    row = {"id": "1", "code": "2", "title": "x", "name": "y", "size": "40", "junk": "z", "margin": "0.4"}
    stated = {
        "code": "id",
        "name": "title.en",
        "size": "attributes.eu_size:text",
        "junk": "-",
        "margin": "ranking.margin",
    }
    mapping = Mapping.of([row], stated)
    assert mapping.record(row) == {
        "id": "2",
        "title": {"": "x", "en": "y"},
        "attributes": {"id": "1", "eu_size": "40"} | {"id": 1.0},
        "ranking": {"margin": "0.4"},
    }


@pytest.mark.parametrize("field", ["colour", "titel", "price.en", "", "attributes."])
def test_a_field_that_does_not_exist_is_refused(field):
    with pytest.raises(SettingsError):
        Mapping.of([{"id": "1"}], {"id": field})


def test_a_stated_column_that_the_feed_lacks_is_warned_of():
    warnings = Mapping.of([{"id": "1", "title": "x"}], {"colr": "attributes.colour"}).warnings()
    assert [warning.field for warning in warnings] == ["colr"]


def test_own_json_passes_through():
    row = {
        "id": "1",
        "title": {"en": "Mug"},
        "category": ["A", "B"],
        "attributes": {"n": 5},
        "ranking": {"m": 1},
        "price": 5,
    }
    assert Mapping.of([row]).record(row) == row


def test_attributes_as_json_text_or_dotted_columns():
    row = {"id": "1", "title": "x", "attributes": '{"a": [1, 2]}', "attributes.b": "yes", "ranking.m": "2"}
    record = Mapping.of([row]).record(row)
    assert record["attributes"] == {"a": [1, 2], "b": True}
    assert record["ranking"] == {"m": "2"}


def test_a_column_met_later_becomes_an_attribute():
    mapping = Mapping.of([{"id": "1", "title": "x"}])
    assert mapping.record({"id": "2", "title": "y", "colour": "red"})["attributes"] == {"colour": "red"}
    assert mapping.explain()[-1].field == "attributes.colour"


def test_a_value_of_another_kind_stays_as_text_and_is_warned_of():
    mapping = Mapping.of([{"id": str(n), "title": "x", "size": str(n)} for n in range(5)])
    assert mapping.record({"size": "40"})["attributes"] == {"size": 40.0}
    assert mapping.record({"size": "XL"})["attributes"] == {"size": "XL"}
    assert "attributes.size:text" in mapping.warnings()[0].mend


def test_the_explanation_shows_examples():
    lines = Mapping.of([{"id": "", "title": "x" * 100}, {"id": "7", "title": "y"}]).explain()
    assert [(line.column, line.why, line.example) for line in lines] == [
        ("id", "its name", "7"),
        ("title", "its name", "x" * 59 + "…"),
    ]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "-3", ""], Kind.NUMBER),
        (["007", "12"], Kind.TEXT),
        (["500ml", "1l"], Kind.TEXT),
        (["是", "否"], Kind.BOOL),
        (["True", "no"], Kind.BOOL),
        (["1", "0"], Kind.NUMBER),
        (["red|blue", "green"], Kind.LIST),
        (["红、蓝", "绿"], Kind.LIST),
        (['["a", "b"]', '["c"]'], Kind.LIST),
        (["first sentence that goes on and on and on; and then another one"], Kind.TEXT),
        ([], Kind.TEXT),
        (["1e5"], Kind.TEXT),
    ],
)
def test_kinds(values, kind):
    assert kind_of(values) is kind


@given(st.lists(st.text(max_size=20), max_size=5))
def test_every_value_fits_the_kind_that_it_was_sampled_for(values):
    kind = kind_of(values)
    for value in values:
        if value.strip():
            converted(value, kind)


def test_no_name_has_two_meanings_but_those_that_values_tell_apart():
    words = [word for names in NAMES.values() for word in names]
    assert {word for word in words if words.count(word) > 1} == {"stock", "库存", "售价", "销售价"}
