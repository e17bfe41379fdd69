"""The study on disk: which trials there were, so that a tuning that was killed goes on where it was."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock, Timeout
from sqlalchemy import event

from openaisle.errors import MissingExtra, StorageError, TrainingError
from openaisle.learning.recipe import Recipe
from openaisle.learning.tuning.space import Choice, Dimension, FloatRange, Values, value_at
from openaisle.models.registry.direction import higher_is_better

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

_FILE, _LOCK = "study.db", "study.lock"
_FAILURE, _WRITTEN = "failure", "written"
_QUICK_TRIALS = 4
"""Trials that complete before any is pruned."""


@contextmanager
def open_study(
    folder: Path, recipe: Recipe, dimensions: tuple[Dimension, ...], *, digest: str, resume: bool
) -> Iterator[Study]:
    """The study in `folder`, locked. Without `resume` a new one, beside those that were; with it, the last of the same
    recipe and space, or a new one. Raises `TrainingError`, `StorageError`, `MissingExtra`."""
    with _locked(folder):
        storage = _storage(folder / _FILE)
        try:
            study = _opened(storage, digest, recipe, resume)
            _restore(study)
            if not study.trials:
                _enqueue_written(study, recipe, dimensions)
            yield study
        finally:
            storage.remove_session()
            storage.engine.dispose()


def digest_of(stated: Mapping[str, Any], dimensions: tuple[Dimension, ...]) -> str:
    """What makes two tunings the same: the recipe but for how many trials it wants, and the space."""
    kept = {name: table for name, table in stated.items() if name not in {"tune", "tracking", "gate", "export"}}
    told = json.dumps([kept, [repr(each) for each in dimensions]], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def ask(study: Study, recipe: Recipe, dimensions: tuple[Dimension, ...]) -> tuple[Trial, Values]:
    """The next trial with its values. What is asked follows from the trials that finished, not from the process: a
    resumed study asks what an uninterrupted one would."""
    sequence = np.random.SeedSequence([recipe.seed, len(finished(study))])
    study.sampler = _optuna().samplers.TPESampler(seed=int(sequence.generate_state(1)[0]))
    trial = study.ask()
    return trial, {each.key: _suggested(trial, each) for each in dimensions}


def finished(study: Study) -> list[FrozenTrial]:
    """Trials that ran to some end; those that a kill left unfinished are not among them."""
    return [trial for trial in study.trials if trial.state.is_finished() and not _was_killed(trial)]


def failure_of(trial: FrozenTrial) -> str:
    return str(trial.user_attrs.get(_FAILURE, ""))


def fail(study: Study, trial: Trial, reason: str) -> None:
    trial.set_user_attr(_FAILURE, reason)
    study.tell(trial, state=_optuna().trial.TrialState.FAIL)


def is_written(trial: FrozenTrial) -> bool:
    """Whether the trial is the recipe as it was written."""
    return bool(trial.user_attrs.get(_WRITTEN, False))


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise MissingExtra("Tuning needs Optuna.", 'Run: pip install "openaisle[train]"') from error
    return optuna


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / _LOCK, timeout=0):
            yield
    except Timeout as error:
        raise TrainingError(
            "Another process is tuning this model.", "Wait until it is done, or stop it and go on with --resume."
        ) from error
    except OSError as error:
        raise StorageError(
            f"The study cannot be kept in {folder}: {error.strerror}.", "Check the folder and disk."
        ) from error


def _storage(file: Path) -> Any:
    """As safe against a kill as SQLite is anyway, and spared its wait for the disk at every number that is told."""
    try:
        storage = _optuna().storages.RDBStorage(f"sqlite:///{file}", {"connect_args": {"timeout": 30}})
    except Exception as error:
        raise StorageError(
            f"The study in {file} cannot be opened: {error}.", "Remove the file to begin anew."
        ) from error
    storage.engine.dispose()
    event.listen(storage.engine, "connect", _quick_writes)
    return storage


def _quick_writes(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _opened(storage: Any, digest: str, recipe: Recipe, resume: bool) -> Study:
    optuna = _optuna()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    numbers = [
        int(found[1])
        for name in optuna.get_all_study_names(storage)
        if (found := re.fullmatch(rf"{digest}-(\d+)", name))
    ]
    number = max(numbers, default=1) if resume else max(numbers, default=0) + 1
    pruner = optuna.pruners.MedianPruner(_QUICK_TRIALS, n_warmup_steps=1) if recipe.tune.pruning else None
    study: Study = optuna.create_study(
        storage=storage,
        study_name=f"{digest}-{number}",
        direction="maximize" if higher_is_better(recipe.train.metric) else "minimize",
        pruner=pruner or optuna.pruners.NopPruner(),
        load_if_exists=True,
    )
    return study


def _restore(study: Study) -> None:
    """Ask again what a kill interrupted. The lock is held, so no trial can be running."""
    state = _optuna().trial.TrialState
    for trial in study.get_trials(states=(state.RUNNING,)):
        study.tell(trial.number, state=state.FAIL)
        if trial.params:
            study.enqueue_trial(trial.params, user_attrs=trial.user_attrs)


def _enqueue_written(study: Study, recipe: Recipe, dimensions: tuple[Dimension, ...]) -> None:
    """The recipe as it was written is the first trial: what tuning gains is measured against it."""
    written = {each.key: value_at(recipe, each.key) for each in dimensions}
    if all(each.holds(written[each.key]) for each in dimensions):
        study.enqueue_trial(written, user_attrs={_WRITTEN: True})


def _was_killed(trial: FrozenTrial) -> bool:
    return trial.state.name == "FAIL" and _FAILURE not in trial.user_attrs


def _suggested(trial: Trial, dimension: Dimension) -> Any:
    if isinstance(dimension, Choice):
        return trial.suggest_categorical(dimension.key, dimension.choices)
    if isinstance(dimension, FloatRange):
        return trial.suggest_float(dimension.key, dimension.low, dimension.high, log=dimension.log, step=dimension.step)
    return trial.suggest_int(dimension.key, dimension.low, dimension.high, log=dimension.log, step=dimension.step)
