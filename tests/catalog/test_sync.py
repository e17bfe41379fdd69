import pytest

from openaisle.catalog.product import Product
from openaisle.errors import FeedShrunk


@pytest.fixture
def shop(catalog):
    catalog.upsert(Product(id=f"p{number}", title={"": "Mug"}) for number in range(10))
    return catalog


def rows(*numbers: int) -> dict[str, int]:
    return {f"p{number}": number + 1 for number in numbers}


def test_absent_products_retire(shop):
    seq = shop.latest_seq()
    with shop.begin_sync() as sync:
        sync.seen(rows(*range(7)))
        assert sync.absent() == 3
        assert sync.finish() == 3
    assert set(shop.ids()) == set(rows(*range(7)))
    assert [(change.id, change.deleted) for change in shop.changes(seq)] == [("p7", True), ("p8", True), ("p9", True)]


def test_ids_seen_before_are_told_with_their_rows(shop):
    with shop.begin_sync() as sync:
        assert sync.seen({"p1": 4, "p2": 5}) == {}
        assert sync.seen({"p2": 9, "p3": 10}) == {"p2": 5}


def test_a_rejected_row_keeps_its_product_and_is_no_duplicate_of_a_good_one(shop):
    with shop.begin_sync() as sync:
        sync.keep(["p9", "p9", "new"])
        assert sync.seen(rows(*range(10))) == {}
        sync.keep(["p1"])
        assert sync.seen(rows(1)) == {"p1": 2}
    with shop.begin_sync() as sync:
        sync.seen(rows(*range(9)))
        sync.keep(["p9"])
        assert sync.finish() == 0


def test_a_feed_that_lost_most_of_its_rows_retires_nothing(shop):
    with shop.begin_sync() as sync:
        sync.seen(rows(1, 2, 3, 4))
        with pytest.raises(FeedShrunk) as shrunk:
            sync.finish(guard=0.5)
        assert "4 of the shop's 10" in shrunk.value.detail
        assert shop.count() == 10
        assert sync.finish(guard=0.4) == 6


def test_a_feed_of_other_ids_retires_nothing(shop):
    shop_seen = {f"other{number}": number + 1 for number in range(20)}
    with shop.begin_sync() as sync:
        sync.seen(shop_seen)
        shop.upsert(Product(id=id_, title={"": "Mug"}) for id_ in shop_seen)
        with pytest.raises(FeedShrunk):
            sync.finish()
    assert shop.count() == 30


def test_the_guard_can_be_switched_off(shop):
    with shop.begin_sync() as sync:
        assert sync.finish(guard=0) == 10
    assert shop.count() == 0


def test_products_written_by_others_meanwhile_stay(shop):
    with shop.begin_sync() as sync:
        sync.seen(rows(*range(8)))
        shop.upsert([Product(id="p8", title={"": "changed"}), Product(id="new", title={"": "new"})])
        assert sync.finish() == 1
    assert set(shop.ids()) == {*rows(*range(9)), "new"}


def test_leaving_without_finishing_retires_nothing_and_two_syncs_do_not_meet(shop):
    with shop.begin_sync() as first, shop.begin_sync() as second:
        first.seen(rows(1))
        assert second.seen(rows(1)) == {}
    assert shop.count() == 10


def test_an_empty_shop_takes_any_feed(catalog):
    with catalog.begin_sync() as sync:
        sync.seen({})
        assert sync.finish() == 0
