from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from encoder_contract import EncoderContract
from tiny_model import DIMENSIONS, MAX_TOKENS, write_manifest, write_tiny_model

from openaisle.errors import ModelError
from openaisle.models.onnx import TEXTS_AT_A_TIME, OnnxEncoder
from openaisle.models.protocol import CosineRange


class TestOnnxEncoder(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls, tiny_folder: Path) -> OnnxEncoder:
        return OnnxEncoder.open(tiny_folder, threads=2)


class TestOnOneThread(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls, tiny_folder: Path) -> OnnxEncoder:
        return OnnxEncoder.open(tiny_folder, threads=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "model")


def test_order_is_kept_over_many_texts_and_batches(tiny_folder: Path) -> None:
    encoder = OnnxEncoder.open(tiny_folder, batch_tokens=96)
    texts = [f"product {number} " + "x" * (number * 7 % 40) for number in range(TEXTS_AT_A_TIME + 50)]
    vectors = encoder.encode_documents(texts)
    for position in (0, 1, 999, TEXTS_AT_A_TIME - 1, TEXTS_AT_A_TIME, len(texts) - 1):
        np.testing.assert_allclose(vectors[position], encoder.encode_documents([texts[position]])[0], atol=1e-5)


def test_text_beyond_the_limit_is_cut(tiny_folder: Path) -> None:
    encoder = OnnxEncoder.open(tiny_folder)
    head = "y" * MAX_TOKENS
    np.testing.assert_allclose(encoder.encode_queries([head]), encoder.encode_queries([head + "tail"]), atol=1e-6)


def test_queries_and_documents_carry_their_prefixes(tiny_folder: Path) -> None:
    encoder = OnnxEncoder.open(tiny_folder)
    bare = OnnxEncoder.open(tiny_folder, query_prefix="", document_prefix="")
    np.testing.assert_allclose(encoder.encode_queries(["mug"]), bare.encode_queries(["query: mug"]), atol=1e-6)
    np.testing.assert_allclose(encoder.encode_documents(["mug"]), bare.encode_queries(["passage: mug"]), atol=1e-6)


def test_another_prefix_is_another_encoder(tiny_folder: Path) -> None:
    digests = {
        OnnxEncoder.open(tiny_folder, query_prefix=query, document_prefix=document).identity.digest
        for query, document in ((None, None), ("", None), (None, ""), ("a", "b"), ("", ""))
    }
    assert len(digests) == 5


def test_pooling_by_the_first_token(folder: Path) -> None:
    mean = OnnxEncoder.open(folder).encode_queries(["red mug"])
    write_manifest(folder, pooling="cls")
    first = OnnxEncoder.open(folder).encode_queries(["red mug"])
    assert float((mean @ first.T)[0, 0]) < 0.999


def test_how_cosines_read_comes_from_the_manifest(folder: Path) -> None:
    assert OnnxEncoder.open(folder).identity.cosines == CosineRange()
    write_manifest(folder, cosines={"unrelated": 0.7, "related": 0.9, "translated": 0.05})
    assert OnnxEncoder.open(folder).identity.cosines == CosineRange(0.7, 0.9, 0.05)


def test_the_numbers_of_an_index_come_from_the_manifest(folder: Path) -> None:
    """Another choice is another identity: the index has to be built anew."""
    before = OnnxEncoder.open(folder).identity
    write_manifest(folder, vectors="binary")
    after = OnnxEncoder.open(folder).identity
    assert (before.vectors, after.vectors) == ("float32", "binary")
    assert before.digest != after.digest


def test_identity_is_what_the_manifest_says(tiny_folder: Path) -> None:
    identity = OnnxEncoder.open(tiny_folder).identity
    assert (identity.name, identity.version, identity.dimensions) == ("tiny", "1.0.0", DIMENSIONS)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_changed_file_is_corrupt(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{name} is corrupt") as caught:
        OnnxEncoder.open(folder)
    assert caught.value.mend == "Install the model again."


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"{name} cannot be read"):
        OnnxEncoder.open(folder)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"dimensions": 99}, "promises 99 dimensions"),
        ({"dimensions": "many"}, "dimensions"),
        ({"pooling": "median"}, "pooling"),
        ({"cosines": {"unrelated": 0.9, "related": 0.7}}, "unrelated must be below"),
        ({"vectors": "ternary"}, "vectors"),
        ({"files": {}}, "no hash for model.onnx"),
        ({"files": {"../model.onnx": "0" * 64, "model.onnx": "0" * 64, "tokenizer.json": "0" * 64}}, "outside"),
    ],
)
def test_a_wrong_manifest_is_refused(folder: Path, changes: dict[str, object], complaint: str) -> None:
    write_manifest(folder, **changes)
    with pytest.raises(ModelError, match=complaint):
        OnnxEncoder.open(folder)


def test_a_broken_manifest_is_refused(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")
    with pytest.raises(ModelError, match="is not valid"):
        OnnxEncoder.open(folder)


def test_what_is_no_model_is_refused(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"not a graph")
    write_manifest(folder)
    with pytest.raises(ModelError, match="not an ONNX model"):
        OnnxEncoder.open(folder)


def test_a_truncated_model_is_refused_even_when_its_hash_was_taken_afterwards(folder: Path) -> None:
    path = folder / "model.onnx"
    path.write_bytes(path.read_bytes()[:5000])
    write_manifest(folder)
    with pytest.raises(ModelError, match="not an ONNX model"):
        OnnxEncoder.open(folder)


def test_what_is_no_tokenizer_is_refused(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")
    write_manifest(folder)
    with pytest.raises(ModelError, match="not a tokenizer"):
        OnnxEncoder.open(folder)


def test_a_graph_that_does_not_take_text_is_refused(folder: Path) -> None:
    import onnx

    graph = onnx.load(folder / "model.onnx")
    for node in graph.graph.node:
        node.input[:] = ["pixels" if name == "input_ids" else name for name in node.input]
    graph.graph.input[0].name = "pixels"
    onnx.save(graph, folder / "model.onnx")
    write_manifest(folder)
    with pytest.raises(ModelError, match="wants an input pixels"):
        OnnxEncoder.open(folder)


def test_pickled_weights_are_never_loaded(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match="pickled") as caught:
        OnnxEncoder.open(tmp_path)
    assert "safetensors" in caught.value.mend


def test_folders_that_hold_no_model_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        OnnxEncoder.open(tmp_path / "absent")
    with pytest.raises(ModelError, match=r"has no manifest\.json"):
        OnnxEncoder.open(tmp_path)


def test_pytorch_is_not_imported(tiny_folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from openaisle.models.open import open_encoder;"
        f"open_encoder({f'onnx:{tiny_folder}'!r}).encode_queries(['mug']);"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
