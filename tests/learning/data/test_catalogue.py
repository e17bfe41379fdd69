from __future__ import annotations

from openaisle.catalog.product import Product
from openaisle.learning.data.keys import canonical
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.data.sources import catalogue
from openaisle.learning.examples import Labelled, Plain, Triplet

MUG = Product(
    "m1",
    {"en": "Yaosong Stoneware Mug, Cream", "zh": "窑松粗陶马克杯 奶油色"},
    {"en": "Dipped by hand."},
    group_id="m",
    brand="Yaosong",
    category=("Kitchen", "Mugs"),
    attributes={
        "material": "stoneware",
        "material_zh": "粗陶",
        "colour": "cream",
        "colour_zh": "奶油色",
        "capacity_ml": 350.0,
    },
)
SHELF = Shelf((MUG,), ("title",))


def test_a_product_is_asked_for_in_several_ways() -> None:
    found = {
        each.example.anchor: each.example.positive
        for each in catalogue.matching(SHELF)
        if isinstance(each.example, Triplet)
    }
    document = "Yaosong Stoneware Mug, Cream 窑松粗陶马克杯 奶油色"
    assert found == {
        "Yaosong Stoneware Mug, Cream": "窑松粗陶马克杯 奶油色",
        "窑松粗陶马克杯 奶油色": "Yaosong Stoneware Mug, Cream",
        "stoneware cream 350 ml": document,
        "粗陶 奶油色 350 ml": document,
        "Yaosong Mugs": document,
    }
    about = [each.example.positive for each in catalogue.matching(SHELF) if each.example.anchor == MUG.title["en"]]
    assert about[0].startswith("Kitchen > Mugs. stoneware 粗陶 cream")


def test_the_sample_store_gives_pairs_that_differ_once_each(sample) -> None:
    shelf = Shelf(sample, ("title",))
    grouped = list(catalogue.matching(shelf))
    pairs = [each.example for each in grouped]
    assert len(set(pairs)) == len(pairs) > len(sample)
    assert all(pair.anchor and pair.positive and canonical(pair.anchor) != canonical(pair.positive) for pair in pairs)
    titles = {title: product.group for product in sample for title in product.title.values()}
    by_group: dict[str, set[str]] = {}
    for each in grouped:
        if each.example.anchor in titles:
            by_group.setdefault(titles[each.example.anchor], set()).add(each.group)
    assert all(len(groups) == 1 for groups in by_group.values())


def test_categories_as_labels() -> None:
    assert [each.example for each in catalogue.categories(SHELF)] == [
        Labelled(title, ("Kitchen > Mugs",)) for title in MUG.title.values()
    ]
    assert next(catalogue.category_paths(SHELF)).example == Labelled(MUG.title["en"], ("Kitchen", "Kitchen > Mugs"))


def test_plain_texts_once_and_parallel_where_titles_are() -> None:
    twice = Shelf((MUG, MUG, Product("x", {"": "Lamp"})), ("title",))
    assert [each.example for each in catalogue.plain(twice)] == [
        Plain(MUG.title["en"], MUG.title["zh"]),
        Plain("Dipped by hand."),
        Plain("Lamp"),
    ]


def test_a_bare_product_gives_nothing_to_match() -> None:
    assert list(catalogue.matching(Shelf((Product("x", {"": "Lamp"}),), ("title",)))) == []
