"""What a classifier's tokens say one by one and in runs, beside what its transformer makes of the whole text.

The logits of a logistic regression on runs of tokens are added to those of the transformer: a product of two experts
(Hinton 2002, "Training Products of Experts by Minimizing Contrastive Divergence"). Runs tell apart what a shop's own
words tell apart, and err elsewhere than a small transformer does (Wang and Manning 2012, "Baselines and Bigrams";
Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems"). Unlike in those, the regression is fitted once and
each expert learns by itself: a regression knows its training texts by heart and would leave nothing to learn from.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Self

import torch
from torch import Tensor, arange, nn, zeros

MOST_BUCKETS = 2**16
_MOST_WEIGHTS = 2**22
"""Numbers of a table: many labels get fewer buckets."""
_STEP = 1_000_003
_PRIME = 2**31 - 1


def buckets_for(labels: int) -> int:
    """Rows of the table for so many labels, a power of two."""
    room = max(_MOST_WEIGHTS // labels, 1)
    return int(min(MOST_BUCKETS, 2 ** (room.bit_length() - 1)))


class Grams(nn.Module):
    """A linear layer on runs of up to `longest` tokens, hashed into buckets; nothing in it is trained by gradients.

    `codes`: what stands for each piece in a hash, so that it stays the same when pieces are left out. `rarity`: the
    squared inverse document frequency of each bucket, by which a text's length is measured; 0 where training had no
    run. `table`: each bucket's logits, its inverse document frequency included.
    """

    codes: Tensor
    rarity: Tensor
    table: Tensor
    bias: Tensor

    def __init__(self, longest: int, labels: int, pieces: int) -> None:
        super().__init__()
        self.longest = longest
        self.buckets = buckets_for(labels)
        self.register_buffer("codes", arange(1, pieces + 1))  # 0 before a run would not change its hash
        self.register_buffer("rarity", zeros(self.buckets, 1))
        self.register_buffer("table", zeros(self.buckets, labels))
        self.register_buffer("bias", zeros(labels))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """int64 ids and mask (texts, tokens), padded at the end → logits, float32 (texts, labels)."""
        logits, rarity = zeros(()), zeros(())
        for places, present in self.places(input_ids, attention_mask):
            there = present.to(self.table.dtype)[:, :, None]
            logits = logits + (self.table[places] * there).sum(dim=1)
            rarity = rarity + (self.rarity[places] * there).sum(dim=1)
        return logits / rarity.clamp(min=1e-9).sqrt() + self.bias

    def places(self, input_ids: Tensor, attention_mask: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """For runs of one token, of two and so on: the bucket of each that begins at a token, and whether it is one,
        (texts, tokens - its length + 1)."""
        codes = self.codes[input_ids]
        hashed = codes
        for length in range(1, self.longest + 1):
            if length > 1:
                hashed = (hashed[:, :-1] * _STEP + codes[:, length - 1 :]) % _PRIME
            yield hashed % self.buckets, attention_mask[:, length - 1 :]

    @property
    def fitted(self) -> bool:
        return bool(self.rarity.any())

    def fill(self, rarity: Tensor, table: Tensor, bias: Tensor) -> None:
        with torch.no_grad():
            self.rarity.copy_(rarity[:, None])
            self.table.copy_(table)
            self.bias.copy_(bias)

    def select(self, rows: Tensor) -> Self:
        """The same for a vocabulary that keeps these pieces, in this order: int64 (kept,)."""
        chosen = copy.deepcopy(self)
        chosen.codes = self.codes[rows]
        return chosen
