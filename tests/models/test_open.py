from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from encoder_contract import EncoderContract
from tiny_model import write_tiny_model

from openaisle.errors import MissingExtra, ModelError
from openaisle.models.open import EncoderOptions, open_encoder
from openaisle.models.protocol import Encoder
from openaisle.models.starter import PACKAGE

installed = importlib.util.find_spec(PACKAGE) is not None


@pytest.mark.skipif(not installed, reason="openaisle-starter is not installed")
class TestStarter(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> Encoder | None:
        return open_encoder("starter")


def test_none_is_no_encoder() -> None:
    assert open_encoder("none") is None


def test_a_folder_by_path(tiny_folder: Path) -> None:
    encoder = open_encoder(f"onnx:{tiny_folder}")
    assert encoder is not None
    assert encoder.identity.name == "tiny"


def test_prefixes_reach_the_encoder(tiny_folder: Path) -> None:
    own = open_encoder(f"onnx:{tiny_folder}")
    other = open_encoder(f"onnx:{tiny_folder}", EncoderOptions(query_prefix="ask: "))
    assert own is not None
    assert other is not None
    assert own.identity != other.identity


@pytest.mark.parametrize("name", ["", "onnx", "onnx:", "starter:x", "none:x", "bert", "huggingface:", "endpoint:"])
def test_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(ModelError, match="There is no encoder called") as caught:
        open_encoder(name)
    assert "onnx:FOLDER" in caught.value.mend


def test_an_absent_starter_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    with pytest.raises(ModelError, match="not installed") as caught:
        open_encoder("starter")
    assert "pip install openaisle-starter" in caught.value.mend


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("huggingface:some/model", "sentence_transformers", "openaisle[huggingface]"),
        ("endpoint:http://localhost:1/v1", "httpx", "openaisle[endpoint]"),
    ],
)
def test_a_missing_extra_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, name: str, module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra) as caught:
        open_encoder(name, EncoderOptions(model="m"))
    assert extra in caught.value.mend


def test_a_starter_package_is_found_where_it_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / PACKAGE / "data")
    code = "from pathlib import Path\n\n\ndef path():\n    return Path(__file__).with_name('data')\n"
    (tmp_path / PACKAGE / "__init__.py").write_text(code)
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    encoder = open_encoder("starter")
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    assert encoder is not None
    assert encoder.identity.name == "tiny"
