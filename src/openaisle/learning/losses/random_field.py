"""Linear-chain conditional random field: the tags of a text as one choice, not one a token.

    loss = mean over tokens of log Σ_paths e^{s(path)} − s(gold)
    s(path) = first[t_1] + Σ_i logits[i, t_i] + Σ_i follow[t_{i−1}, t_i]

Source: Lafferty et al. 2001, "Conditional Random Fields"; above a neural network as in Lample et al. 2016, "Neural
Architectures for Named Entity Recognition". sentence-transformers has no tagging, and pytorch-crf (0.7) cannot leave
out tokens in the middle of a text.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from openaisle.learning.losses.cross_entropy import IGNORED


class RandomField(nn.Module):
    chained = True
    """Whether it learns which tag follows which, besides the logits: `forward` then takes these."""

    def forward(self, logits: Tensor, labels: Tensor, first: Tensor, follow: Tensor) -> Tensor:
        """Logits (n, tokens, tags), labels (n, tokens), first (tags,), follow (tags, tags) float32 → a scalar.

        Ignored tokens are as if they were not there; a text of nothing else costs nothing."""
        logits, labels, judged = _together(logits, labels)
        all_paths = _all_paths(logits, judged, first, follow)
        gold = _gold(logits, labels, judged, first, follow)
        return ((all_paths - gold) * judged[:, 0]).sum() / judged.sum().clamp(min=1)


def _together(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Judged tokens at the left of each row, in their order, and where they are."""
    judged = labels != IGNORED
    order = (~judged).long().argsort(dim=1, stable=True)
    moved = logits.gather(1, order[:, :, None].expand_as(logits))
    return moved, labels.gather(1, order).clamp(min=0), judged.gather(1, order)


def _all_paths(logits: Tensor, judged: Tensor, first: Tensor, follow: Tensor) -> Tensor:
    """log Σ e^score over all paths of each text, (n,): the forward algorithm."""
    reached = first + logits[:, 0]
    for place in range(1, logits.shape[1]):
        further = (reached[:, :, None] + follow).logsumexp(dim=1) + logits[:, place]
        reached = torch.where(judged[:, place, None], further, reached)
    return reached.logsumexp(dim=1)


def _gold(logits: Tensor, labels: Tensor, judged: Tensor, first: Tensor, follow: Tensor) -> Tensor:
    said = logits.gather(2, labels[:, :, None])[:, :, 0]
    steps = follow[labels[:, :-1], labels[:, 1:]]
    return first[labels[:, 0]] + (said * judged).sum(dim=1) + (steps * judged[:, 1:]).sum(dim=1)
