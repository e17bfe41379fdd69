"""What is hidden and what is deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from openaisle.learning.unlabelled.masking import hidden, thinned


@pytest.fixture(scope="module")
def tokenizer(tiny_base: Path) -> Any:
    return AutoTokenizer.from_pretrained(tiny_base)


def ids(tokenizer: Any, rows: int = 64, length: int = 30) -> torch.Tensor:
    torch.manual_seed(1)
    row = torch.randint(10, len(tokenizer), (rows, length))
    row[:, 0], row[:, -1] = tokenizer.cls_token_id, tokenizer.sep_token_id
    row[::2, 20:] = tokenizer.pad_token_id
    return row


def test_hides_the_share_and_no_special_token(tokenizer: Any) -> None:
    whole = ids(tokenizer)
    changed, chosen = hidden(tokenizer, whole, 0.15)
    special = torch.isin(whole, torch.tensor([0, 1, 2]))
    assert not (chosen & special).any()
    assert torch.equal(changed[~chosen], whole[~chosen])
    assert chosen.sum() / (~special).sum() == pytest.approx(0.15, abs=0.03)
    masked = (changed == tokenizer.mask_token_id) & chosen
    assert masked.sum() / chosen.sum() == pytest.approx(0.8, abs=0.08)
    assert (changed == whole)[chosen].float().mean() == pytest.approx(0.1, abs=0.06)


def test_every_text_has_one_hidden(tokenizer: Any) -> None:
    _, chosen = hidden(tokenizer, ids(tokenizer)[:, :4], 0.01)
    assert (chosen.sum(dim=1) >= 1).all()


def test_without_a_mask_the_unknown_token_stands(tokenizer: Any) -> None:
    class Maskless:
        mask_token_id = None
        unk_token_id = tokenizer.unk_token_id
        all_special_ids = tokenizer.all_special_ids

        def __len__(self) -> int:
            return len(tokenizer)

    whole = ids(tokenizer)
    changed, chosen = hidden(Maskless(), whole, 0.5)
    assert (changed == tokenizer.unk_token_id)[chosen].float().mean() > 0.6


def test_deletes_the_share_in_order_and_keeps_one(tokenizer: Any) -> None:
    rows = [row[:20].tolist() for row in ids(tokenizer)[1::2]]
    kept = thinned(tokenizer, rows, 0.6)
    for row, rest in zip(rows, kept, strict=True):
        left = iter(row)
        assert all(token in left for token in rest)
        assert rest[0] == tokenizer.cls_token_id
        assert len(rest) >= 2
    assert sum(map(len, kept)) / sum(map(len, rows)) == pytest.approx(0.43, abs=0.06)
    assert all(len(row) == 2 for row in thinned(tokenizer, rows, 1.0))


def test_a_text_of_special_tokens_stays(tokenizer: Any) -> None:
    assert thinned(tokenizer, [[0, 2]], 0.9) == [[0, 2]]
