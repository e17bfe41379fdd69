"""Each test that asks for `engine` runs on every store, see `store_url`."""

import pytest

from openaisle.storage import migrate, open_engine


@pytest.fixture
def engine(store_url):
    engine = open_engine(store_url)
    migrate(engine)
    yield engine
    engine.dispose()
