"""The head that a training begins with, and the one that it ended with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import set_seed

from openaisle.errors import RecipeError
from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.backbones.layers import keep
from openaisle.learning.compression.distil import DistilHead
from openaisle.learning.compression.layerwise import LayerwiseHead, parent_of
from openaisle.learning.compression.learning_from import build_distil_head
from openaisle.learning.examples import DataSet
from openaisle.learning.heads import Head, build_head, load_head
from openaisle.learning.heads.classify import ClassifyHead
from openaisle.learning.heads.files import go_on_from, holds_head, read_stated
from openaisle.learning.heads.fit_grams import fit_grams
from openaisle.learning.heads.logistic import fit_logistic
from openaisle.learning.heads.text_head import labelled
from openaisle.learning.losses import LossOptions
from openaisle.learning.recipe import Recipe
from openaisle.learning.trainable import restore
from openaisle.learning.unlabelled.build import TASKS, build_pretraining_head
from openaisle.learning.unlabelled.few_shot import LOSS as FEW_SHOT
from openaisle.learning.unlabelled.few_shot import FewShotHead
from openaisle.learning.unlabelled.pretraining import PretrainingHead

_ADDED = "added.json"


@dataclass(frozen=True, slots=True)
class Beginning:
    """A head before its training, and the licence of the weights in it (`unknown` where none is stated)."""

    head: Head
    licence: str


def open_base(recipe: Recipe) -> Backbone:
    """The recipe's base as the recipe wants it. Raises `ModelError`, and `RecipeError` for a base that no training can
    go on from."""
    if (Path(recipe.base) / _ADDED).is_file():
        raise RecipeError(
            f"The base in {recipe.base} has added weights (adapter, prefix, prompt), which no plain model has.",
            "Train on from its own base, or with lora, which folds into the weights.",
        )
    backbone = open_backbone(recipe.base, max_tokens=recipe.model.max_tokens, dropout=recipe.model.dropout)
    if recipe.model.layers:
        keep(backbone.model, list(recipe.model.layers))
    return backbone


def begin(recipe: Recipe, data: DataSet) -> Beginning:
    """The head of the recipe's task on its base; the same every time, new weights included."""
    set_seed(recipe.seed)
    backbone = open_base(recipe)
    if recipe.task in TASKS:
        return Beginning(_pretraining(recipe, backbone), backbone.licence)
    if _is_few_shot(recipe):
        return Beginning(FewShotHead(backbone, recipe.model, data.train), backbone.licence)
    if recipe.task == DistilHead.task:
        return Beginning(_student(recipe, backbone, data), backbone.licence)
    head = build_head(recipe.task, backbone, recipe.model, loss_options(recipe), data)
    if isinstance(head, ClassifyHead):
        _fit(head, recipe, backbone, data)
    return Beginning(head, backbone.licence)


def _fit(head: ClassifyHead, recipe: Recipe, backbone: Backbone, data: DataSet) -> None:
    """Fit what needs no training and does not come from the base."""
    if _begins_with_probe(recipe, backbone, head):
        fit_logistic(head, labelled(data.train))
    grams = head.module.grams
    if grams is not None and not (grams.fitted and _heard_the_same(backbone, head)):
        fit_grams(head, labelled(data.train))


def _begins_with_probe(recipe: Recipe, backbone: Backbone, head: ClassifyHead) -> bool:
    """Whether the layer is new and no random one: a random one's first gradients spoil what the base knows.

    Source: Kumar et al. 2022, "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution".
    """
    return recipe.train.start == "probe" and not holds_head(backbone.folder, head.stated())


def _heard_the_same(backbone: Backbone, head: ClassifyHead) -> bool:
    """Whether the base had runs as long: those stay, for a training on news alone would fit them to the news alone."""
    stated, folder = head.stated(), backbone.folder
    return folder is not None and holds_head(folder, stated) and read_stated(folder).get("grams") == stated["grams"]


def _student(recipe: Recipe, backbone: Backbone, data: DataSet) -> PretrainingHead:
    model, train = recipe.model, recipe.train
    if train.teachers:
        return build_distil_head(
            backbone, model, loss_options(recipe), data, train.teachers, weights=train.teacher_weights
        )
    whole = open_backbone(recipe.base, max_tokens=model.max_tokens)
    prefix = backbone.query_prefix if model.query_prefix is None else model.query_prefix
    return LayerwiseHead(backbone, model, parent_of(whole, model.layers, model.pooling, prefix))


def open_finished(recipe: Recipe, folder: Path) -> Head:
    """The head that a training of the recipe left in `folder`. Raises `ModelError`."""
    if recipe.task in TASKS:
        head = _pretrained(recipe, folder)
    elif recipe.task == DistilHead.task:  # its teachers have gone; what it left is an encoder to match with
        head = load_head(folder)
    else:
        head = load_head(folder, loss_options(recipe))
    restore(head.module, head.module.backbone, folder)
    return head


def _pretraining(recipe: Recipe, backbone: Backbone) -> Head:
    train = recipe.train
    return build_pretraining_head(recipe.task, backbone, recipe.model, mask=train.mask, temperature=train.temperature)


def _pretrained(recipe: Recipe, folder: Path) -> Head:
    """What only pretraining needs is not kept and begins anew; the encoder, and what projects it, are as they were."""
    backbone = open_backbone(str(folder), max_tokens=recipe.model.max_tokens, dropout=recipe.model.dropout)
    head: Any = _pretraining(recipe, backbone)
    go_on_from(folder, head.module, head.stated())
    opened: Head = head
    return opened


def _is_few_shot(recipe: Recipe) -> bool:
    return recipe.task == "classify" and recipe.train.loss == FEW_SHOT


def loss_options(recipe: Recipe) -> LossOptions:
    train = recipe.train
    return LossOptions("" if _is_few_shot(recipe) else train.loss, train.temperature, train.margin, train.matryoshka)
