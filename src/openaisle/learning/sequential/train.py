"""Training of the sequential method, and its export."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from openaisle.errors import TrainingDiverged
from openaisle.learning.sequential.network import Asked, Network
from openaisle.learning.sequential.sequences import batches, sequences
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.methods.sequential import SequentialModel

_OPSET = 17
_WARM_UP = 0.05
_FEWEST_STEPS = 40
"""Of the schedule: a warm-up of less than two steps is none."""

Progress = Callable[[int, int, float], None]
"""Told the epoch, of how many, and its mean loss."""


def _silent(epoch: int, epochs: int, loss: float) -> None:
    """Progress that nobody listens to."""


@dataclass(frozen=True, slots=True)
class Sequential:
    """A causal transformer that foretells the next product. With more than `most_scored` products, each batch is
    told from `sampled` random ones instead of from all (sampled softmax, Jean et al., 2015).

    Raises `TrainingDiverged`.
    """

    width: int = 64
    heads: int = 2
    blocks: int = 1
    dropout: float = 0.4
    longest: int = 50
    epochs: int = 20
    batch: int = 128
    rate: float = 2e-3
    decay: float = 1e-2
    smoothing: float = 0.1
    most_scored: int = 20_000
    sampled: int = 4096
    seed: int = 17
    progress: Progress = _silent

    def fit(self, interactions: Interactions) -> SequentialModel:
        torch.manual_seed(self.seed)
        count = len(interactions.products)
        network = Network(count, self.width, self.heads, self.blocks, self.dropout)
        pieces = sequences(interactions, self.longest) if self.epochs else []
        if pieces:
            self._train(network, pieces, count)
        network.eval()
        seen = np.zeros(count, bool)
        seen[interactions.product] = True
        vectors = network.vectors().detach().numpy() * seen[:, None]
        return SequentialModel(exported(network), vectors.astype(np.float32), self.longest)

    def _train(self, network: Network, pieces: list[np.ndarray], count: int) -> None:
        generator = np.random.default_rng(self.seed)
        optimizer = torch.optim.AdamW(network.parameters(), lr=self.rate, weight_decay=self.decay)
        steps = max(self.epochs * -(-len(pieces) // self.batch), _FEWEST_STEPS)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, self.rate, total_steps=steps, pct_start=_WARM_UP)
        network.train()
        for epoch in range(self.epochs):
            losses = []
            for before, after in batches(pieces, self.batch, count, generator):
                loss = self._loss(network, before, after, count)
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                losses.append(float(loss.detach()))
            mean = float(np.mean(losses))
            if not np.isfinite(mean):
                raise TrainingDiverged("The loss of the sequential method is no number.", "Lower its learning rate.")
            self.progress(epoch + 1, self.epochs, mean)

    def _loss(self, network: Network, before: Tensor, after: Tensor, count: int) -> Tensor:
        wanted = after != count
        states, targets = network(before)[wanted], after[wanted]
        if count <= self.most_scored:
            logits = states @ network.vectors().T
            return nn.functional.cross_entropy(logits, targets, label_smoothing=self.smoothing)
        # targets of the batch are negatives of each other: shared, so that one product of matrices scores all
        drawn = torch.cat((targets, torch.randint(count, (self.sampled,))))
        candidates, places = torch.unique(drawn, return_inverse=True)
        logits = states @ network.vectors()[candidates].T
        return nn.functional.cross_entropy(logits, places[: len(targets)])


def exported(network: Network) -> bytes:
    """The graph `products` (1, rows) int64 → `state` (1, width), as ONNX."""
    asked = Asked(network).eval()
    with tempfile.TemporaryDirectory() as folder, torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values taken for constants; the test runs other lengths
        path = Path(folder) / "sequential.onnx"
        torch.onnx.export(
            asked,
            (torch.zeros(1, 7, dtype=torch.int64),),
            path,
            input_names=["products"],
            output_names=["state"],
            dynamic_axes={"products": {1: "rows"}},
            opset_version=_OPSET,
            dynamo=False,  # the newer exporter needs onnxscript, which nothing else here does
        )
        return path.read_bytes()
