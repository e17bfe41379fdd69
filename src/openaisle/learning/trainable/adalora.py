"""AdaLoRA: as LoRA, in the form of a singular value decomposition whose least telling values are cut while it trains.

Source: Zhang et al. 2023, "Adaptive Budget Allocation for Parameter-Efficient Fine-Tuning"; computed by peft. All maps
of all layers begin with 1.5 times the rank asked for and share, in the end, that rank on average. The first tenth of
the steps cuts nothing, the last three tenths train what is left.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from peft import AdaLoraConfig
from peft.tuners.adalora import AdaLoraModel
from torch import Tensor, nn

from openaisle.learning.trainable.folding import fold
from openaisle.learning.trainable.linears import all_linears
from openaisle.learning.trainable.trained import Plan, Schedule, SizesLike

_ORTHOGONALITY = 0.5
"""Weight of the pull towards orthogonal singular vectors: peft's default, the order of the paper's (0.1 to 0.5)."""


def train(module: nn.Module, backbone: nn.Module, argument: str, sizes: SizesLike, schedule: Schedule) -> Plan:
    module.requires_grad_(True)
    steps = max(1, schedule.steps)
    alpha: Any = sizes.alpha  # peft computes with any number and says int
    config = AdaLoraConfig(
        target_r=sizes.rank,
        init_r=sizes.rank + max(1, sizes.rank // 2),
        lora_alpha=alpha,
        total_step=steps,
        tinit=steps // 10,
        tfinal=3 * steps // 10,
        deltaT=max(1, steps // 200),
        target_modules=all_linears(backbone),
    )
    model: Any = AdaLoraModel
    tuner = model(backbone, config, "default")
    _pull_towards_orthogonal(backbone, _ORTHOGONALITY / schedule.accumulation)
    return Plan(on_step=partial(_allocate, tuner), fold=partial(fold, tuner))


def _allocate(tuner: Any, step: int) -> None:
    """Cut to the budget of this step. After a resumption the importances are gathered anew; values cut stay cut."""
    config, allocator = tuner.peft_config["default"], tuner.rankallocator
    end = config.total_step - config.tfinal
    has_gradients = all(parameter.grad is not None for parameter in _added(tuner.model))
    if (step < end and has_gradients) or (step == end and allocator.ipt):
        tuner.update_and_allocate(step)
    elif step >= end:
        config.rank_pattern = config.rank_pattern or _pattern(tuner.model)
        allocator.mask_using_rank_pattern(tuner.model, config.rank_pattern)


def _added(model: nn.Module) -> list[nn.Parameter]:
    return [parameter for name, parameter in model.named_parameters() if ".lora_" in name]


def _pattern(model: nn.Module) -> dict[str, list[bool]]:
    """Which singular values are left: those not 0."""
    return {
        name: (parameter != 0).view(-1).tolist() for name, parameter in model.named_parameters() if ".lora_E." in name
    }


def _pull_towards_orthogonal(backbone: nn.Module, weight: float) -> None:
    """Add the gradient of weight × mean ‖PᵀP - I‖ to that of each factor, whatever loss is used."""
    factors = [
        (name, parameter) for name, parameter in backbone.named_parameters() if ".lora_A." in name or ".lora_B." in name
    ]
    for name, parameter in factors:
        rows = ".lora_A." in name
        hooked: Any = parameter
        hooked.register_hook(partial(_with_pull, parameter, rows, weight / len(factors)))


def _with_pull(parameter: nn.Parameter, rows: bool, weight: float, gradient: Tensor) -> Tensor:
    with torch.no_grad():
        factor = parameter if rows else parameter.T
        excess = factor @ factor.T - torch.eye(factor.shape[0], device=factor.device, dtype=factor.dtype)
        pull = 2 * excess @ factor / excess.norm().clamp_min(1e-12)
        pulled: Tensor = gradient + weight * (pull if rows else pull.T)
    return pulled
