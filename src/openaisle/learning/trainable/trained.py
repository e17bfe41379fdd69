"""What a choice of trainable weights gives to the training run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class SizesLike(Protocol):
    """What a recipe's [train] says of added weights; any record with these attributes fits."""

    @property
    def rank(self) -> int: ...

    @property
    def alpha(self) -> float: ...

    @property
    def virtual_tokens(self) -> int: ...

    @property
    def bottleneck(self) -> int: ...

    @property
    def unfreeze_every(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Sizes:
    """The plainest `SizesLike`. `unfreeze_every` is in steps; 0 spreads the layers over the first half."""

    rank: int = 8
    alpha: float = 16
    virtual_tokens: int = 20
    bottleneck: int = 64
    unfreeze_every: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long a training is: `steps` of the optimiser, each of the gradients of `accumulation` batches."""

    steps: int
    accumulation: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Weights that move at some time of the training, and all that the model has while it trains."""

    trainable: int
    total: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What one method does to a backbone.

    `on_step`: see `Trainable`. `fold` turns the backbone back into the plain model that it was. `folds` is False where
    what was added cannot become part of the weights.
    """

    on_step: Callable[[int], None] | None = None
    fold: Callable[[], None] | None = None
    folds: bool = True


@dataclass(frozen=True, slots=True)
class Trainable:
    """Weights that train, and what goes with them.

    `parameter_groups` are for any torch optimiser ("params", "lr", "weight_decay", "name"). `on_step(step)` is to be
    called with the number of steps taken, after each step of the optimiser and before its gradients are dropped, and
    once with the step that a resumed training begins at. `merge` folds LoRA, AdaLoRA and IA³ into the weights: the
    module is then plain, and gives what it gave. Adapters, prefixes and prompts are no part of any plain model
    (`folds` is False): they stay in the module and are kept by `save`, to be put back with `restore`.
    """

    what: str
    parameter_groups: list[dict[str, Any]]
    counts: Counts
    on_step: Callable[[int], None] | None
    merge: Callable[[], None]
    folds: bool
    save: Callable[[Path], None]
