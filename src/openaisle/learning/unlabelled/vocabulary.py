"""Which token stands here: scores over the vocabulary by the transformer's own word embeddings.

Large vocabularies are sampled while training: the right tokens of the batch against each other and against tokens
drawn evenly (Jean et al. 2015, "On Using Very Large Target Vocabulary for Neural Machine Translation"). A quarter of a
million scores a token, as multilingual models have, would cost more than the transformer itself. Measured losses are
over all tokens.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

_DRAWN = 8192
_AT_A_TIME = 256


class TiedVocabulary(nn.Module):
    """Shares its weights with `words`, which stay the transformer's: only a bias a token is its own."""

    def __init__(self, words: Any, drawn: int = _DRAWN) -> None:
        super().__init__()
        self._words = (words,)  # in a tuple, so that it is no part of this module
        self._drawn = drawn
        self.bias = nn.Parameter(torch.zeros(words.num_embeddings))

    def embed(self, ids: Tensor) -> Tensor:
        """int64 (...) → float32 (..., width)."""
        embedded: Tensor = self._words[0](ids)
        return embedded

    def forward(self, vectors: Tensor, ids: Tensor) -> Tensor:
        """The loss of each token that should stand where a vector is: (n, width) and int64 (n,) → float32 (n,)."""
        if self.training and torch.is_grad_enabled() and len(self.bias) > 2 * self._drawn:
            return self._sampled(vectors, ids)
        parts = zip(torch.split(vectors, _AT_A_TIME), torch.split(ids, _AT_A_TIME), strict=True)
        losses = [self._loss(part, self._words[0].weight, self.bias, wanted) for part, wanted in parts]
        return torch.cat(losses) if losses else vectors.new_zeros(0)

    def _sampled(self, vectors: Tensor, ids: Tensor) -> Tensor:
        drawn = torch.randint(len(self.bias), (self._drawn,), device=ids.device)
        candidates = torch.unique(torch.cat([ids, drawn]))
        wanted = torch.searchsorted(candidates, ids)
        return self._loss(vectors, self._words[0].weight[candidates], self.bias[candidates], wanted)

    def _loss(self, vectors: Tensor, weight: Tensor, bias: Tensor, wanted: Tensor) -> Tensor:
        return cross_entropy((vectors @ weight.T + bias).float(), wanted, reduction="none")
