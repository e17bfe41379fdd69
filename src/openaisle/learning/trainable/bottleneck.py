"""A bottleneck adapter: down to a few dimensions, a bend, up again, added to what came in.

Sources: Houlsby et al. 2019, "Parameter-Efficient Transfer Learning for NLP" (the form; the identity at the start);
Pfeiffer et al. 2021, "AdapterFusion" (one a layer, behind the feed-forward network, is enough).
"""

from __future__ import annotations

from torch import Tensor, nn


class Bottleneck(nn.Module):
    """Float tensors (..., width) to the same shape. The way up begins at 0, so that nothing changes before training."""

    def __init__(self, width: int, bottleneck: int) -> None:
        super().__init__()
        self.down = nn.Linear(width, bottleneck)
        self.up = nn.Linear(bottleneck, width)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        change: Tensor = self.up(nn.functional.gelu(self.down(hidden)))
        return hidden + change
