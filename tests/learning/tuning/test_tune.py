"""Studies with an objective of which the best is known."""

from __future__ import annotations

import json
import re
import tomllib
import warnings
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openaisle.errors import DataError, RecipeError, StorageError, TrainingDiverged, TrainingError
from openaisle.learning.recipe import Recipe, recipe_of
from openaisle.learning.tuning import Tuned, Watch, best_recipe, tune
from openaisle.learning.tuning.report import as_html, summary, write_tuning

SPACE = """
"train.learning_rate" = { low = 1e-5, high = 1e-1, log = true }
"train.warmup" = { low = 0.0, high = 0.5 }
"train.schedule" = { choices = ["linear", "cosine"] }
"""
EVIL = "<script>alert(1)</script>"


class Killed(BaseException):
    """What a kill is to the process."""


def stated(space: str = SPACE, more: str = "") -> dict[str, Any]:
    return tomllib.loads(
        f'name = "m"\ntask = "match"\nseed = 3\n[data]\npath = "j.tsv"\n[tune]\n{more}\n[tune.space]\n{space}'
    )


def objective(recipe: Recipe, number: int, watch: Watch) -> float:
    """Best at a learning rate of 1e-3; the schedule matters little, the warm-up not at all."""
    from math import log10

    value = 1 - abs(log10(recipe.train.learning_rate) + 3) / 4 + 0.05 * (recipe.train.schedule == "cosine")
    for share in (0.0, 0.5, 0.8, 1.0):
        watch(value * share)
    return value


def tuned(
    folder: Path,
    trials: int = 12,
    run: Callable[[Recipe, int, Watch], float] = objective,
    *,
    said: dict[str, Any] | None = None,
    **options: Any,
) -> Tuned:
    told: list[tuple[str, int, int | None]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = tune(
            said or stated(),
            folder,
            folder / "tune",
            run,
            trials=trials,
            tell=lambda *each: told.append(each),
            **options,
        )
    assert told[-1][1:] == (len(found.trials), trials)
    return found


def test_the_study_finds_better_values_than_the_written_ones(tmp_path: Path) -> None:
    found = tuned(tmp_path, 25)
    assert len(found.trials) == 25
    assert found.written is not None
    assert found.written.number == 1
    assert found.written.values == {"train.learning_rate": 2e-5, "train.warmup": 0.1, "train.schedule": "linear"}
    assert found.best.value is not None
    assert found.written.value is not None
    assert found.best.value > 0.9 > found.written.value
    assert {each.state for each in found.trials} == {"complete", "pruned"}
    assert next(iter(found.importance)) == "train.learning_rate"
    assert sum(found.importance.values()) == pytest.approx(1, abs=0.01)


def test_a_metric_that_is_better_when_lower_is_made_low(tmp_path: Path) -> None:
    said = stated()
    said["train"] = {"metric": "loss"}

    def loss(recipe: Recipe, number: int, watch: Watch) -> float:
        return 2 - objective(recipe, number, lambda value: watch(2 - value))

    found = tuned(tmp_path, 10, loss, said=said)
    values = [each.value for each in found.trials if each.state == "complete"]
    assert found.best.value == min(value for value in values if value is not None)
    assert not found.higher_is_better


def test_the_same_recipe_gives_the_same_study(tmp_path: Path) -> None:
    first, second = tuned(tmp_path, 5), tuned(tmp_path, 5)
    assert first.study.endswith("-1")
    assert second.study.endswith("-2")
    assert [(each.values, each.value) for each in first.trials] == [(each.values, each.value) for each in second.trials]


@pytest.mark.parametrize("survived", [0, 4])
def test_a_study_that_was_killed_goes_on_to_the_same_end(tmp_path: Path, survived: int) -> None:
    done = 0

    def killed(recipe: Recipe, number: int, watch: Watch) -> float:
        nonlocal done
        if done == survived:
            watch(0.1)
            raise Killed
        done += 1
        return objective(recipe, number, watch)

    with pytest.raises(Killed):
        tuned(tmp_path / "cut", 7, killed)
    resumed, whole = tuned(tmp_path / "cut", 7, resume=True), tuned(tmp_path / "whole", 7)
    assert [each.values for each in resumed.trials] == [each.values for each in whole.trials]
    assert [each.state for each in resumed.trials] == [each.state for each in whole.trials]
    assert resumed.best.values == whole.best.values
    assert resumed.written is not None


def test_resuming_counts_what_is_there_and_starts_where_there_is_nothing(tmp_path: Path) -> None:
    ran: list[int] = []

    def counted(recipe: Recipe, number: int, watch: Watch) -> float:
        ran.append(number)
        return objective(recipe, number, watch)

    assert len(tuned(tmp_path, 3, counted, resume=True).trials) == 3
    assert len(tuned(tmp_path, 5, counted, resume=True).trials) == 5
    assert len(tuned(tmp_path, 5, counted, resume=True).trials) == 5
    assert len(ran) == 5
    assert (
        len(tuned(tmp_path, 2, counted, resume=True, said=stated('"train.warmup" = { low = 0.0, high = 0.1 }')).trials)
        == 2
    )


def test_a_trial_that_fails_does_not_end_the_study(tmp_path: Path) -> None:
    def fragile(recipe: Recipe, number: int, watch: Watch) -> float:
        if recipe.train.learning_rate > 1e-2:
            raise TrainingDiverged("The loss is NaN at step 3.", "Lower train.learning_rate.")
        if number == 1:
            return float("nan")
        return objective(recipe, number, watch)

    found = tuned(tmp_path, 12, fragile)
    failures = {each.failure for each in found.trials if each.state == "failed"}
    assert failures == {"The loss is NaN at step 3.", "The validation metric is not a number."}
    assert found.best.values["train.learning_rate"] <= 1e-2  # type: ignore[operator]


def test_values_that_contradict_each_other_fail_alone(tmp_path: Path) -> None:
    said = stated('"train.epochs" = { low = 0.0, high = 1.0, step = 1.0 }\n"train.max_steps" = { low = 0, high = 1 }')
    said["train"] = {"epochs": 1, "max_steps": 1}
    found = tuned(tmp_path, 14, lambda recipe, number, watch: recipe.train.epochs, said=said)
    assert any("both 0" in each.failure for each in found.trials if each.state == "failed")


def test_when_nothing_completes_the_last_reason_is_told(tmp_path: Path) -> None:
    def broken(recipe: Recipe, number: int, watch: Watch) -> float:
        raise TrainingError("The memory is not enough.", "Lower train.batch_size.")

    with pytest.raises(TrainingError, match="None of 3 trials completed; the last said: The memory is not enough"):
        tuned(tmp_path, 3, broken)


def test_what_no_other_values_would_mend_ends_the_study(tmp_path: Path) -> None:
    def no_data(recipe: Recipe, number: int, watch: Watch) -> float:
        raise DataError("j.tsv is missing.", "Name the file.")

    with pytest.raises(DataError):
        tuned(tmp_path, 3, no_data)
    assert len(tuned(tmp_path, 2, resume=True).trials) == 2


def test_no_trial_starts_when_time_is_up(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="None of 0 trials"):
        tuned(tmp_path, 3, timeout=0.0)


def test_values_that_were_tried_are_not_trained_again(tmp_path: Path) -> None:
    ran: list[str] = []

    def counted(recipe: Recipe, number: int, watch: Watch) -> float:
        ran.append(recipe.train.schedule)
        return float(recipe.train.schedule == "cosine")

    found = tuned(tmp_path, 8, counted, said=stated('"train.schedule" = { choices = ["linear", "cosine"] }'))
    assert sorted(ran) == ["cosine", "linear"]
    assert len(found.trials) == 8


def test_two_tunings_at_once_are_refused(tmp_path: Path) -> None:
    def nested(recipe: Recipe, number: int, watch: Watch) -> float:
        with pytest.raises(TrainingError, match="Another process is tuning"):
            tune(stated(), tmp_path, tmp_path / "tune", objective, trials=1, tell=lambda *each: None)
        return 1.0

    tuned(tmp_path, 1, nested)


def test_a_study_that_cannot_be_read_says_which_file(tmp_path: Path) -> None:
    (tmp_path / "tune").mkdir()
    (tmp_path / "tune" / "study.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError, match=r"study\.db cannot be opened"):
        tuned(tmp_path, 1)


def test_a_bad_space_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(RecipeError):
        tuned(tmp_path, 1, said=stated('"train.epochs" = { low = -1, high = 1 }'))
    assert not (tmp_path / "tune").exists()


def test_the_best_recipe_is_the_written_one_with_the_best_values(tmp_path: Path) -> None:
    said = stated()
    said["base"] = 'a "quoted"\\name'
    said["data"]["columns"] = {"text of it": "Überschrift"}
    said["train"] = {"matryoshka": [64, 128], "clip": 0.5}
    found = tuned(tmp_path, 6, said=said)
    text = best_recipe(said, found)
    read = tomllib.loads(text)
    assert "tune" not in read
    recipe = recipe_of(read, tmp_path)
    assert recipe.train.learning_rate == found.best.values["train.learning_rate"]
    assert (recipe.train.matryoshka, recipe.train.clip, recipe.base) == ((64, 128), 0.5, 'a "quoted"\\name')
    assert recipe.data.columns == {"text of it": "Überschrift"}
    assert f"{found.best.value:.4f}" in text


def test_the_report_stands_alone_and_tells_every_trial(tmp_path: Path) -> None:
    def sometimes(recipe: Recipe, number: int, watch: Watch) -> float:
        if number == 2:
            raise TrainingDiverged(EVIL, "Lower it.")
        return objective(recipe, number, watch)

    found = tuned(tmp_path, 12, sometimes)
    page = write_tuning(found, tmp_path, f'name = "{EVIL}"').read_text("utf-8")
    assert page == as_html(found, f'name = "{EVIL}"')
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert "https://" not in page
    assert page.count("<figure>") == 3 + 3
    drawings = "".join(b64decode(each).decode() for each in re.findall('base64,([^"]+)"', page))
    assert ">0.001<" in drawings
    assert "mathdefault" not in drawings
    assert page.count("<tr>") == (1 + 3) + (1 + 12)
    saved = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert saved["best"]["value"] == found.best.value
    assert len(saved["trials"]) == 12
    assert "The recipe as written" in summary(found)


def test_a_study_too_small_for_importance_is_reported(tmp_path: Path) -> None:
    found = tuned(tmp_path, 2, said=stated('"train.learning_rate" = { low = 1e-4, high = 1e-3, log = true }'))
    assert found.importance == {}
    assert found.written is None
    assert "Which keys matter" not in as_html(found, "")
    assert "as written" not in summary(found)
