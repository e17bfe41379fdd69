"""Tuning: trains with many settings of a recipe and finds which serve best. Owns the typed space, the study (Optuna)
that survives a kill, and its report; the training itself is handed in.
"""

from openaisle.learning.tuning.best import best_recipe
from openaisle.learning.tuning.space import Dimension, dimensions_of
from openaisle.learning.tuning.trials import Finished, Tuned
from openaisle.learning.tuning.tune import Objective, Watch, tune

__all__ = ["Dimension", "Finished", "Objective", "Tuned", "Watch", "best_recipe", "dimensions_of", "tune"]
