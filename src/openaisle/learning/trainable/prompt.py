"""Prompt tuning: learned vectors stand before the tokens of every text.

Source: Lester et al. 2021, "The Power of Scale for Parameter-Efficient Prompt Tuning". Computed by peft; what the model
says of the learned tokens themselves is left out, so that heads pool the text alone. Segment ids are not read.
"""

from __future__ import annotations

from peft import PromptTuningConfig, TaskType
from torch import nn

from openaisle.learning.trainable.trained import Plan, Schedule, SizesLike
from openaisle.learning.trainable.virtual import put_before


def train(module: nn.Module, backbone: nn.Module, argument: str, sizes: SizesLike, schedule: Schedule) -> Plan:
    module.requires_grad_(True)
    config = PromptTuningConfig(num_virtual_tokens=sizes.virtual_tokens, task_type=TaskType.FEATURE_EXTRACTION)
    put_before(module, backbone, config, dropped=sizes.virtual_tokens)
    return Plan(folds=False)
