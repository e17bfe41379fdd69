"""What a tagger learns of the order of tags."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn, tensor, zeros

from openaisle.models.tags import Following, constraints

_SCALE = 30.0
"""Logits that a weight of 1 stands for. Few weights, each of which many tokens move, learn at a multiple of the rate at
which a pretrained model does."""


class Chain(nn.Module):
    """Which tags a text begins with and which follow one another, as far as that was learnt; nothing at first."""

    def __init__(self, tags: Sequence[str]) -> None:
        super().__init__()
        self.starts = nn.Parameter(zeros(len(tags)))
        self.steps = nn.Parameter(zeros(len(tags), len(tags)))
        first, follow = constraints(tags)
        self.register_buffer("_first", tensor(first).float(), persistent=False)
        self.register_buffer("_follow", tensor(follow).float(), persistent=False)

    def scores(self) -> tuple[Tensor, Tensor]:
        """Of each tag as the first, (tags,), and of each behind each, (tags, tags), with what no spans give ruled
        out."""
        return _SCALE * self.starts + self.get_buffer("_first"), _SCALE * self.steps + self.get_buffer("_follow")

    def learnt(self) -> Following:
        return Following((_SCALE * self.starts).tolist(), (_SCALE * self.steps).tolist())
