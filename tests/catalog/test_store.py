"""The contract of the catalogue, on every database it runs on."""

import threading

import pytest

from openaisle.catalog.changes import Patch, Upserted
from openaisle.catalog.product import Product
from openaisle.catalog.store import Catalog
from openaisle.errors import InvalidProduct, ProductNotFound


def mug(number: int, **fields) -> Product:
    return Product(**{"id": f"p{number}", "title": {"en": f"Mug {number}"}, "price": 9.5, "stock": 3, **fields})


def states(catalog, since=0):
    return [(change.id, change.deleted, change.content_changed) for change in catalog.changes(since)]


def test_an_empty_catalogue(catalog):
    assert catalog.count() == 0
    assert catalog.latest_seq() == 0
    assert list(catalog.changes(0)) == []
    assert list(catalog.products()) == []
    assert catalog.get_many([]) == {}


def test_what_was_put_in_comes_out(catalog):
    product = mug(
        1, description={"zh": "好"}, attributes={"colour": "blue", "size": 4.0, "tags": ("a", "b"), "new": True}
    )
    assert catalog.upsert([product]) == Upserted(accepted=1, unchanged=0)
    assert catalog.get("p1") == product
    assert catalog.get_bodies(["p1", "p2"]) == {
        "p1": {
            "id": "p1",
            "title": {"en": "Mug 1"},
            "description": {"zh": "好"},
            "price": 9.5,
            "stock": 3,
            "attributes": {"colour": "blue", "size": 4, "tags": ["a", "b"], "new": True},
        }
    }


def test_an_unknown_id_is_an_error_or_left_out(catalog):
    catalog.upsert([mug(1)])
    strange = ["nothing", "", "a\0b", "\ud800", "x" * 5000]
    assert catalog.get_many([*strange, "p1"]) == {"p1": mug(1)}
    assert catalog.delete(strange) == 0
    for id_ in strange:
        with pytest.raises(ProductNotFound):
            catalog.get(id_)


def test_a_product_that_is_there_already_is_not_touched(catalog):
    catalog.upsert([mug(1), mug(2)])
    seq = catalog.latest_seq()
    assert catalog.upsert([mug(1), mug(2, price=8.0)]) == Upserted(accepted=1, unchanged=1)
    assert states(catalog, seq) == [("p2", False, False)]


def test_the_order_of_attributes_is_no_change(catalog):
    catalog.upsert([mug(1, attributes={"a": "1", "b": "2"})])
    assert catalog.upsert([mug(1, attributes={"b": "2", "a": "1"})]).unchanged == 1


def test_of_two_with_one_id_in_a_call_the_later_wins(catalog):
    catalog.upsert([mug(1), mug(1, price=1.0)])
    assert catalog.get("p1").price == 1.0
    assert catalog.count() == 1


def test_many_batches(catalog):
    catalog.upsert(mug(number) for number in range(2500))
    assert catalog.count() == 2500
    assert len(catalog.get_many([f"p{number}" for number in range(2500)])) == 2500
    assert len(list(catalog.ids())) == len({product.id for product in catalog.products()}) == 2500
    assert [change.seq for change in catalog.changes(0)] == list(range(1, 2501))


def test_ids_come_in_order_and_each_once(catalog):
    names = ["b", "A", "é", "10", "9", "马克杯", "a b", "'; DROP TABLE products; --"]
    catalog.upsert(mug(0, id=name) for name in names)
    assert sorted(catalog.ids()) == sorted(names)


def test_deleted_products_are_gone_and_told_of(catalog):
    catalog.upsert([mug(1), mug(2), mug(3)])
    seq = catalog.latest_seq()
    assert catalog.delete(["p1", "p3", "p1", "nothing"]) == 2
    assert catalog.delete(["p1"]) == 0
    assert catalog.count() == 1
    assert list(catalog.ids()) == ["p2"]
    changes = list(catalog.changes(seq))
    assert {(change.id, change.deleted, change.product) for change in changes} == {
        ("p1", True, None),
        ("p3", True, None),
    }


def test_a_deleted_product_can_come_back_just_as_it_was(catalog):
    catalog.upsert([mug(1)])
    catalog.delete(["p1"])
    seq = catalog.latest_seq()
    assert catalog.upsert([mug(1)]) == Upserted(1, 0)
    assert states(catalog, seq) == [("p1", False, True)]
    assert catalog.count() == 1


@pytest.mark.parametrize(
    ("fields", "content_changed"),
    [
        ({"price": 1.0}, False),
        ({"stock": 0}, False),
        ({"rating": 4.0, "rating_count": 2}, False),
        ({"ranking": {"margin": 0.5}}, False),
        ({"title": {"en": "Cup"}}, True),
        ({"attributes": {"colour": "red"}}, True),
        ({"price": 1.0, "brand": "B"}, True),
    ],
)
def test_only_changes_beyond_the_offer_need_new_encoding(catalog, fields, content_changed):
    catalog.upsert([mug(1)])
    seq = catalog.latest_seq()
    catalog.upsert([mug(1, **fields)])
    assert states(catalog, seq) == [("p1", False, content_changed)]


def test_a_content_change_is_not_hidden_by_a_later_change_of_price(catalog):
    catalog.upsert([mug(1)])
    seq = catalog.latest_seq()
    catalog.upsert([mug(1, brand="B")])
    middle = catalog.latest_seq()
    catalog.upsert([mug(1, brand="B", price=1.0)])
    assert states(catalog, seq) == [("p1", False, True)]
    assert states(catalog, middle) == [("p1", False, False)]


def test_changes_can_be_taken_in_portions(catalog):
    catalog.upsert(mug(number) for number in range(1500))
    taken, since = [], 0
    while portion := list(catalog.changes(since, limit=400)):
        taken += [change.id for change in portion]
        since = portion[-1].seq
    assert taken == [f"p{number}" for number in range(1500)]
    assert len(list(catalog.changes(0, limit=1200))) == 1200
    assert all(change.content_changed for change in catalog.changes(0))


def test_a_change_while_the_feed_is_read_is_found_by_the_next_reading(catalog):
    catalog.upsert(mug(number) for number in range(1200))
    reading = catalog.changes(0)
    first = next(reading)
    catalog.upsert([mug(1199, price=1.0), mug(5000)])
    seen = {first.id, *(change.id for change in reading)}
    assert "p5000" not in seen
    assert {change.id for change in catalog.changes(1200)} == {"p1199", "p5000"}


def test_a_reader_that_follows_misses_nothing_of_concurrent_writers(catalog, store_url):
    from openaisle.storage import open_engine

    def write(start: int) -> None:
        engine = open_engine(store_url)
        own = Catalog(engine)
        for number in range(start, start + 60):
            own.upsert([mug(number)])
        engine.dispose()

    writers = [threading.Thread(target=write, args=(start,)) for start in (0, 1000, 2000)]
    for writer in writers:
        writer.start()
    seen, since = [], 0
    while any(writer.is_alive() for writer in writers) or since < catalog.latest_seq():
        for change in catalog.changes(since):
            seen.append(change.id)
            since = change.seq
    for writer in writers:
        writer.join()
    assert len(seen) == len(set(seen)) == 180
    assert catalog.count() == 180


def test_patches_change_only_what_they_name(catalog):
    catalog.upsert([mug(1, attributes={"colour": "blue", "size": "L"}), mug(2), mug(3)])
    seq = catalog.latest_seq()
    done = catalog.patch(
        [
            Patch("p1", {"price": 5, "attributes": {"size": None, "new": True}}),
            Patch("p2", {"stock": 0}),
            Patch("p3", {"stock": 3}),
            Patch("nothing", {"stock": 1}),
            Patch("p2", {"availability": "preorder", "sale_price": "4.50"}),
        ]
    )
    assert (done.accepted, done.unchanged, done.unknown, done.invalid) == (2, 1, ("nothing",), {})
    assert catalog.get("p1").attributes == {"colour": "blue", "new": True}
    assert catalog.get("p1").price == 5.0
    assert (catalog.get("p2").stock, catalog.get("p2").sale_price) == (0, 4.5)
    assert states(catalog, seq) == [("p1", False, True), ("p2", False, False)]


def test_a_patch_to_something_invalid_is_reported_and_the_others_applied(catalog):
    catalog.upsert([mug(1), mug(2), mug(3)])
    done = catalog.patch([Patch("p1", {"price": -1}), Patch("p2", {"title": None}), Patch("p3", {"stock": 9})])
    assert done.accepted == 1
    assert set(done.invalid) == {"p1", "p2"}
    assert "negative" in done.invalid["p1"]
    assert catalog.get("p1") == mug(1)


def test_a_patch_cannot_rename(catalog):
    catalog.upsert([mug(1)])
    catalog.patch([Patch("p1", {"id": "p9", "stock": 1})])
    assert list(catalog.ids()) == ["p1"]


def test_text_that_cannot_be_written_is_refused_before_anything_is(catalog):
    with pytest.raises(InvalidProduct):
        catalog.upsert([mug(1), mug(2, title={"en": "\ud800"})])
    assert catalog.count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"price": float("nan")},
        {"ranking": {"margin": float("inf")}},
        {"attributes": {"x": ("a", None)}},
        {"id": "a\0b"},
        {"id": "x" * 257},
    ],
)
def test_what_the_store_could_not_give_back_is_refused(catalog, fields):
    with pytest.raises(InvalidProduct):
        catalog.upsert([mug(1, **fields)])
    assert catalog.upsert([mug(1, title={"": "null"}, attributes={"a": ("null", ":null")})]).accepted == 1
