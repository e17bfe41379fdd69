from __future__ import annotations

from datetime import UTC, datetime

from openaisle.catalog.product import Availability, Product
from openaisle.indexing.values import CORE_FIELDS, attribute_field, values


def test_every_kind_of_value() -> None:
    product = Product(
        id="1",
        title={"en": "Mug", "zh": "马克杯"},
        group_id="g",
        brand="Nordlicht",
        category=("Kitchen", "Mugs", "Kitchen"),
        price=20.0,
        sale_price=15.0,
        currency="EUR",
        stock=3,
        availability=Availability.IN_STOCK,
        attributes={"colour": "blue", "volume_ml": 350.0, "lid": True, "tags": ("a", "b")},
        rating=4.5,
        rating_count=12,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated_at=datetime(2026, 1, 2, tzinfo=UTC),
        ranking={"popularity": 0.5},
    )
    assert values(product) == {
        "language": ("en", "zh"),
        "group_id": "g",
        "brand": "Nordlicht",
        "category": ("Kitchen", "Mugs"),
        "price": 20.0,
        "sale_price": 15.0,
        "selling_price": 15.0,
        "currency": "EUR",
        "stock": 3.0,
        "availability": "in_stock",
        "in_stock": True,
        "rating": 4.5,
        "rating_count": 12.0,
        "created_at": 1767225600.0,
        "updated_at": 1767312000.0,
        "colour": "blue",
        "volume_ml": 350.0,
        "lid": True,
        "tags": ("a", "b"),
        "ranking.popularity": 0.5,
    }


def test_what_a_product_lacks_is_left_out() -> None:
    assert values(Product(id="1", title={"": "mug"})) == {"language": ("en",), "in_stock": True}


def test_an_attribute_never_hides_a_core_field() -> None:
    product = Product(id="1", title={"": "mug"}, price=5.0, attributes=dict.fromkeys(CORE_FIELDS, "x"))
    found = values(product)
    assert found["price"] == 5.0
    assert all(found[f"attributes.{name}"] == "x" for name in CORE_FIELDS)
    assert attribute_field("colour") == "colour"


def test_out_of_stock() -> None:
    assert values(Product(id="1", title={"": "a"}, stock=0))["in_stock"] is False
    preorder = Product(id="1", title={"": "a"}, stock=5, availability=Availability.PREORDER)
    assert values(preorder)["in_stock"] is False
