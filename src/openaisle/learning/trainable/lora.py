"""LoRA: a product of two narrow matrices is learned beside the attention's query and value maps.

Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models"; queries and values as in its section 4.2.
Computed by peft.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from peft import LoraConfig
from peft.tuners.lora import LoraModel
from torch import nn

from openaisle.learning.trainable.folding import fold
from openaisle.learning.trainable.linears import queries_and_values
from openaisle.learning.trainable.trained import Plan, Schedule, SizesLike


def train(module: nn.Module, backbone: nn.Module, argument: str, sizes: SizesLike, schedule: Schedule) -> Plan:
    module.requires_grad_(True)
    alpha: Any = sizes.alpha  # peft computes with any number and says int
    config = LoraConfig(r=sizes.rank, lora_alpha=alpha, target_modules=queries_and_values(backbone))
    return Plan(fold=partial(fold, LoraModel(backbone, config, "default")))
