"""The API against its own description: what it says it takes and gives is what it takes and gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from openaisle.server.app import create_app
from openaisle.shop import Shop

ALWAYS_UNCHECKED = ("positive_data_acceptance",)
"""That a well-shaped request is taken: a filter, a facet or a price can be wrong in ways no schema tells."""

BULK = ("/v1/products", "/v1/events")
BULK_UNCHECKED = (*ALWAYS_UNCHECKED, "negative_data_rejection")
"""That a badly shaped request is refused: bulk writes take the good rows and tell of the bad ones."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("described") / "shop"
    Shop.create(folder).close()
    with Shop.open(folder) as shop:
        yield shop


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_description_is_kept(shop: Shop, mode: GenerationMode) -> None:
    load_all_checks()
    headers = {"Authorization": f"Bearer {shop.keys.create('test', ['admin']).token}"}
    app = create_app(shop)
    operations = [result.ok() for result in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations()]
    assert len(operations) == 31
    for operation in operations:
        unchecked = CHECKS.get_by_names(BULK_UNCHECKED if operation.path in BULK else ALWAYS_UNCHECKED)

        @settings(
            max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps_its_word(case: Case) -> None:
            # an empty list leaves nothing in the address that could be refused, and an object a list of its names
            assume(not any(value == [] or isinstance(value, dict) for value in (case.query or {}).values()))
            case.call_and_validate(headers=headers, excluded_checks=unchecked)  # noqa: B023

        try:
            keeps_its_word()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # nothing can be wrong with a call that takes nothing
    app.state.service.worker.stop()
