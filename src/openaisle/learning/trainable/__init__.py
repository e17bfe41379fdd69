"""What trains: all weights, the head alone, the last layers, a layer more every so many steps, or a few added weights
(bottleneck adapters, LoRA, AdaLoRA, IA³, prefix, prompt); with learning rates by layer, and folding back into a plain
model.
"""

from openaisle.learning.trainable.apply import apply
from openaisle.learning.trainable.files import restore
from openaisle.learning.trainable.trained import Counts, Sizes, Trainable

__all__ = ["Counts", "Sizes", "Trainable", "apply", "restore"]
