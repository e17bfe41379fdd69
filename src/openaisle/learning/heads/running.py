"""Running a head over many texts: evaluation mode, no gradients, texts of a length together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openaisle.learning.heads.protocol import HeadModule
from openaisle.learning.heads.reading import Ids, Reader, lengths
from openaisle.models.batching import batches

_TOKENS_ON_PROCESSOR = 2048
_TOKENS_ON_GPU = 65_536
"""Tokens of one run, padding included: enough to be worth a call, few enough to stay in the cache or in memory."""


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards the mode is what it was."""
    was_training = module.training
    module.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        module.train(was_training)


def device_of(module: nn.Module) -> torch.device:
    return next(module.parameters()).device


def run(module: HeadModule, reader: Reader, rows: Sequence[Ids]) -> list[NDArray[np.float32]]:
    """What `infer` gives for each row, in their order; what has a value a token is without the padding's."""
    results: list[NDArray[np.float32] | None] = [None] * len(rows)
    with evaluating(module):
        for positions in batches(lengths(rows), _tokens(module)):
            chosen = [rows[position] for position in positions]
            outputs = _outputs(module, reader.pad(chosen))
            for position, row, output in zip(positions, chosen, outputs, strict=True):
                results[position] = output[: len(row["input_ids"])] if outputs.ndim == 3 else output
    return [result for result in results if result is not None]


def _tokens(module: nn.Module) -> int:
    return _TOKENS_ON_PROCESSOR if device_of(module).type == "cpu" else _TOKENS_ON_GPU


def _outputs(module: HeadModule, batch: dict[str, Tensor]) -> NDArray[np.float32]:
    device = device_of(module)
    output = module.infer(**{name: tensor.to(device) for name, tensor in batch.items()})
    values: NDArray[np.float32] = output.float().cpu().numpy()
    return values
