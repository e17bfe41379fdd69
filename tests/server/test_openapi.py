"""The API against its own description: what it says it takes and gives is what it takes and gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import AcceptedNegativeData, FailureGroup

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


_MADE_WRONG = re.compile(r"\b(query|header|path|cookie|body)\b[^\n]*? violates `(\w+)`")


def _is_mistaken(failure: Exception, case: Case, described: dict[str, Any]) -> bool:
    """Whether what was made wrong on purpose came out right: a body by chance, the type of a value in the address, where
    all is text, or the key, which every call here carries."""
    made_wrong = _MADE_WRONG.findall(failure.message) if isinstance(failure, AcceptedNegativeData) else []
    return bool(made_wrong) and all(
        place == "header" or (place == "query" and what == "type") or (place == "body" and _fits(case, described))
        for place, what in made_wrong
    )


def _fits(case: Case, described: dict[str, Any]) -> bool:
    content = described["paths"][case.operation.path][case.method.lower()]["requestBody"]["content"]
    schema = {**content["application/json"]["schema"], "components": described["components"]}
    return jsonschema_rs.is_valid(schema, case.body)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_description_is_kept(shop: Shop, mode: GenerationMode) -> None:
    load_all_checks()
    headers = {"Authorization": f"Bearer {shop.keys.create('test', ['admin']).token}"}
    app = create_app(shop)
    operations = [result.ok() for result in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations()]
    assert len(operations) == 31
    described = app.openapi()
    for operation in operations:
        unchecked = CHECKS.get_by_names(BULK_UNCHECKED if operation.path in BULK else ALWAYS_UNCHECKED)

        @settings(
            max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps_its_word(case: Case) -> None:
            # an empty list leaves nothing in the address that could be refused, and an object a list of its names
            assume(not any(value == [] or isinstance(value, dict) for value in (case.query or {}).values()))
            try:
                case.call_and_validate(headers=headers, excluded_checks=unchecked)  # noqa: B023
            except FailureGroup as group:
                if not all(_is_mistaken(failure, case, described) for failure in group.exceptions):
                    raise

        try:
            keeps_its_word()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # nothing can be wrong with a call that takes nothing
    app.state.service.worker.stop()
