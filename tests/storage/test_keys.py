import pytest
from sqlalchemy import text

from openaisle.storage import reading
from openaisle.storage.keys import Keys


@pytest.fixture
def keys(engine):
    return Keys(engine)


def test_a_token_finds_its_key_and_scopes(keys):
    new = keys.create("storefront", ["search", "ingest"])
    found = keys.verify(new.token)
    assert found == new.key
    assert found.scopes == {"search", "ingest"}


def test_no_other_token_is_accepted(keys):
    token = keys.create("storefront", ["search"]).token
    mark, prefix, secret = token.split("_", 2)
    wrong = [
        "",
        "oa",
        "oa_",
        token[:-1],
        token + "x",
        f"xx_{prefix}_{secret}",
        f"oa_{prefix}_",
        f"oa_{'0' * 12}_{secret}",
    ]
    wrong += ["\0", "oa_\0_x", "oa_%_x", "ключ", "oa_" + "a" * 10_000, "\ud800", mark]
    assert [keys.verify(attempt) for attempt in wrong] == [None] * len(wrong)


def test_a_revoked_key_is_refused_and_listed(keys):
    new = keys.create("old", ["search"])
    assert keys.revoke(new.key.id)
    assert not keys.revoke(new.key.id)
    assert keys.verify(new.token) is None
    assert [key.revoked_at is not None for key in keys.list()] == [True]


def test_the_secret_is_neither_stored_nor_shown(keys, engine):
    new = keys.create("storefront", ["search"])
    secret = new.token.split("_", 2)[2]  # the secret itself may hold underscores
    with reading(engine) as connection:
        row = connection.execute(text("SELECT * FROM api_keys")).one()
    assert secret not in str(tuple(row))
    assert secret.encode() not in bytes(row.hash)
    assert secret not in repr(new)
