"""From token vectors to one vector a text."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from openaisle.learning.heads.protocol import Pooling


def states(
    backbone: nn.Module, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
) -> Tensor:
    """The backbone's last layer: float32 (texts, tokens, width)."""
    inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
    if token_type_ids is not None:
        inputs["token_type_ids"] = token_type_ids
    last: Tensor = backbone(**inputs).last_hidden_state
    return last.float()


def pooled(token_vectors: Tensor, attention_mask: Tensor, pooling: Pooling) -> Tensor:
    """(texts, tokens, width) → (texts, width): the mean over a text's tokens, or the first token's vector."""
    if pooling == "cls":
        return token_vectors[:, 0]
    weights = attention_mask.to(token_vectors.dtype)[:, :, None]
    return (token_vectors * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def exact(tensor: Tensor) -> torch.autocast:
    """A context in which nothing is rounded to half precision: losses differ by less than that resolves."""
    return torch.autocast(tensor.device.type, enabled=False)
