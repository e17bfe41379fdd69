"""What a training is to do, as a person writes it: RECIPE.toml checked at the edge and turned into one frozen `Recipe`
that everything else in the learning room reads. Owns the keys, their bounds, defaults and meanings; imports no PyTorch.
"""

from openaisle.learning.recipe.reading import read_recipe, recipe_of, stated_in
from openaisle.learning.recipe.sections import (
    DataRecipe,
    ExportRecipe,
    GateRecipe,
    ModelRecipe,
    Recipe,
    Space,
    Task,
    TrackingRecipe,
    TrainRecipe,
    TuneRecipe,
)

__all__ = [
    "DataRecipe",
    "ExportRecipe",
    "GateRecipe",
    "ModelRecipe",
    "Recipe",
    "Space",
    "Task",
    "TrackingRecipe",
    "TrainRecipe",
    "TuneRecipe",
    "read_recipe",
    "recipe_of",
    "stated_in",
]
