"""Tokens hidden or deleted at random, by PyTorch's generator, which a resumed training continues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

Ids = list[int]


def ordinary(tokenizer: Any, ids: Tensor) -> Tensor:
    """Which ids are no special tokens: bool, of the same shape."""
    special = torch.tensor(sorted(set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}), dtype=ids.dtype)
    return ~torch.isin(ids, special)


def hidden(tokenizer: Any, ids: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """The ids with a share of the ordinary ones chosen, and which those are.

    Of the chosen, 8 in 10 become the mask token (the unknown token, where a tokenizer has no mask), 1 in 10 another
    token, 1 in 10 stays (Devlin et al. 2019, "BERT", section 3.1). A text has one chosen at least, if it has any.
    """
    may = ordinary(tokenizer, ids)
    draw = torch.rand(ids.shape).masked_fill(~may, 2.0)
    chosen = (draw < share) | (may & (draw == draw.min(dim=1, keepdim=True).values))
    mask = tokenizer.mask_token_id if tokenizer.mask_token_id is not None else tokenizer.unk_token_id
    fate = torch.rand(ids.shape)
    changed = torch.where(chosen & (fate < 0.8), torch.full_like(ids, mask), ids)
    others = torch.randint(len(tokenizer), ids.shape)
    return torch.where(chosen & (fate >= 0.9), others, changed), chosen


def thinned(tokenizer: Any, rows: Sequence[Ids], share: float) -> list[Ids]:
    """Each row without a share of its ordinary tokens; one at least stays."""
    return [_thinned(tokenizer, torch.tensor(row), share) for row in rows]


def _thinned(tokenizer: Any, ids: Tensor, share: float) -> Ids:
    may = ordinary(tokenizer, ids)
    draw = torch.rand(ids.shape).masked_fill(~may, 2.0)
    kept = (draw >= share) | (draw == draw.masked_fill(~may, -1.0).max())
    row: Ids = ids[kept].tolist()
    return row
