from openaisle.storage.meta import Meta


def test_values_are_put_replaced_and_removed(engine):
    meta = Meta(engine)
    assert meta.get("schema") is None
    meta.put("schema", "1")
    meta.put("schema", "二")
    assert meta.get("schema") == "二"
    meta.remove("schema")
    assert meta.get("schema") is None
