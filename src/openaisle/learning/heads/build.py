"""A head for a task: new on a backbone, or as it was saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from openaisle.errors import ModelError, RecipeError
from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.examples import DataSet, Example
from openaisle.learning.heads.classify import ClassifyHead
from openaisle.learning.heads.files import STATED, go_on_from, load_weights, read_stated
from openaisle.learning.heads.lists import highest_gain, require_contrast
from openaisle.learning.heads.match import MatchHead
from openaisle.learning.heads.multilabel import MultilabelHead
from openaisle.learning.heads.protocol import Head, HeadOptions, ModelOptions
from openaisle.learning.heads.regress import RegressHead, scale_of
from openaisle.learning.heads.rerank import RerankHead
from openaisle.learning.heads.tag import TagHead, types_of
from openaisle.learning.heads.text_head import labels_of
from openaisle.learning.losses import LossOptions, Takes, build_loss

Facts = Mapping[str, Any]
"""What a head must know of the data, as its last arguments."""


_HEADS: Mapping[str, tuple[Callable[..., Any], Takes]] = MappingProxyType(
    {
        "match": (MatchHead, "vectors"),
        "rerank": (RerankHead, "scores"),
        "classify": (ClassifyHead, "logits"),
        "multilabel": (MultilabelHead, "labels"),
        "regress": (RegressHead, "values"),
        "tag": (TagHead, "tags"),
    }
)
_FROM_DATA: Mapping[str, Callable[[Sequence[Example]], Facts]] = MappingProxyType(
    {
        "match": lambda examples: {"highest_gain": highest_gain(examples)},
        "rerank": lambda examples: {"highest_gain": highest_gain(examples)},
        "classify": lambda examples: {"labels": labels_of(examples)},
        "multilabel": lambda examples: {"labels": labels_of(examples)},
        "regress": lambda examples: dict(zip(("middle", "spread"), scale_of(examples), strict=True)),
        "tag": lambda examples: {"types": types_of(examples)},
    }
)
_FROM_FILE: Mapping[str, Callable[[Facts], Facts]] = MappingProxyType(
    {
        "classify": lambda stated: {"labels": stated["labels"]},
        "multilabel": lambda stated: {"labels": stated["labels"]},
        "tag": lambda stated: {"types": stated["labels"], "chained": stated.get("following") is not None},
    }
)

_USUAL_LOSS = LossOptions()


def build_head(task: str, backbone: Backbone, model: ModelOptions, loss: LossOptions, data: DataSet) -> Head:
    """A head that is to learn from `data.train`. On a backbone that a training of the same task wrote, it goes on from
    there. Raises `RecipeError` for a task or a loss that does not fit, `DataError` for data that teach nothing."""
    if task not in _HEADS:
        raise RecipeError(f"There is no head for the task {task}.", f"Choose one of {', '.join(_HEADS)}.")
    make, takes = _HEADS[task]
    built = build_loss(loss, takes)
    facts = _FROM_DATA[task](data.train)
    if getattr(built, "within_lists", False):
        require_contrast(data.train, loss.name)
    head = make(backbone, model, built, **facts)
    go_on_from(backbone.folder, head.module, head.stated())
    made: Head = head
    return made


def load_head(folder: Path, loss: LossOptions = _USUAL_LOSS) -> Head:
    """The head that `save` wrote, in training mode. Raises `ModelError` when the folder is foreign or damaged."""
    stated = read_stated(folder)
    task = stated["task"]
    if task not in _HEADS:
        raise ModelError(f"{folder / STATED} names a task that there is no head for: {task}.", _MEND)
    make, takes = _HEADS[task]
    try:
        options = HeadOptions(**{name: stated[name] for name in HeadOptions.__slots__ if name in stated})
        backbone = open_backbone(str(folder), max_tokens=options.max_tokens)
        facts = _FROM_FILE[task](stated) if task in _FROM_FILE else {}
        head = make(backbone, options, build_loss(loss, takes), **facts)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder / STATED} is not complete: {error}.", _MEND) from error
    load_weights(folder, head.module)
    made: Head = head
    return made


_MEND = "Give a folder that a training wrote (weights/ of a version)."
