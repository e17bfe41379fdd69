"""The space of a recipe that states none: what matters most when fine-tuning, in ranges that seldom are wrong."""

from __future__ import annotations

from openaisle.learning.recipe.sections import Recipe, Space

_WHOLE_MODEL = ("everything", "gradual")
_BY_SIMILARITY = ("multiple_negatives", "cached_multiple_negatives")


def usual_space(recipe: Recipe) -> dict[str, Space]:
    """Learning rate, batch size, warm-up and weight decay; for contrastive losses the temperature too.

    Few weights (a head, adapters) want a learning rate about ten times that of a whole model.
    """
    few = recipe.train.what not in _WHOLE_MODEL and not recipe.train.what.startswith("last:")
    low, high = (1e-4, 1e-2) if few else (5e-6, 5e-4)
    space = {
        "train.learning_rate": Space(low=low, high=high, log=True),
        "train.batch_size": Space(choices=(16, 32, 64)),
        "train.warmup": Space(low=0.0, high=0.2),
        "train.weight_decay": Space(low=0.0, high=0.1),
    }
    if recipe.train.loss in _BY_SIMILARITY:
        space["train.temperature"] = Space(low=0.01, high=0.2, log=True)
    return space
