from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from fake import FakeHead, examples, recipe, silent

from openaisle.errors import DataError, RecipeError, StorageError, TrainingDiverged
from openaisle.learning.data import data_set
from openaisle.learning.examples import DataSet, Labelled
from openaisle.learning.training import run_training
from openaisle.learning.training.checkpoints import last_whole


def weights(head: FakeHead) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in head.module.parameters()])


def test_a_training_learns_and_tells_how_it_went(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[str, int, int | None]] = []
    trained = run_training(
        FakeHead(), examples(), recipe(), tmp_path, tell=lambda *state: told.append(state), resume=False
    )
    assert trained.best_metric == 1.0
    assert trained.steps == 32
    assert trained.head.measure(examples().test)["accuracy"] == 1.0
    assert told[0] == ("training", 0, 32)
    assert told[-1] == ("training", 32, 32)
    losses = [entry["loss"] for entry in trained.history if "loss" in entry]
    assert losses[-1] < losses[0]
    assert [entry["step"] for entry in trained.history if "eval_accuracy" in entry] == [0, 8, 16, 24, 32]
    assert trained.seconds > 0
    assert trained.examples_per_second > 0
    assert trained.peak_memory_mb > 0
    assert capsys.readouterr() == ("", "")


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    heads = [FakeHead(), FakeHead()]
    for number, head in enumerate(heads):
        run_training(head, examples(), recipe(), tmp_path / str(number), tell=silent, resume=False)
    assert torch.equal(weights(heads[0]), weights(heads[1]))


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd", "RMSprop", "nadam"])
def test_every_optimizer_learns(tmp_path: Path, optimizer: str) -> None:
    trained = run_training(FakeHead(), examples(), recipe(optimizer=optimizer), tmp_path, tell=silent, resume=False)
    losses = [entry["loss"] for entry in trained.history if "loss" in entry]
    assert losses[-1] < losses[0]


def test_an_optimizer_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no such optimiser") as caught:
        run_training(FakeHead(), examples(), recipe(optimizer="adamm"), tmp_path, tell=silent, resume=False)
    assert "adamw" in caught.value.mend


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant", "polynomial"])
def test_the_rate_follows_the_schedule(tmp_path: Path, schedule: str) -> None:
    trained = run_training(FakeHead(), examples(), recipe(schedule=schedule), tmp_path, tell=silent, resume=False)
    rates = [entry["learning_rate"] for entry in trained.history if "learning_rate" in entry]
    assert rates[0] == pytest.approx(0.05)
    assert (rates[-1] < 0.01) == (schedule != "constant")


def test_accumulated_batches_make_one_step_of_the_whole(tmp_path: Path) -> None:
    heads = [FakeHead(), FakeHead()]
    run_training(heads[0], examples(), recipe(bucketing=False), tmp_path / "one", tell=silent, resume=False)
    split = recipe(bucketing=False, batch_size=4, accumulation=2)
    run_training(heads[1], examples(), split, tmp_path / "two", tell=silent, resume=False)
    assert torch.allclose(weights(heads[0]), weights(heads[1]), atol=1e-4)


def test_bfloat16_learns(tmp_path: Path) -> None:
    trained = run_training(FakeHead(), examples(), recipe(precision="bfloat16"), tmp_path, tell=silent, resume=False)
    assert trained.best_metric == 1.0


@pytest.mark.skipif(torch.cuda.is_available(), reason="float16 runs on a GPU")
def test_float16_is_refused_without_a_gpu(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="needs a GPU"):
        run_training(FakeHead(), examples(), recipe(precision="float16"), tmp_path, tell=silent, resume=False)


def test_training_stops_when_validation_does_not_improve(tmp_path: Path) -> None:
    trained = run_training(FakeHead(), examples(), recipe(epochs=50, patience=2), tmp_path, tell=silent, resume=False)
    assert trained.steps < 50 * 8


def test_the_best_checkpoint_is_kept_not_the_last(tmp_path: Path) -> None:
    """A rate this high learns at first and then loses everything."""
    ever = recipe(epochs=6, learning_rate=0.05)
    head = FakeHead()
    right = head.measure
    values = iter([0.1, 0.2, 0.9, 0.3, 0.3, 0.3, 0.3])
    kept: list[torch.Tensor] = []

    def measure(_: object) -> dict[str, float]:
        kept.append(weights(head).clone())
        return {"accuracy": next(values)}

    head.measure = measure  # type: ignore[method-assign,assignment]
    trained = run_training(head, examples(), ever, tmp_path, tell=silent, resume=False)
    assert trained.best_metric == 0.9
    assert torch.equal(weights(head), kept[2])
    assert right


def test_a_metric_where_less_is_better_is_minimised(tmp_path: Path) -> None:
    head = FakeHead()
    values = iter([0.9, 0.5, 0.1, 0.3, 0.4])
    head.measure = lambda _: {"loss": next(values)}  # type: ignore[method-assign]
    trained = run_training(head, examples(), recipe(metric="loss"), tmp_path, tell=silent, resume=False)
    assert trained.best_metric == 0.1


def test_a_metric_that_is_not_measured_is_refused_before_training(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="does not measure") as caught:
        run_training(FakeHead(), examples(), recipe(metric="ndcg@10"), tmp_path, tell=silent, resume=False)
    assert "accuracy" in caught.value.mend
    assert last_whole(tmp_path) is None


def test_a_training_that_was_stopped_goes_on_to_the_same_result(tmp_path: Path) -> None:
    whole, first, second = FakeHead(), FakeHead(), FakeHead(seed=9)
    run_training(whole, examples(), recipe(evaluate_every=3), tmp_path / "whole", tell=silent, resume=False)

    def stop(stage: str, done: int, total: int | None) -> None:
        if done == 17:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_training(first, examples(), recipe(evaluate_every=3), tmp_path / "cut", tell=stop, resume=False)
    assert last_whole(tmp_path / "cut") == tmp_path / "cut" / "checkpoint-15"
    told: list[int] = []
    resumed = run_training(
        second,
        examples(),
        recipe(evaluate_every=3),
        tmp_path / "cut",
        tell=lambda _, done, total: told.append(done),
        resume=True,
    )
    assert told[0] == 15
    assert resumed.steps == 32
    assert torch.allclose(weights(whole), weights(second), atol=1e-6)


def test_a_checkpoint_cut_short_is_passed_over(tmp_path: Path) -> None:
    run_training(FakeHead(), examples(), recipe(), tmp_path, tell=silent, resume=False)
    latest = last_whole(tmp_path)
    assert latest is not None
    half = tmp_path / "checkpoint-99"
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")
    assert last_whole(tmp_path) == latest
    (half / "trainer_state.json").write_text(json.dumps({"step": 99})[:5])
    assert last_whole(tmp_path) == latest


def test_no_file_of_a_checkpoint_can_run_code(tmp_path: Path) -> None:
    run_training(FakeHead(), examples(), recipe(), tmp_path, tell=silent, resume=False)
    for state in tmp_path.glob("checkpoint-*/*"):
        assert state.suffix in (".safetensors", ".json", ".pt", ".pth"), state
        if state.suffix in (".pt", ".pth") and not state.name.startswith("rng"):
            torch.load(state, weights_only=True)


def test_resuming_where_nothing_was_begun_starts(tmp_path: Path) -> None:
    trained = run_training(FakeHead(), examples(), recipe(), tmp_path, tell=silent, resume=True)
    assert trained.steps == 32


@pytest.mark.parametrize("broken_from", [1, 12])
def test_a_loss_that_is_no_number_ends_the_training(tmp_path: Path, broken_from: int) -> None:
    head = FakeHead()
    head.module.broken_from = broken_from
    with pytest.raises(TrainingDiverged, match="stopped being a number") as caught:
        run_training(head, examples(), recipe(), tmp_path, tell=silent, resume=False)
    assert "learning_rate" in caught.value.mend


def test_weights_broken_by_the_last_step_are_noticed(tmp_path: Path) -> None:
    head = FakeHead()
    unvalidated = DataSet(examples().train, (), (), "digest")
    with pytest.raises(TrainingDiverged):
        run_training(
            head,
            unvalidated,
            recipe(optimizer="sgd", learning_rate=10, clip=0, max_steps=1),
            tmp_path,
            tell=_breaking(head),
            resume=False,
        )


def _breaking(head: FakeHead):  # type: ignore[no-untyped-def]
    def tell(stage: str, done: int, total: int | None) -> None:
        if done == 1:
            head.module.output.weight.data.fill_(float("nan"))

    return tell


def test_without_a_validation_split_the_last_weights_are_kept(tmp_path: Path) -> None:
    unvalidated = DataSet(examples().train, (), examples().test, "digest")
    trained = run_training(FakeHead(), unvalidated, recipe(), tmp_path, tell=silent, resume=False)
    assert trained.best_metric is None
    with pytest.raises(RecipeError, match="validation split"):
        run_training(FakeHead(), unvalidated, recipe(patience=1), tmp_path, tell=silent, resume=False)


def test_nothing_to_learn_from_is_said(tmp_path: Path) -> None:
    one_class = data_set([Labelled("kettle", ("kettle",))] * 5, [], [])
    for data, detail in ((data_set([], [], []), "no examples"), (one_class, "nothing to tell apart")):
        with pytest.raises(DataError, match=detail):
            run_training(FakeHead(), data, recipe(), tmp_path, tell=silent, resume=False)


@pytest.mark.parametrize(
    "fault", [OSError(28, "No space left on device"), RuntimeError("PytorchStreamWriter failed writing file data/0")]
)
def test_a_full_disk_is_said_and_earlier_checkpoints_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    real = torch.save
    written: list[str] = []

    def save(content: object, path: str) -> None:
        written.append(path)
        if "checkpoint-16" in path:
            raise fault
        real(content, path)

    monkeypatch.setattr("transformers.trainer.torch.save", save)
    with pytest.raises(StorageError, match="disk is full") as caught:
        run_training(FakeHead(), examples(), recipe(), tmp_path, tell=silent, resume=False)
    assert "--resume" in caught.value.mend
    assert last_whole(tmp_path) == tmp_path / "checkpoint-8"
