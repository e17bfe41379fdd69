"""Each test that asks for `engine` runs on SQLite and, where OPENAISLE_TEST_POSTGRES_URL names a server, on PostgreSQL."""

import os
import uuid
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from openaisle.storage import migrate, open_engine

POSTGRES = os.environ.get("OPENAISLE_TEST_POSTGRES_URL")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request, tmp_path: Path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shop.db'}"
        return
    if not POSTGRES:
        pytest.skip("OPENAISLE_TEST_POSTGRES_URL is not set: PostgreSQL is not tested")
    schema = f"t_{uuid.uuid4().hex}"
    admin = create_engine(POSTGRES.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{POSTGRES}{'&' if '?' in POSTGRES else '?'}options=-csearch_path%3D{schema}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture
def engine(store_url):
    engine = open_engine(store_url)
    migrate(engine)
    yield engine
    engine.dispose()
