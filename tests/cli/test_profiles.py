"""A shopper's profile on the command line: seen, used, switched off, erased."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openaisle.catalog.product import Product
from openaisle.events.event import Event, Kind
from openaisle.events.log import now_ms
from openaisle.settings.editing import set_value
from openaisle.shop import Shop

Run = Callable[..., Any]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop that searches by words alone, and a shopper who goes for what is blue."""
    folder = tmp_path / "shop"
    Shop.create(folder).close()
    set_value(folder, "encoder", "name", "none")
    colours = ("red", "blue", "green")
    with Shop.open(folder) as opened:
        opened.reindex()
        opened.upsert(
            Product(
                f"m{number}",
                {"en": f"Mug number {number}"},
                brand="Lumora",
                category=("Kitchen", "Mugs"),
                price=5.0 + number,
                attributes={"colour": colours[number % 3]},
            )
            for number in range(30)
        )
        opened.events.append(
            Event(f"e{number}", Kind.CART, now_ms() - number * 1000, "ann", product_id=f"m{number}")
            for number in range(1, 30, 3)
        )
    return folder


def ids(found: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in found["hits"]]


def test_a_profile_is_seen_used_switched_off_and_erased(shop: Path, run_json: Run) -> None:
    shown = run_json("profiles", shop, "show", "--shopper", "ann")
    assert (shown["shopper"], shown["on"], shown["acts"]) == ("ann", True, 10)
    assert {"field": "colour", "value": "blue", "share": 1.0} in shown["interests"]
    plain, hers = run_json("search", shop, "mug"), run_json("search", shop, "mug", "--shopper", "ann", "--explain")
    assert ids(plain) != ids(hers)
    assert hers["hits"][0]["product"]["attributes"]["colour"] == "blue"
    assert hers["hits"][0]["explanation"]["profile"] > 0.0625

    assert run_json("profiles", shop, "off", "--shopper", "ann") == {"shopper": "ann", "on": False}
    assert run_json("profiles", shop, "show", "--shopper", "ann")["on"] is False
    assert ids(run_json("search", shop, "mug", "--shopper", "ann")) == ids(plain)
    assert run_json("profiles", shop, "on", "--shopper", "ann") == {"shopper": "ann", "on": True}
    assert ids(run_json("search", shop, "mug", "--shopper", "ann")) == ids(hers)

    assert run_json("profiles", shop, "erase", "--shopper", "ann") == {"shopper": "ann", "erased": 10}
    assert run_json("profiles", shop, "show", "--shopper", "ann")["acts"] == 0
    assert run_json("events", shop, "stats")["events"] == 0
    assert ids(run_json("search", shop, "mug", "--shopper", "ann")) == ids(plain)


def test_strength_0_switches_it_off(shop: Path, run_json: Run) -> None:
    set_value(shop, "personalization", "strength", 0.0)
    assert ids(run_json("search", shop, "mug", "--shopper", "ann")) == ids(run_json("search", shop, "mug"))


def test_plain_words(shop: Path, run: Run) -> None:
    told = run("profiles", shop, "show", "--shopper", "ann").stdout
    assert "Colour: blue (100%)." in told
    assert "Brands: Lumora (100%)." in told
    assert "Nothing is known" in run("profiles", shop, "show", "--shopper", "bob").stdout
    assert "Switched off" in run("profiles", shop, "off", "--shopper", "bob").stdout
    assert "Switched off" in run("profiles", shop, "show", "--shopper", "bob").stdout
    assert "again" in run("profiles", shop, "on", "--shopper", "bob").stdout
    assert "10 events" in run("profiles", shop, "erase", "--shopper", "ann").stdout


def test_a_shopper_has_to_be_named(shop: Path, run_json: Run) -> None:
    assert "--shopper" in run_json("profiles", shop, "show", status=2)["error"]["detail"]
