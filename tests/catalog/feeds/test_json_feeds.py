import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def ids(rows):
    return [row.values["id"] for row in rows]


def test_a_broken_line_costs_only_itself(read):
    text = '{"id": "1"}\n{"id": \n\n[1]\n5\n{"id": NaN}\n{"id": "7"}\n' + "[" * 5000 + "\n" + '{"id": "9"'
    good, bad, _ = read("f.jsonl", text)
    assert ids(good) == ["1", "7"]
    assert [row.number for row in bad] == [2, 3, 4, 5, 7, 8]


def test_a_huge_line_is_passed_over(read):
    text = '{"id": "1"}\n{"id": "2", "x": "' + "y" * 5_000_000 + '"}\n{"id": "3"}\n'
    good, bad, _ = read("f.jsonl", text)
    assert ids(good) == ["1", "3"]
    assert "5,000,02" in bad[0].reason


def test_a_line_that_is_not_utf8_is_a_bad_row(read):
    good, bad, _ = read("f.jsonl", '{"id": "杯"}\n'.encode() * 3 + b'{"id": "\xff"}\n{"id": "2"}\n')
    assert ids(good) == ["杯"] * 3 + ["2"]
    assert len(bad) == 1


def test_nested_variants_become_rows_that_inherit(read):
    shirt = {
        "id": "shirt",
        "title": "Shirt",
        "price": 20,
        "attributes": {"material": "cotton", "colour": "white"},
        "variants": [
            {"id": "s-1", "attributes": {"size": "S"}, "stock": 3},
            {"id": "s-2", "attributes": {"size": "L", "colour": "blue"}, "price": 22},
            {"title": "no id"},
            "broken",
        ],
    }
    good, _, _ = read("f.jsonl", json.dumps(shirt) + '\n{"id": "mug", "variants": []}')
    assert [(row.number, row.values.get("id")) for row in good] == [
        (1, "s-1"), (1, "s-2"), (1, None), (1, None), (2, "mug"),
    ]  # fmt: skip
    first, second = good[0].values, good[1].values
    assert (first["group_id"], first["title"], first["price"], first["stock"]) == ("shirt", "Shirt", 20, 3)
    assert first["attributes"] == {"material": "cotton", "colour": "white", "size": "S"}
    assert second["attributes"] == {"material": "cotton", "colour": "blue", "size": "L"}
    assert second["price"] == 22
    assert "variants" not in good[4].values


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": "1"}, {"id": "2"}]',
        '{"products": [{"id": "1"}, {"id": "2"}]}',
        '{"shop": {"items": [0]}, "count": 2, "products": [{"id": "1"},\n{"id": "2"}], "next": null}',
        '\n\n[\n{"id": "1"}\n,\n{"id": "2"}\n]\n',
    ],
)
def test_documents_of_products(read, text):
    good, bad, format_ = read("f.json", text)
    assert (ids(good), bad, format_) == (["1", "2"], [], "json")


def test_a_document_larger_than_what_is_held(read):
    items = [{"id": str(number), "title": "马克杯" * 30} for number in range(5000)]
    good, bad, _ = read("f.json", json.dumps({"products": items}, ensure_ascii=False))
    assert (ids(good), bad) == ([item["id"] for item in items], [])


@pytest.mark.parametrize(
    "broken",
    [
        '[{"id": "1"}, {"id": "2" "x"}, {"id": "3"}]',
        '[{"id": "1"}, {"id":',
        '[{"id": "1"} {"id": "2"}]',
        '[{"id": "1"},',
        '[{"id": "1"}',
    ],
)
def test_a_broken_document_gives_what_comes_before_and_says_that_it_ends(read, broken):
    good, bad, _ = read("f.json", broken)
    assert ids(good) == ["1"]
    assert [(row.number, row.ends_feed) for row in bad] == [(2, True)]


def test_an_item_too_large_or_too_deep_is_told(read):
    for inner in ('"' + "x" * 3_000_000 + '"', "[" * 200_000):
        good, bad, _ = read("f.json", '[{"id": "1"}, {"id": ' + inner + "}]")
        assert ids(good) == ["1"]
        assert bad[0].ends_feed


def test_items_that_are_no_objects_are_bad_rows(read):
    good, bad, _ = read("f.json", '[1, {"id": "2"}, "x", [], null]')
    assert ids(good) == ["2"]
    assert [row.number for row in bad] == [1, 3, 4, 5]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9) | st.none(), max_size=4), max_size=6
    )
)
def test_what_json_writes_is_read_back(read, items):
    good, bad, _ = read("f.json", json.dumps({"products": items}, ensure_ascii=True), "json")
    assert ([dict(row.values) for row in good], bad) == (items, [])
