"""What all pretraining on plain text shares: an encoder to match with afterwards, and a loss of each text."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example, Plain
from openaisle.learning.heads.match import MatchHead, MatchModule
from openaisle.learning.heads.pooling import states
from openaisle.learning.heads.protocol import ModelOptions, PerExample
from openaisle.learning.losses import LossOptions, build_loss

_AT_A_TIME = 32
_SEED = 7
"""What is hidden or dropped when a loss is measured, so that two models are measured on the same."""


class PretrainingModule(MatchModule):
    """An encoder whose `loss` holds all that only pretraining needs: it is trained with it, and not kept."""

    def __init__(self, backbone: Backbone, options: ModelOptions, loss: nn.Module) -> None:
        unused: Any = loss
        super().__init__(backbone, unused, options.pooling, options.dimensions)

    @abstractmethod
    def per_text(self, **batch: Tensor) -> tuple[Tensor, Tensor]:
        """The summed loss of each text, and the number of terms that it is a sum of: float32 (texts,) each."""

    def mean(self, **batch: Tensor) -> dict[str, Tensor]:
        sums, terms = self.per_text(**batch)
        return {"loss": sums.sum() / terms.sum().clamp(min=1)}

    def token_vectors(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return states(self.backbone, input_ids, attention_mask)


class PretrainingHead(MatchHead):
    """Learns from `Plain` texts. Saved, it is the matching head that it has become."""

    metric: ClassVar[str] = "loss"
    measured_in_training_mode: ClassVar[bool] = False
    """Whether the loss is of what dropout does, and would be none without it."""

    def __init__(self, backbone: Backbone, options: ModelOptions, module: PretrainingModule) -> None:
        unused: Any = build_loss(LossOptions(), "vectors")
        super().__init__(backbone, options, unused)
        self.module: PretrainingModule = module

    def length(self, example: Example) -> int:
        return len(self._reader.read(self._formed(texts_of([example]), "document"))[0]["input_ids"])

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        """`loss` (of a text, on average) and its exponential, `perplexity`. Lower is better."""
        loss = float(self.per_example(examples)["loss"].mean()) if examples else math.nan
        return {"loss": loss, "perplexity": math.exp(min(loss, 700.0))}

    def per_example(self, examples: Sequence[Example]) -> PerExample:
        with _measuring(self.module, self.measured_in_training_mode):
            losses = [self._losses(examples[at : at + _AT_A_TIME]) for at in range(0, len(examples), _AT_A_TIME)]
        return {"loss": np.concatenate(losses) if losses else np.empty(0)}

    def _losses(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        device = next(self.module.parameters()).device
        batch = {name: tensor.to(device) for name, tensor in self.collate(examples).items()}
        sums, terms = self.module.per_text(**batch)
        return (sums / terms.clamp(min=1)).double().cpu().numpy()

    def stated(self) -> dict[str, Any]:
        return super().stated() | {"task": MatchHead.task}


def texts_of(examples: Sequence[Example]) -> list[str]:
    """Raises `DataError` for a kind of example other than `Plain`."""
    foreign = next((example for example in examples if not isinstance(example, Plain)), None)
    if foreign is not None:
        raise DataError(
            f"A {type(foreign).__name__} is no plain text, which pretraining learns from.",
            'Set data.source = "texts" or "catalogue", or choose another task.',
        )
    return [example.text for example in examples if isinstance(example, Plain)]


@contextmanager
def _measuring(module: nn.Module, training_mode: bool) -> Iterator[None]:
    was_training = module.training
    module.train(training_mode)
    devices = [device] if (device := next(module.parameters()).device).type == "cuda" else []
    try:
        with torch.random.fork_rng(devices), torch.no_grad():
            torch.manual_seed(_SEED)
            yield
    finally:
        module.train(was_training)
