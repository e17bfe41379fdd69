"""A head for pretraining, by the name of its task."""

from __future__ import annotations

from openaisle.errors import RecipeError
from openaisle.learning.backbones import Backbone
from openaisle.learning.heads.protocol import ModelOptions
from openaisle.learning.unlabelled.mlm import MlmHead
from openaisle.learning.unlabelled.pretraining import PretrainingHead
from openaisle.learning.unlabelled.simcse import SimcseHead
from openaisle.learning.unlabelled.tsdae import TsdaeHead

TASKS = ("mlm", "simcse", "tsdae")


def build_pretraining_head(
    task: str, backbone: Backbone, model: ModelOptions, *, mask: float = 0.0, temperature: float = 0.05
) -> PretrainingHead:
    """`mask`: share of tokens hidden (mlm) or deleted (tsdae), 0 the method's own; `temperature`: simcse's.

    Raises `RecipeError` for another task, `TrainingError` for SimCSE on a model without dropout.
    """
    if task == "mlm":
        return MlmHead(backbone, model, mask)
    if task == "simcse":
        return SimcseHead(backbone, model, temperature)
    if task == "tsdae":
        return TsdaeHead(backbone, model, mask)
    raise RecipeError(f"{task!r} is no pretraining.", f"Choose one of {', '.join(TASKS)}.")
