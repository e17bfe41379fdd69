from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from openaisle.errors import ExperimentError
from openaisle.evaluation.features import features_of, matrix
from openaisle.evaluation.table import read_table
from openaisle.evaluation.uplift import TLearner, Trial, average_effect, qini, read_new, read_trials

HILLSTROM = Path(__file__).parents[4] / "shared" / "data" / "ads" / "hillstrom.csv.gz"
CONTROL = "No E-Mail"
FEATURES = ["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"]


def write(folder: Path, text: str, name: str = "trial.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def rows(count: int = 60) -> str:
    arms = ("none", "mail", "coupon")
    lines = [f"u{n},{arms[n % 3]},{n % 2},{n},{'web' if n % 4 else 'shop'}" for n in range(3 * count)]
    return "unit,treatment,outcome,age,channel\n" + "\n".join(lines) + "\n"


def test_every_treatment_is_a_trial_of_its_own(tmp_path: Path) -> None:
    trials, features = read_trials(write(tmp_path, rows()), "none", ["age", "channel"])
    assert list(trials) == ["coupon", "mail"]
    assert all(len(trial) == 120 and trial.share == 0.5 for trial in trials.values())
    assert [feature.values for feature in features] == [(), ("shop", "web")]
    assert trials["mail"].features.shape == (120, 3)
    assert list(read_trials(write(tmp_path, rows()), "none", ["age"], ["mail"])[0]) == ["mail"]


def test_new_units_are_read_as_the_trial_was(tmp_path: Path) -> None:
    _, features = read_trials(write(tmp_path, rows()), "none", ["age", "channel"])
    ids, columns = read_new(write(tmp_path, "unit,age,channel\na,89.5,web\nb,,phone\n", "new.csv"), features)
    assert ids == ["a", "b"]
    assert columns.tolist() == [[0, 0, 1], [0, 0, 0]]


@pytest.mark.parametrize(
    ("change", "control", "says"),
    [
        (("u1,", "u0,"), "none", "line 3: unit 'u0' stands on line 2"),
        ((",mail,1,1,", ",mail,nan,1,"), "none", "line 3: outcome 'nan'"),
        ((",mail,1,1,", ",mail,,1,"), "none", "line 3: outcome is empty"),
        ((",mail,1,1,", ",,1,1,"), "none", "line 3: treatment is empty"),
        (("x", "x"), "nobody", "no unit of the control nobody"),
        (("age", "years"), "none", "no column age"),
    ],
)
def test_a_bad_trial_is_refused(tmp_path: Path, change: tuple[str, str], control: str, says: str) -> None:
    with pytest.raises(ExperimentError, match=says):
        read_trials(write(tmp_path, rows().replace(*change, 1)), control, ["age"])


def test_arms_and_features_must_be_there(tmp_path: Path) -> None:
    file = write(tmp_path, rows())
    with pytest.raises(ExperimentError, match="no unit of the treatment letter"):
        read_trials(file, "none", ["age"], ["letter"])
    with pytest.raises(ExperimentError, match="no unit of the treatment none"):
        read_trials(file, "none", ["age"], ["none"])
    with pytest.raises(ExperimentError, match="No feature is named"):
        read_trials(file, "none", [])
    with pytest.raises(ExperimentError, match="one arm only"):
        read_trials(write(tmp_path, "treatment,outcome,age\nnone,1,2\nnone,2,3\n"), "none", ["age"])
    with pytest.raises(ExperimentError, match="20 treated units"):
        read_trials(write(tmp_path, rows(20)), "none", ["age"])


def test_a_column_of_too_many_texts_is_no_feature(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="unit has 300 different texts"):
        features_of(read_table(write(tmp_path, rows(100))), ["unit"])
    table = read_table(write(tmp_path, "age,same\n1,5\n3,5\n"))
    assert matrix(table, features_of(table, ["age", "same"])).tolist() == [[-1, 0], [1, 0]]


@pytest.mark.skipif(not HILLSTROM.exists(), reason="the Hillstrom trial is not here")
def test_hillstrom_is_what_was_published() -> None:
    called = {"treatment": "segment", "outcome": "spend"}
    trials, _ = read_trials(HILLSTROM, CONTROL, FEATURES, called=called)
    found = {arm: average_effect(trial).effect for arm, trial in trials.items()}
    assert found["Mens E-Mail"].mean == pytest.approx(0.770, abs=0.0005)
    assert found["Womens E-Mail"].mean == pytest.approx(0.424, abs=0.0005)
    assert all(effect.low > 0 for effect in found.values())


@pytest.mark.skipif(not HILLSTROM.exists(), reason="the Hillstrom trial is not here")
def test_the_order_of_hillstrom_is_worth_something_on_the_held_out_half() -> None:
    linear = pytest.importorskip("sklearn.linear_model").LinearRegression
    called = {"treatment": "segment", "outcome": "visit"}
    trials, _ = read_trials(HILLSTROM, CONTROL, FEATURES, ["Womens E-Mail"], called)
    learned, measured = trials["Womens E-Mail"].split(0.5, seed=0)
    learner = TLearner(linear)
    learner.fit(learned)
    value = qini(learner.predict(measured.features), measured, resamples=200).coefficient
    assert value.low > 0
    assert isinstance(measured, Trial)
    shuffled = np.random.default_rng(0).permutation(len(measured)).astype(float)
    chance = qini(shuffled, measured, resamples=200).coefficient
    assert chance.low < 0 < chance.high
