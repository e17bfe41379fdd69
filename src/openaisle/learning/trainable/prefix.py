"""Prefix tuning: each layer attends to learned keys and values before those of the text.

Sources: Li & Liang 2021, "Prefix-Tuning"; for encoders in every layer, without the re-parametrisation, Liu et al. 2022,
"P-Tuning v2". Computed by peft, for architectures whose attention takes past keys and values (BERT, RoBERTa,
XLM-RoBERTa, ELECTRA; not DistilBERT, MPNet or ModernBERT). Segment ids are not read.
"""

from __future__ import annotations

from peft import PrefixTuningConfig, TaskType
from torch import nn

from openaisle.learning.trainable.trained import Plan, Schedule, SizesLike
from openaisle.learning.trainable.virtual import put_before


def train(module: nn.Module, backbone: nn.Module, argument: str, sizes: SizesLike, schedule: Schedule) -> Plan:
    module.requires_grad_(True)
    config = PrefixTuningConfig(num_virtual_tokens=sizes.virtual_tokens, task_type=TaskType.FEATURE_EXTRACTION)
    put_before(module, backbone, config, dropped=0)
    return Plan(folds=False)
