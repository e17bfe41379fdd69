"""A smaller vocabulary: the pieces that are needed, and the vectors that were there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from heads_of_tasks import head_of
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, RobertaConfig, RobertaModel

from openaisle.errors import ModelError
from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.compression.vocabulary import of_scripts, of_texts, select_rows, trim, trimmed_tokenizer

TEXTS = ["red ceramic mug", "blue cotton dress with pockets", "马克杯", "T恤"]


def test_pieces_are_chosen_by_script(backbone: Backbone) -> None:
    tokenizer = backbone.tokenizer
    latin = set(tokenizer.convert_ids_to_tokens(of_scripts(tokenizer, ["LATIN"])))
    both = set(tokenizer.convert_ids_to_tokens(of_scripts(tokenizer, ["LATIN", "CJK"])))
    every = set(tokenizer.get_vocab())
    assert latin < both <= every
    assert not any("\u4e00" <= letter <= "\u9fff" for piece in latin for letter in piece)
    assert any("\u4e00" <= letter <= "\u9fff" for piece in both for letter in piece)


def test_texts_in_the_scripts_that_stay_keep_their_vectors(tiny_base: Path) -> None:
    texts = TEXTS[:2]
    before = head_of("match", open_backbone(str(tiny_base), max_tokens=32, dropout=0.0)).encode(texts, "query")
    backbone = open_backbone(str(tiny_base), max_tokens=32, dropout=0.0)
    trimmed = trim(backbone, of_scripts(backbone.tokenizer, ["LATIN"]))
    assert trimmed.config.vocab_size == len(trimmed.tokenizer) < len(backbone.tokenizer)
    np.testing.assert_allclose(head_of("match", trimmed).encode(texts, "query"), before, atol=1e-6)


def test_a_trimmed_backbone_is_saved_and_opened_again(backbone: Backbone, tmp_path: Path) -> None:
    trimmed = trim(backbone, of_texts(backbone.tokenizer, TEXTS))
    before = head_of("match", trimmed).encode(TEXTS, "query")
    trimmed.save(tmp_path)
    opened = open_backbone(str(tmp_path), max_tokens=32, dropout=0.0)
    np.testing.assert_allclose(head_of("match", opened).encode(TEXTS, "query"), before, atol=1e-6)


def test_new_words_of_known_letters_are_spelt_out(backbone: Backbone) -> None:
    tokenizer, _ = trimmed_tokenizer(backbone.tokenizer, of_texts(backbone.tokenizer, TEXTS))
    assert tokenizer.unk_token_id not in tokenizer("a zebra costs 9 pounds", add_special_tokens=False)["input_ids"]


def test_each_id_has_the_row_it_had(backbone: Backbone) -> None:
    tokenizer, rows = trimmed_tokenizer(backbone.tokenizer, of_texts(backbone.tokenizer, TEXTS))
    assert tokenizer.convert_ids_to_tokens(list(range(len(rows)))) == backbone.tokenizer.convert_ids_to_tokens(
        rows.tolist()
    )
    for text in TEXTS:
        assert rows[tokenizer(text)["input_ids"]].tolist() == backbone.tokenizer(text)["input_ids"]
        pair, old = tokenizer(text, TEXTS[0])["input_ids"], backbone.tokenizer(text, TEXTS[0])["input_ids"]
        assert rows[pair].tolist() == old


def wordpiece() -> Any:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(
        [*TEXTS, "green wool socks", "a longer sentence about unrelated things"],
        trainers.WordPieceTrainer(
            vocab_size=200, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False
        ),
    )
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )


def test_wordpiece_is_trimmed_too() -> None:
    full = wordpiece()
    tokenizer, rows = trimmed_tokenizer(full, of_texts(full, TEXTS[:1]))
    assert len(rows) < len(full)
    assert rows[tokenizer(TEXTS[0])["input_ids"]].tolist() == full(TEXTS[0])["input_ids"]
    model = BertModel(BertConfig(vocab_size=len(full), hidden_size=16, num_attention_heads=2, intermediate_size=16))
    old = model.embeddings.word_embeddings.weight.detach().clone()
    select_rows(model, rows, tokenizer)
    assert torch.equal(model.embeddings.word_embeddings.weight, old[rows])
    assert model.config.vocab_size == len(rows)


def test_merges_are_not_trimmed() -> None:
    full = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")])))
    with pytest.raises(ModelError, match="BPE"):
        trimmed_tokenizer(full, [0])


def test_padding_that_positions_are_counted_from_stays() -> None:
    tokenizer = wordpiece()
    model = RobertaModel(
        RobertaConfig(vocab_size=60, hidden_size=16, num_attention_heads=2, intermediate_size=16, pad_token_id=1)
    )
    with pytest.raises(ModelError, match="padding"):
        select_rows(model, torch.arange(10), tokenizer)
