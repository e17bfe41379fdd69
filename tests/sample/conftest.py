from __future__ import annotations

from typing import Any

import pytest

from openaisle import sample
from openaisle.sample.source import Store, load_store


@pytest.fixture(scope="session")
def rows() -> list[dict[str, Any]]:
    return list(sample.products())


@pytest.fixture(scope="session")
def store() -> Store:
    return load_store()
