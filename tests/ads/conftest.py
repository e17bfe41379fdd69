"""Each test that asks for `database` runs on every store, see `store_url`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from openaisle.storage import migrate, open_engine

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def database(store_url: str) -> Iterator[Engine]:
    database = open_engine(store_url)
    migrate(database)
    yield database
    database.dispose()
