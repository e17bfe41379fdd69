"""Cross-encoders: pairs are read as pairs, in any batch, and scores become relevance."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_model import write_tiny_model
from tiny_tasks import WORDS, write_reranker

from openaisle.errors import ModelError, ModelNotFound
from openaisle.models.manifest import Calibration
from openaisle.models.open_reranker import open_reranker
from openaisle.models.protocol import Reranker
from openaisle.models.reranker import OnnxReranker, relevance

VALUES = {"red": 1.0, "mug": 10.0, "bad": -100.0}


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> OnnxReranker:
    return OnnxReranker.open(write_reranker(tmp_path_factory.mktemp("reranker"), VALUES), threads=1)


def test_it_is_a_reranker(reranker: OnnxReranker) -> None:
    assert isinstance(reranker, Reranker)
    assert reranker.name == "tiny 1.0.0"


def test_query_and_text_are_told_apart(reranker: OnnxReranker) -> None:
    # the second text's words count twice
    assert reranker.scores("red", ["mug", "red mug", ""]).tolist() == [21.0, 23.0, 1.0]
    assert reranker.scores("mug", ["red"]).tolist() == [12.0]


@given(st.lists(st.lists(st.sampled_from(WORDS[3:]), max_size=40).map(" ".join), max_size=60))
def test_scores_are_in_the_order_of_the_texts_whatever_their_lengths(reranker: OnnxReranker, texts: list[str]) -> None:
    found = reranker.scores("red", texts)
    assert found.dtype == np.float32
    assert found.tolist() == [reranker.scores("red", [text])[0] for text in texts]


def test_long_pairs_are_cut_and_not_refused(reranker: OnnxReranker) -> None:
    # 32 tokens: three special ones, the query's, and as many of the text's as fit
    assert reranker.scores("red", ["mug " * 500]).tolist() == [1.0 + 2 * 10 * 28]


def test_relevance_is_between_0_and_1_and_keeps_the_order() -> None:
    scores = np.array([-1e30, -3.0, 0.5, 2.0, 1e30], np.float32)
    found = relevance(scores, Calibration(2.0, -1.0))
    assert found.tolist() == sorted(found.tolist())
    assert (found[0], found[-1]) == (0.0, 1.0)
    assert found[2] == 0.5


def test_the_manifest_s_calibration_is_used(tmp_path: Path) -> None:
    folder = write_reranker(tmp_path, VALUES, calibration={"scale": 0.5, "shift": -2.0})
    found = OnnxReranker.open(folder, threads=1).score("red", ["", "red"])
    np.testing.assert_allclose(found, 1 / (1 + np.exp([1.5, 0.5])), rtol=1e-6)


def test_prefixes_are_put_before_both_texts(tmp_path: Path) -> None:
    folder = write_reranker(tmp_path, VALUES, query_prefix="red ", document_prefix="mug ")
    assert OnnxReranker.open(folder, threads=1).scores("blue", ["shoe"]).tolist() == [21.0]


def test_threads_may_share_one(reranker: OnnxReranker) -> None:
    texts = [" ".join(["mug"] * count) for count in range(20)]
    expected = reranker.scores("red", texts).tolist()
    with ThreadPoolExecutor(4) as pool:
        assert all(found.tolist() == expected for found in pool.map(lambda _: reranker.scores("red", texts), range(20)))


def test_an_encoder_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="kind encoder"):
        OnnxReranker.open(write_tiny_model(tmp_path))


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    reranker = OnnxReranker.open(write_reranker(tmp_path, {"bad": float("nan")}), threads=1)
    with pytest.raises(ModelError, match="finite"):
        reranker.score("red", ["bad"])


def test_rerankers_are_opened_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_reranker(tmp_path / "folder", VALUES)
    found = open_reranker(f"onnx:{tmp_path / 'folder'}", threads=1)
    assert found is not None
    assert found.name == "tiny 1.0.0"
    assert open_reranker("none") is None
    with pytest.raises(ModelError, match="no reranker called"):
        open_reranker("nothing")
    with pytest.raises(ModelNotFound):
        open_reranker("model:reranker@1", registry=tmp_path / "models")
    monkeypatch.setattr("openaisle.models.open_reranker.PACKAGE", "openaisle_reranker_that_is_not_there")
    with pytest.raises(ModelError, match="not installed"):
        open_reranker("starter")
