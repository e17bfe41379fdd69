"""TSDAE: from a text with most of its tokens deleted, one vector; from that vector alone, the whole text again.

Source: Wang et al. 2021, "TSDAE: Using Transformer-based Sequential Denoising Auto-Encoder for Unsupervised Sentence
Embedding Learning". The decoder is one layer on the encoder's word embeddings: a weak decoder leaves more for the
vector to say (Xiao et al. 2022, "RetroMAE"), fits every encoder, and costs little. sentence-transformers'
DenoisingAutoEncoderLoss opens a whole second model by its name, which a model in memory, such as the starter, has not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example
from openaisle.learning.heads.pooling import pooled
from openaisle.learning.heads.protocol import HeadOptions, ModelOptions
from openaisle.learning.unlabelled.masking import thinned
from openaisle.learning.unlabelled.pretraining import PretrainingHead, PretrainingModule, texts_of
from openaisle.learning.unlabelled.vocabulary import TiedVocabulary

SHARE = 0.6


class Decoder(nn.Module):
    """Each token from those before it and the text's vector."""

    def __init__(self, words: Any, heads: int, max_tokens: int) -> None:
        super().__init__()
        width = words.embedding_dim
        self.vocabulary = TiedVocabulary(words)
        self.positions = nn.Embedding(max_tokens, width)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.layer = nn.TransformerDecoderLayer(width, heads, 4 * width, activation="gelu", batch_first=True)

    def forward(self, vectors: Tensor, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (texts, width), ids and mask (texts, tokens) → for each text its summed loss and its tokens."""
        before, wanted, counts = ids[:, :-1], ids[:, 1:], mask[:, 1:].bool()
        length = before.shape[1]
        place = torch.arange(length, device=ids.device)
        later = place[None, :] > place[:, None]
        embedded = self.vocabulary.embed(before) + self.positions(place)
        decoded = self.layer(
            embedded, vectors[:, None], tgt_mask=later, tgt_key_padding_mask=~mask[:, :-1].bool(), tgt_is_causal=True
        )
        losses = self.vocabulary(decoded[counts], wanted[counts])
        sums = torch.zeros(len(ids), device=losses.device).index_add(0, counts.nonzero()[:, 0], losses)
        return sums, counts.sum(dim=1).float()


class TsdaeModule(PretrainingModule):
    def __init__(self, backbone: Backbone, options: ModelOptions, loss: nn.Module) -> None:
        super().__init__(backbone, options, loss)
        self._by = options.pooling

    def forward(  # type: ignore[override]
        self, input_ids: Tensor, attention_mask: Tensor, whole_ids: Tensor, whole_mask: Tensor
    ) -> dict[str, Tensor]:
        return self.mean(input_ids=input_ids, attention_mask=attention_mask, whole_ids=whole_ids, whole_mask=whole_mask)

    def per_text(self, **batch: Tensor) -> tuple[Tensor, Tensor]:
        vectors = pooled(
            self.token_vectors(batch["input_ids"], batch["attention_mask"]), batch["attention_mask"], self._by
        )
        losses: tuple[Tensor, Tensor] = self.loss(vectors, batch["whole_ids"], batch["whole_mask"])
        return losses


class TsdaeHead(PretrainingHead):
    """`share` of the tokens are deleted; 0 takes the paper's 60 in 100."""

    task: ClassVar[str] = "tsdae"

    def __init__(self, backbone: Backbone, options: ModelOptions, share: float = 0.0) -> None:
        model: Any = backbone.model
        plain = HeadOptions(options.pooling, options.max_tokens, 0, options.query_prefix, options.document_prefix)
        decoder = Decoder(model.get_input_embeddings(), backbone.config.num_attention_heads, options.max_tokens)
        super().__init__(backbone, plain, TsdaeModule(backbone, plain, decoder))
        self._share = share or SHARE

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        rows = self._reader.read(self._formed(texts_of(examples), "document"))
        whole = self._reader.pad(rows)
        kept = thinned(self.tokenizer, [row["input_ids"] for row in rows], self._share)
        read = self._reader.pad([{"input_ids": ids} for ids in kept])
        return read | {"whole_ids": whole["input_ids"], "whole_mask": whole["attention_mask"]}
