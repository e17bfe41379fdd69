"""What all tests share."""

from __future__ import annotations

import importlib.util
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

POSTGRES = os.environ.get("OPENAISLE_TEST_POSTGRES_URL")

# A slow machine is no defect: examples may take as long as they take.
settings.register_profile("openaisle", deadline=None)
settings.load_profile("openaisle")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLite and, where OPENAISLE_TEST_POSTGRES_URL names a server, PostgreSQL in a schema of its own."""
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


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny pretrained model; PyTorch is imported by the first test that asks for it."""
    specification = importlib.util.spec_from_file_location("tiny", Path(__file__).parent / "learning" / "tiny.py")
    assert specification is not None
    assert specification.loader is not None
    tiny = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tiny)
    folder: Path = tiny.tiny_backbone(tmp_path_factory.mktemp("tiny"))
    return folder
