from __future__ import annotations

from collections.abc import Mapping

import pytest

from openaisle.sample.behaviour.pages import Page, pages_of
from openaisle.sample.behaviour.shoppers import Cast, cast


@pytest.fixture(scope="session")
def written() -> Cast:
    return cast()


@pytest.fixture(scope="session")
def pages(written: Cast) -> Mapping[str, Page]:
    return pages_of({query for errand in written.errands for query in errand.queries})
