"""Pretraining on plain text: each method learns on a tiny transformer, and leaves an encoder to match with."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from openaisle.errors import DataError, RecipeError, TrainingError
from openaisle.learning.backbones import open_backbone
from openaisle.learning.examples import Labelled, Plain
from openaisle.learning.heads.build import load_head
from openaisle.learning.heads.match import MatchHead
from openaisle.learning.heads.protocol import Head, HeadOptions
from openaisle.learning.trainable import Sizes, apply
from openaisle.learning.unlabelled.build import TASKS, build_pretraining_head
from openaisle.learning.unlabelled.pretraining import PretrainingHead
from openaisle.sample.generate import products

OPTIONS = HeadOptions(max_tokens=24)
PLAIN = [Plain(title) for title in sorted({item["title"]["en"] for item in products()})[::12]][:64]


def head(task: str, folder: Path, **more: Any) -> PretrainingHead:
    torch.manual_seed(5)
    return build_pretraining_head(task, open_backbone(str(folder), max_tokens=24, dropout=0.1), OPTIONS, **more)


def learn(made: PretrainingHead, steps: int, rate: float, what: str = "everything") -> list[float]:
    torch.manual_seed(6)
    trainable = apply(
        what, made.module, made.module.backbone, learning_rate=rate, total_steps=steps, sizes=Sizes(bottleneck=8)
    )
    optimizer = torch.optim.AdamW(trainable.parameter_groups)
    made.module.train()
    losses = []
    for step in range(steps):
        at = step * 16 % len(PLAIN)
        loss = made.module(**made.collate(PLAIN[at : at + 16]))["loss"]
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize(("task", "share"), [("mlm", 0.95), ("simcse", 0.8), ("tsdae", 0.9)])
def test_learns(task: str, share: float, tiny_base: Path) -> None:
    made = head(task, tiny_base)
    before = made.measure(PLAIN)["loss"]
    losses = learn(made, 24, 3e-3)
    assert np.mean(losses[-4:]) < share * np.mean(losses[:4])
    assert made.measure(PLAIN)["loss"] < before


@pytest.mark.parametrize("task", TASKS)
def test_is_a_head_whose_measures_repeat(task: str, tiny_base: Path) -> None:
    made = head(task, tiny_base)
    assert isinstance(made, Head)
    made.module.train()
    state = torch.get_rng_state()
    measured, each = made.measure(PLAIN), made.per_example(PLAIN)["loss"]
    assert made.module.training
    assert torch.equal(torch.get_rng_state(), state)
    assert measured == made.measure(PLAIN)
    assert each.shape == (len(PLAIN),)
    assert measured["loss"] == pytest.approx(each.mean())
    assert measured["perplexity"] == pytest.approx(math.exp(each.mean()))
    assert made.length(PLAIN[0]) <= 24


@pytest.mark.parametrize("task", TASKS)
def test_saved_it_is_a_matching_head(task: str, tiny_base: Path, tmp_path: Path) -> None:
    made = head(task, tiny_base)
    learn(made, 2, 1e-3)
    made.save(tmp_path)
    opened = load_head(tmp_path)
    assert isinstance(opened, MatchHead)
    texts = [example.text for example in PLAIN[:5]]
    np.testing.assert_allclose(opened.encode(texts, "document"), made.encode(texts, "document"), atol=1e-5)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("what", ["last:1", "adapter", "prefix"])
def test_goes_with_what_trains(task: str, what: str, tiny_base: Path) -> None:
    made = head(task, tiny_base)
    assert all(math.isfinite(loss) for loss in learn(made, 2, 1e-3, what))


@pytest.mark.parametrize("task", TASKS)
def test_a_text_without_words_costs_no_number_that_is_none(task: str, tiny_base: Path) -> None:
    made = head(task, tiny_base)
    made.module.train()
    loss = made.module(**made.collate([Plain(""), Plain("")]))["loss"]
    loss.backward()
    assert math.isfinite(loss.item())


@pytest.mark.parametrize("task", TASKS)
def test_other_examples_are_refused(task: str, tiny_base: Path) -> None:
    with pytest.raises(DataError, match="plain text"):
        head(task, tiny_base).collate([Labelled("mug", ("Kitchen",))])


def test_another_task_is_refused(tiny_base: Path) -> None:
    with pytest.raises(RecipeError):
        head("classify", tiny_base)


def test_simcse_needs_dropout(tiny_base: Path) -> None:
    backbone = open_backbone(str(tiny_base), max_tokens=24, dropout=0.0)
    with pytest.raises(TrainingError, match="dropout"):
        build_pretraining_head("simcse", backbone, OPTIONS)


def test_simcse_takes_no_text_for_its_own_negative(tiny_base: Path) -> None:
    made = head("simcse", tiny_base)
    batch = made.collate([PLAIN[0], PLAIN[0]])
    with torch.no_grad():
        losses, _ = made.module.per_text(**batch)
    assert losses.tolist() == [0.0, 0.0]
