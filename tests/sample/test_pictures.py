from __future__ import annotations

from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from openaisle import sample
from openaisle.sample.pictures import shape_names
from openaisle.sample.source import Store


def test_every_picture_is_a_small_well_formed_svg_that_names_its_kind(rows: list[dict[str, Any]], store: Store) -> None:
    names = {f"{d.prefix}-{k.code:03d}": k.name for d in store.departments for k in d.kinds}
    for row in rows:
        drawn = sample.picture(row)
        assert len(drawn.encode()) <= 6144
        tree = fromstring(drawn)
        assert tree.tag == "{http://www.w3.org/2000/svg}svg"
        assert tree.get("aria-label") == row["title"]["en"]
        words = " ".join(tree.itertext())
        name = names[row["id"][:6]]
        assert name.en in words
        assert name.zh in words
        assert "$" not in drawn


def test_a_picture_shows_and_names_the_colour(rows: list[dict[str, Any]], store: Store) -> None:
    coloured = [row for row in rows if "colour" in row["attributes"]]
    assert len(coloured) > 1000
    tints = {colour.name.en: colour.hex for colour in store.colours.values()}
    for row in coloured:
        drawn = sample.picture(row)
        assert tints[row["attributes"]["colour"]] in drawn
        assert row["attributes"]["colour_zh"] in drawn


def test_there_are_more_than_thirty_families_of_shapes_and_every_kind_has_one(store: Store) -> None:
    used = {kind.shape for department in store.departments for kind in department.kinds}
    assert used <= shape_names()
    assert len(used) > 30


def test_titles_with_marks_that_xml_reserves_are_escaped() -> None:
    product = {"id": "KT-001-1-CREAM-350", "title": {"en": 'Tom & "Jo" <b>'}, "attributes": {}}
    assert fromstring(sample.picture(product)).get("aria-label") == 'Tom & "Jo" <b>'


def test_a_product_of_another_store_has_no_picture() -> None:
    with pytest.raises(KeyError):
        sample.picture({"id": "ZZ-999-1", "title": {"en": "?"}, "attributes": {}})
