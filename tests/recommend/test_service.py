"""A shop's recommendations from end to end: trained from its log, followed, refreshed, damaged."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from openaisle.catalog.changes import Patch
from openaisle.catalog.product import Product
from openaisle.errors import BadRequest, NotTrained, ProductNotFound, RecommendationsCorrupt
from openaisle.events.event import Event, Kind
from openaisle.models.protocol import EncoderIdentity
from openaisle.recommend.placements import Place
from openaisle.recommend.request import RecommendationRequest
from openaisle.recommend.response import Recommendations
from openaisle.recommend.service import RecommendationService, ShopParts
from openaisle.recommend.training import HEAVY
from openaisle.shop import Shop

pytest.importorskip("implicit")
pytest.importorskip("lightgbm")

NOW = time.time_ns() // 1_000_000
HOUR = 3_600_000
MUGS, POTS = [f"MUG-{n}" for n in range(6)], [f"POT-{n}" for n in range(6)]


class Spelling:
    """An encoder that knows a product by the first letter of its title."""

    identity = EncoderIdentity("spelling", "1", 26, "digest")

    def encode_documents(self, texts: list[str]) -> np.ndarray:
        return np.eye(26, dtype=np.float32)[[ord(text[0].lower()) - 97 for text in texts]]

    encode_queries = encode_documents


def product(id: str, **more: object) -> Product:
    kind = "Mug" if id.startswith("MUG") else "Pot"
    return Product(id=id, title={"en": f"{kind} {id}"}, category=(kind,), price=10.0, **more)  # type: ignore[arg-type]


def visit(number: int, shopper: str, products: list[str], begin: int, kind: Kind = Kind.VIEW) -> list[Event]:
    return [
        Event(f"{number}-{place}", kind, begin + place * 60_000, shopper, f"s{number}", product_id=id)
        for place, id in enumerate(products)
    ]


def service_of(shop: Shop) -> RecommendationService:
    encoder = Spelling()
    return RecommendationService(ShopParts(shop.folder, shop.catalog, shop.events, lambda: encoder))  # type: ignore[arg-type, return-value]


def silent(stage: str, done: int, total: int | None) -> None: ...


def ids(found: Recommendations) -> list[str]:
    return [each.id for each in found.recommendations]


@pytest.fixture(scope="module", autouse=True)
def _by_words_alone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAISLE_ENCODER_NAME", "none")
        yield


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied, which is quicker than training one a test."""
    folder = tmp_path_factory.mktemp("trained") / "shop"
    with Shop.create(folder) as shop:
        shop.upsert(product(id) for id in [*MUGS, *POTS])
        shop.events.append(past())
        service_of(shop).train(silent)
    return folder


def past() -> list[Event]:
    """Mugs are looked at after mugs and pots after pots, each in their order."""
    generator = np.random.default_rng(1)
    events = [Event(id="o", kind=Kind.ORDER, time=NOW - 390 * HOUR, shopper="buyer", session="o", product_id="POT-1")]
    for number in range(400):
        kind = MUGS if number % 2 else POTS
        start = int(generator.integers(0, 3))
        events += visit(number, f"shopper-{number % 30}", kind[start : start + 3], NOW - (400 - number) * HOUR)
    return events


@pytest.fixture
def shop(tmp_path: Path, trained: Path) -> Iterator[Shop]:
    with Shop.open(shutil.copytree(trained, tmp_path / "shop")) as opened:
        yield opened


@pytest.fixture
def service(shop: Shop) -> RecommendationService:
    return service_of(shop)


def test_what_shoppers_did_is_what_is_recommended(service: RecommendationService) -> None:
    found = service.recommend(RecommendationRequest(product="MUG-1", limit=3))
    assert found.placement is Place.SIMILAR
    assert ids(found)
    assert all(id.startswith("MUG") for id in ids(found))
    assert "MUG-1" not in ids(found)
    assert found.model == "000001"


def test_every_score_is_the_sum_of_its_parts_and_has_a_reason(service: RecommendationService) -> None:
    found = service.recommend(RecommendationRequest(product="MUG-1", limit=3))
    for each in found.recommendations:
        assert sum(each.contributions.values()) == pytest.approx(each.score)
        assert set(each.reason.text) == {"en", "zh"}
    first = found.recommendations[0].reason
    assert first.because == "MUG-1"
    assert "Mug MUG-1" in first.text["zh"]


def test_a_shopper_is_known_by_what_they_did_a_moment_ago(shop: Shop, service: RecommendationService) -> None:
    service.recommend(RecommendationRequest(shopper="new"))
    shop.events.append(visit(900, "new", ["POT-0", "POT-1"], NOW - 120_000))
    found = service.recommend(RecommendationRequest(shopper="new", limit=4))
    assert "POT-2" in ids(found)[:3]
    assert found.notices == ()


def test_nobody_known_gets_what_is_popular_and_is_told_so(service: RecommendationService) -> None:
    found = service.recommend(RecommendationRequest(shopper="nobody", limit=5))
    assert len(ids(found)) == 5
    assert found.notices
    assert {each.reason.key for each in found.recommendations} <= {"popular", "trending", "new"}


def test_what_a_shopper_refused_to_have_used_is_not_used(shop: Shop) -> None:
    encoder = Spelling()
    parts = ShopParts(shop.folder, shop.catalog, shop.events, lambda: encoder, may_use=lambda shopper: False)  # type: ignore[arg-type, return-value]
    service = RecommendationService(parts)
    assert service.recommend(RecommendationRequest(shopper="shopper-1")).notices


def test_retired_products_and_those_without_stock_are_never_recommended(
    shop: Shop, service: RecommendationService
) -> None:
    question = RecommendationRequest(product="MUG-0", limit=12)
    assert {"MUG-1", "MUG-2"} <= set(ids(service.recommend(question)))
    shop.delete(["MUG-1"])
    shop.patch([Patch("MUG-2", {"stock": 0})])
    for place in Place:
        asked = RecommendationRequest(shopper="shopper-1", product="MUG-0", placement=place, limit=12)
        assert not {"MUG-1", "MUG-2"} & set(ids(service.recommend(asked)))
    with pytest.raises(ProductNotFound):
        service.recommend(RecommendationRequest(product="MUG-1"))


def test_a_product_that_came_after_training_is_recommended_by_what_it_is(
    shop: Shop, service: RecommendationService
) -> None:
    shop.upsert([product("MUG-NEW")])
    found = service.recommend(RecommendationRequest(product="MUG-0", limit=10))
    assert "MUG-NEW" in ids(found)
    assert "MUG-0" in ids(service.recommend(RecommendationRequest(product="MUG-NEW", limit=10)))


def test_what_was_bought_goes_beside_the_cart_and_not_into_it_again(service: RecommendationService) -> None:
    found = service.recommend(RecommendationRequest(cart=("MUG-0", "unheard of"), limit=5))
    assert found.placement is Place.CART
    assert "MUG-0" not in ids(found)


def test_refreshing_takes_in_what_came_since(shop: Shop, service: RecommendationService) -> None:
    shop.upsert([product("POT-NEW")])
    for number in range(40):
        shop.events.append(visit(1000 + number, f"late-{number}", ["POT-NEW", "MUG-5"], NOW - HOUR))
    refreshed = service.refresh(silent)
    assert (refreshed.events, refreshed.products, refreshed.generation) == (80, 1, "000002")
    found = service.recommend(RecommendationRequest(session=("POT-NEW",), limit=5))
    assert found.model == "000002"
    assert "MUG-5" in ids(found)
    assert service.refresh(silent).events == 0


def test_another_process_takes_up_what_was_trained(shop: Shop, service: RecommendationService) -> None:
    other = service_of(shop)
    question = RecommendationRequest(product="POT-0", limit=3)
    assert ids(other.recommend(question)) == ids(service.recommend(question))
    assert service.train(silent).generation == "000002"
    assert other.recommend(question).model == "000002"


def test_a_shop_without_events_recommends_by_content(tmp_path: Path) -> None:
    with Shop.create(tmp_path / "fresh") as shop:
        shop.upsert(product(id) for id in [*MUGS, *POTS])
        service = service_of(shop)
        with pytest.raises(NotTrained, match="recommend train"):
            service.recommend(RecommendationRequest())
        trained = service.train(silent)
        assert (trained.events, trained.blend) == (0, False)
        found = service.recommend(RecommendationRequest(product="MUG-1", limit=3))
        assert all(id.startswith("MUG") for id in ids(found))
        assert ids(service.recommend(RecommendationRequest())) == []


@pytest.mark.parametrize("lacking", [True, False])
def test_what_is_heavy_can_be_left_out(
    lacking: bool, shop: Shop, service: RecommendationService, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service.train(silent).left_out == ()
    for library in ("implicit", "lightgbm") if lacking else ():
        monkeypatch.setitem(sys.modules, library, None)
    trained = service.train(silent, without=() if lacking else HEAVY)
    assert (trained.left_out, trained.blend) == (("als", "blend"), False)
    assert {"bought", "session_knn", "content"} <= set(trained.methods)
    assert "als" not in trained.methods
    assert ids(service.recommend(RecommendationRequest(product="MUG-1", limit=3)))


def test_a_damaged_model_says_what_to_do_and_training_mends_it(shop: Shop, service: RecommendationService) -> None:
    file = shop.folder / "recommend" / "000001" / "followed.npz"
    file.write_bytes(file.read_bytes()[:100])
    broken = service_of(shop)
    with pytest.raises(RecommendationsCorrupt, match="not whole") as told:
        broken.recommend(RecommendationRequest())
    assert "recommend train" in told.value.mend
    broken.train(silent)
    assert broken.recommend(RecommendationRequest()).model == "000002"


def test_only_the_last_generations_stay(shop: Shop, service: RecommendationService) -> None:
    for _ in range(3):
        service.refresh(silent)
    left = sorted(path.name for path in (shop.folder / "recommend").iterdir() if path.is_dir())
    assert left == ["000003", "000004"]


def test_nothing_on_disk_is_pickled(shop: Shop, service: RecommendationService) -> None:
    folder = shop.folder / "recommend" / "000001"
    assert {path.suffix for path in folder.iterdir()} <= {".npz", ".json", ".txt", ".onnx"}
    for path in folder.glob("*.npz"):
        with np.load(path, allow_pickle=False) as arrays:
            assert all(arrays[name].dtype != object for name in arrays.files)


@pytest.mark.parametrize(
    "wrong",
    [{"limit": 0}, {"limit": 101}, {"placement": Place.SIMILAR}, {"cart": ("x",) * 101}],
)
def test_a_request_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        RecommendationRequest(**wrong)  # type: ignore[arg-type]
