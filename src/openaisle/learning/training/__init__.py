"""One training: a head, examples and a recipe in, the best checkpoint out. Owns batches, optimiser, schedule,
checkpoints, resuming, tracking, and the processes that share the work. Built on `transformers.Trainer`, kept quiet.
"""

from openaisle.learning.training.run import Trained, run_training

__all__ = ["Trained", "run_training"]
