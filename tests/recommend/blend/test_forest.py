from __future__ import annotations

import sys

import numpy as np
import pytest

from openaisle.errors import MissingExtra
from openaisle.recommend.blend.forest import forest, trees
from openaisle.recommend.graphs import opened

lightgbm = pytest.importorskip("lightgbm")

PART_OF = (1, 1, 2, 3)


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """Whole numbers, so that many rows stand next to a threshold; fractions whose float32 is none of their doubles;
    and absent values in two columns, of which training sees those of the first only."""
    generator = np.random.default_rng(7)
    made = generator.integers(-4, 5, (4000, 4)).astype(np.float32)
    made[:, 2] /= 10
    made[generator.random(4000) < 0.2, 1] = np.nan
    return made


@pytest.fixture(scope="module")
def booster(rows: np.ndarray) -> object:
    wanted = np.nan_to_num(rows[:, 0]) * np.nan_to_num(rows[:, 1], nan=2) + 20 * rows[:, 2] + rows[:, 3]
    settings = {"objective": "regression", "num_leaves": 9, "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5}
    return lightgbm.train(settings, lightgbm.Dataset(rows, wanted), 25)


def parts(booster: object, rows: np.ndarray) -> np.ndarray:
    graph = forest(booster.model_to_string(), PART_OF, 4)  # type: ignore[attr-defined]
    assert graph is not None
    told: np.ndarray = opened(graph).run(None, {"rows": rows})[0]
    return told


def test_the_parts_of_every_row_add_up_to_what_lightgbm_says(booster: object, rows: np.ndarray) -> None:
    unseen = rows.copy()
    unseen[::3, 0] = np.nan
    for asked in (rows, unseen):
        expected = booster.predict(asked, num_threads=1)  # type: ignore[attr-defined]
        np.testing.assert_allclose(parts(booster, asked).sum(axis=1), expected, rtol=1e-4, atol=1e-4)


def test_a_part_whose_features_nothing_asks_adds_nothing(rows: np.ndarray) -> None:
    settings = {"objective": "regression", "num_leaves": 4, "verbosity": -1, "num_threads": 1}
    told = parts(lightgbm.train(settings, lightgbm.Dataset(rows, rows[:, 3].copy()), 5), rows)
    assert (told[:, 1:3] == 0).all()
    assert np.corrcoef(told[:, 3], rows[:, 3])[0, 1] > 0.9


def test_parts_are_close_to_shapley_values(booster: object, rows: np.ndarray) -> None:
    shares = booster.predict(rows, pred_contrib=True, num_threads=1)  # type: ignore[attr-defined]
    told = parts(booster, rows)
    for part in (1, 2, 3):
        theirs = shares[:, [place for place, of in enumerate(PART_OF) if of == part]].sum(axis=1)
        assert np.corrcoef(told[:, part], theirs)[0, 1] > 0.9


def test_trees_that_never_split_make_no_graph(rows: np.ndarray) -> None:
    settings = {"objective": "regression", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 4000}
    text = lightgbm.train(settings, lightgbm.Dataset(rows, rows[:, 3].copy()), 2).model_to_string()
    assert all(not tree.feature for tree in trees(text))
    assert forest(text, PART_OF, 4) is None


def test_without_onnx_it_says_what_to_install(booster: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtra) as told:
        forest(booster.model_to_string(), PART_OF, 4)  # type: ignore[attr-defined]
    assert "openaisle[behaviour]" in told.value.mend


def test_what_is_no_graph_is_refused() -> None:
    with pytest.raises(ValueError, match="protobuf"):
        opened(b"not a graph")
