"""Masked language model: hidden tokens are told from those around them.

Sources: Devlin et al. 2019, "BERT"; on a shop's own text, Gururangan et al. 2020, "Don't Stop Pretraining".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example
from openaisle.learning.heads.protocol import HeadOptions, ModelOptions
from openaisle.learning.unlabelled.masking import hidden
from openaisle.learning.unlabelled.pretraining import PretrainingHead, PretrainingModule, texts_of
from openaisle.learning.unlabelled.vocabulary import TiedVocabulary

SHARE = 0.15


class TokenGuess(nn.Module):
    """From a hidden token's vector to the token: a layer, and the word embeddings."""

    def __init__(self, words: Any) -> None:
        super().__init__()
        width = words.embedding_dim
        self.layer = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width))
        self.vocabulary = TiedVocabulary(words)

    def forward(self, vectors: Tensor, ids: Tensor) -> Tensor:
        losses: Tensor = self.vocabulary(self.layer(vectors), ids)
        return losses


class MlmModule(PretrainingModule):
    def forward(  # type: ignore[override]
        self, input_ids: Tensor, attention_mask: Tensor, chosen: Tensor, ids: Tensor
    ) -> dict[str, Tensor]:
        return self.mean(input_ids=input_ids, attention_mask=attention_mask, chosen=chosen, ids=ids)

    def per_text(self, **batch: Tensor) -> tuple[Tensor, Tensor]:
        chosen = batch["chosen"]
        vectors = self.token_vectors(batch["input_ids"], batch["attention_mask"])
        losses = self.loss(vectors[chosen], batch["ids"][chosen])
        of_text = chosen.nonzero()[:, 0]
        sums = torch.zeros(len(chosen), device=losses.device).index_add(0, of_text, losses)
        return sums, chosen.sum(dim=1).float()


class MlmHead(PretrainingHead):
    """`share` of the tokens are hidden; 0 takes BERT's 15 in 100."""

    task: ClassVar[str] = "mlm"

    def __init__(self, backbone: Backbone, options: ModelOptions, share: float = 0.0) -> None:
        model: Any = backbone.model
        plain = HeadOptions(options.pooling, options.max_tokens, 0, options.query_prefix, options.document_prefix)
        module = MlmModule(backbone, plain, TokenGuess(model.get_input_embeddings()))
        super().__init__(backbone, plain, module)
        self._share = share or SHARE

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        read = self._reader.tensors(self._formed(texts_of(examples), "document"))
        changed, chosen = hidden(self.tokenizer, read["input_ids"], self._share)
        return {
            "input_ids": changed,
            "attention_mask": read["attention_mask"],
            "chosen": chosen,
            "ids": read["input_ids"],
        }
