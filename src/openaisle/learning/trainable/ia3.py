"""IA³: keys, values and the inside of the feed-forward network are multiplied by learned vectors, 1 at the start.

Source: Liu et al. 2022, "Few-Shot Parameter-Efficient Fine-Tuning is Better and Cheaper than In-Context Learning",
section 3.3. Computed by peft.
"""

from __future__ import annotations

from functools import partial

from peft import IA3Config
from peft.tuners.ia3 import IA3Model
from torch import nn

from openaisle.learning.trainable.folding import fold
from openaisle.learning.trainable.linears import keys_and_values, second_of_feed_forward
from openaisle.learning.trainable.trained import Plan, Schedule, SizesLike


def train(module: nn.Module, backbone: nn.Module, argument: str, sizes: SizesLike, schedule: Schedule) -> Plan:
    module.requires_grad_(True)
    inside = second_of_feed_forward(backbone)
    config = IA3Config(target_modules=keys_and_values(backbone) + inside, feedforward_modules=inside)
    return Plan(fold=partial(fold, IA3Model(backbone, config, "default")))
