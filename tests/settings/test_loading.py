from __future__ import annotations

from pathlib import Path

import pytest

from openaisle.errors import SettingsError, ShopNotFound
from openaisle.settings import FILE_NAME, Settings, load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FILE_NAME).write_text("")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def test_an_empty_file_gives_the_defaults(folder: Path) -> None:
    assert load(folder, {}) == Settings()


def test_reads_every_kind_of_value(folder: Path) -> None:
    write(
        folder,
        """
        [shop]
        name = "四季"
        currency = "CNY"
        [store]
        url = "postgresql+psycopg://localhost/shop"
        [mapping]
        "商品名" = "title"
        [encoder]
        name = "onnx:models/mine"
        dimensions = 512
        [search]
        dense_weight = 0.7
        prefix = false
        [search.weights]
        title = 4
        [search.typos]
        one_from = 6
        [server]
        port = 9000
        cors = ["https://shop.example"]
        """,
    )
    settings = load(folder, {})
    assert settings.shop.name == "四季"
    assert settings.store.url == "postgresql+psycopg://localhost/shop"
    assert settings.mapping == {"商品名": "title"}
    assert settings.encoder.name == "onnx:models/mine"
    assert settings.encoder.dimensions == 512
    assert settings.search.dense_weight == 0.7
    assert settings.search.prefix is False
    assert settings.search.weights.title == 4.0
    assert settings.search.weights.brand == 2.0
    assert settings.search.typos.one_from == 6
    assert settings.server.port == 9000
    assert settings.server.cors == ("https://shop.example",)


def test_the_environment_wins_over_the_file(folder: Path) -> None:
    write(folder, "[server]\nport = 9000\n")
    environment = {
        "OPENAISLE_SERVER_PORT": "9001",
        "OPENAISLE_SEARCH_WEIGHTS_TITLE": "2.5",
        "OPENAISLE_SEARCH_PREFIX": "false",
        "OPENAISLE_ENCODER_FIELDS": "title, brand",
        "OPENAISLE_STORE_URL": "",
        "OPENAISLE_HOME": "elsewhere",
        "PATH": "/bin",
    }
    settings = load(folder, environment)
    assert settings.server.port == 9001
    assert settings.search.weights.title == 2.5
    assert settings.search.prefix is False
    assert settings.encoder.fields == ("title", "brand")
    assert settings.store.url is None


def test_a_byte_order_mark_is_no_hindrance(folder: Path) -> None:
    (folder / FILE_NAME).write_bytes(b"\xef\xbb\xbf[server]\nport = 1\n")
    assert load(folder, {}).server.port == 1


@pytest.mark.parametrize("missing", ["nothing", "nothing/below"])
def test_a_folder_without_the_file_is_no_shop(tmp_path: Path, missing: str) -> None:
    with pytest.raises(ShopNotFound) as caught:
        load(tmp_path / missing, {})
    assert "openaisle init" in caught.value.mend


@pytest.mark.parametrize(
    ("text", "detail", "mend"),
    [
        (
            "[server]\nport = 70000\n",
            "openaisle.toml, line 2: server.port cannot be 70000.",
            "Set it to a whole number from 1 to 65,535.",
        ),
        ("\n\nserver.port = 'http'\n", 'openaisle.toml, line 3: server.port cannot be "http".', "whole number"),
        ("server = {port = 0}\n", "openaisle.toml: server.port cannot be 0.", "from 1"),
        ("[server]\nport = 80.5\n", "server.port cannot be 80.5", "whole number"),
        ("[server]\nport = true\n", "server.port cannot be true", "whole number"),
        ("[search]\ndense_weight = nan\n", "search.dense_weight cannot be nan", "a number from 0 to 1"),
        ("[search]\nprefix = 'maybe'\n", "search.prefix cannot be", "true or false"),
        ("[search.weights]\ntitle = -1\n", "line 2: search.weights.title cannot be -1.", "from 0 to 1,000"),
        ("[encoder]\nfields = ['titel']\n", "encoder.fields cannot be ['titel']", "a list of title, brand"),
        ("[encoder]\nfields = 'title'\n", "encoder.fields cannot be", "a list of title, brand"),
        ("[encoder]\nfields = []\n", "encoder.fields cannot be []", "a list of title, brand"),
        ("[encoder]\nfields = [3]\n", "encoder.fields cannot be 3", "a list of title, brand"),
        ("[shop]\nname = ''\n", 'shop.name cannot be "".', "text"),
        ("[shop]\nname = 3\n", "shop.name cannot be 3.", "text"),
        ("[shop]\ncurrency = 'yuan'\n", "shop.currency cannot be", "ISO 4217"),
        (
            "[encoder]\nname = 'stater'\n",
            'encoder.name cannot be "stater".',
            "one of starter, none, model:NAME@VERSION",
        ),
        ("[encoder]\nname = 'onnx:'\n", "encoder.name cannot be", "onnx:FOLDER"),
        ("[server]\nkeys = 'sometimes'\n", "server.keys cannot be", "one of auto, always, never"),
        ("[mapping]\nx = 3\n", "line 2: the field of column x must be text", '"price"'),
        ("[serverr]\nport = 1\n", "line 1: there is no setting serverr.", "Did you mean server?"),
        ("[server]\nprot = 1\n", "line 2: there is no setting server.prot.", "Did you mean server.port?"),
        ("port = 1\n", "line 1: there is no setting port.", "Did you mean server.port?"),
        ("[shop]\nqqqqqq = 1\n", "there is no setting shop.qqqqqq", "docs/reference/settings.md"),
        ("server = 3\n", "server must be a table", "[server]"),
        ("[[server]]\nport = 3\n", "server must be a table", "[server]"),
        ("[shop]\nname = My shop\n", "not valid TOML", "quotes"),
        ("a = 1\na = 2\n", "not valid TOML", "line"),
    ],
)
def test_refuses_what_cannot_be_used(folder: Path, text: str, detail: str, mend: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(folder, text), {})
    assert detail in caught.value.detail
    assert mend in caught.value.mend


def test_refuses_text_that_is_not_utf8(folder: Path) -> None:
    (folder / FILE_NAME).write_bytes('[shop]\nname = "四季"'.encode("gb18030"))
    with pytest.raises(SettingsError, match="not UTF-8"):
        load(folder, {})


def test_refuses_a_file_of_absurd_size(folder: Path) -> None:
    with pytest.raises(SettingsError, match="larger"):
        load(write(folder, "#" * 1_000_001), {})


def test_a_variable_that_cannot_be_used_is_named(folder: Path) -> None:
    with pytest.raises(SettingsError, match=r'variable OPENAISLE_SERVER_PORT: server.port cannot be "http"'):
        load(folder, {"OPENAISLE_SERVER_PORT": "http"})


def test_a_variable_with_a_slip_is_named(folder: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(folder, {"OPENAISLE_SERVER_PROT": "1"})
    assert caught.value.mend == "Did you mean OPENAISLE_SERVER_PORT?"


def test_the_variable_that_holds_the_endpoint_key_is_no_slip(folder: Path) -> None:
    write(folder, "[encoder]\napi_key_env = 'OPENAISLE_ENCODER_SECRET'\n")
    assert load(folder, {"OPENAISLE_ENCODER_SECRET": "s"}).encoder.api_key_env == "OPENAISLE_ENCODER_SECRET"


@pytest.mark.parametrize(
    ("name", "taken"),
    [("model:shop-encoder@3", True), ("model:shop-encoder", False), ("model:../x@1", False), ("model:x@0", False)],
)
def test_a_model_of_the_shop_is_named_with_its_version(folder: Path, name: str, taken: bool) -> None:
    written = write(folder, f"[encoder]\nname = '{name}'\n")
    if taken:
        assert load(written, {}).encoder.name == name
    else:
        with pytest.raises(SettingsError, match="model:NAME@VERSION"):
            load(written, {})
