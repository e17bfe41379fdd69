"""A shallow model that reads pieces in windows of two, three and five: what a text is about, and little of its syntax.

After Yang et al. 2020, "Multilingual Universal Sentence Encoder for Semantic Retrieval", whose convolutional encoder
has this shape; here the table of pieces is narrow and widened on reading. It costs about as much as one layer of a
transformer of its width.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, pad, relu
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

KIND = "openaisle-convolutions"
_WINDOWS = ((2, 0), (3, 1), (5, 2))
"""Pieces a window spans, and how many of them stand before the piece it is about."""
_SPREAD = 0.02
_EPSILON = 1e-12


class Product(nn.Module):
    """`x` times a matrix (inner, outer), which keeps its name in a traced graph as a transposed one does not."""

    def __init__(self, inner: int, outer: int, *, shifted: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inner, outer).uniform_(-1, 1) / inner**0.5)
        self.bias = nn.Parameter(torch.zeros(outer)) if shifted else None

    def forward(self, x: Tensor) -> Tensor:
        product = x @ self.weight
        return product if self.bias is None else product + self.bias


class Convolutions(nn.Module):
    """Piece ids and mask (texts, tokens) → unit vectors (texts, `width`).

    `columns`: numbers a piece has in the table; `channels`: features of a window; `narrow`: width of the inner layers.
    """

    def __init__(self, pieces: int, columns: int, width: int, channels: int, narrow: int) -> None:
        super().__init__()
        self.sizes = {"pieces": pieces, "columns": columns, "width": width, "channels": channels, "narrow": narrow}
        self.table = nn.Embedding(pieces, columns)
        self.widen = Product(columns, width, shifted=False)
        self.spread = Product(width, channels * len(_WINDOWS))
        self.spread_norm = nn.LayerNorm(channels * len(_WINDOWS), eps=_EPSILON)
        self.first = nn.ModuleList(Product(span * channels, channels) for span, _ in _WINDOWS)
        self.second = nn.ModuleList(Product(span * channels, channels) for span, _ in _WINDOWS)
        features = width + channels * len(_WINDOWS)
        self.norm = nn.LayerNorm(features, eps=_EPSILON)
        self.sum = Product(features, width, shifted=False)
        self.each = nn.Parameter(torch.zeros(width))
        self.deep = nn.ModuleList(
            Product(inner, outer, shifted=False)
            for inner, outer in ((width, narrow), (narrow, narrow), (narrow, width), (width, width))
        )
        self.past = nn.ModuleList(Product(*sizes, shifted=False) for sizes in ((width, narrow), (narrow, width)))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        mask = attention_mask[:, :, None].to(self.widen.weight.dtype)
        pieces = self.widen(self.table(input_ids))
        features = torch.cat([pieces, *self._windows(pieces, mask)], dim=-1)
        summed = (self.norm(features) * mask).sum(dim=1)
        length = mask.sum(dim=1)
        text = (self.sum(summed) + length * self.each) / length.sqrt()
        inner = relu(self.deep[0](text))
        middle = relu(self.past[0](text) + self.deep[1](inner))
        outer = relu(self.deep[2](middle))
        return normalize(torch.tanh(self.past[1](middle) + self.deep[3](outer)), dim=-1)

    def select(self, rows: Tensor) -> Convolutions:
        """The same for a vocabulary that keeps these pieces, in this order: int64 (kept,)."""
        fewer = Convolutions(**(self.sizes | {"pieces": len(rows)}))
        fewer.load_state_dict(self.state_dict() | {"table.weight": self.table.weight[rows]})
        return fewer

    def _windows(self, pieces: Tensor, mask: Tensor) -> list[Tensor]:
        parts = self.spread_norm(self.spread(pieces)).chunk(len(_WINDOWS), dim=-1)
        found = []
        for part, first, second, window in zip(parts, self.first, self.second, _WINDOWS, strict=True):
            seen = relu(first(_beside(part * mask, *window))) + part
            found.append(relu(second(_beside(seen * mask, *window))) + seen)
        return found


def _beside(states: Tensor, span: int, before: int) -> Tensor:
    """Each token's states beside those of its neighbours: (texts, tokens, span * channels)."""
    length = states.shape[1]
    padded = pad(states, (0, 0, before, span - 1 - before))
    return torch.cat([padded[:, start : start + length] for start in range(span)], dim=-1)


class ConvolutionsConfig(PretrainedConfig):
    model_type = KIND

    def __init__(
        self,
        vocab_size: int = 1,
        *,
        columns: int = 128,
        hidden_size: int = 512,
        channels: int = 256,
        narrow: int = 320,
        pad_token_id: int = 0,
        **rest: Any,
    ) -> None:
        super().__init__(**rest)  # type: ignore[no-untyped-call]
        self.pad_token_id = pad_token_id
        self.vocab_size = vocab_size
        self.columns = columns
        self.hidden_size = hidden_size
        self.channels = channels
        self.narrow = narrow


class ConvolutionsModel(PreTrainedModel):
    """`last_hidden_state`: float32 (texts, tokens, width). It speaks of texts, not of tokens: the vector of its text
    stands at each, so that every pooling gives it back."""

    config_class = ConvolutionsConfig

    def __init__(self, config: ConvolutionsConfig) -> None:
        super().__init__(config)
        sizes = (config.columns, config.hidden_size, config.channels, config.narrow)
        self.convolutions = Convolutions(config.vocab_size, *sizes)
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=_SPREAD)

    def get_input_embeddings(self) -> nn.Module:
        return self.convolutions.table

    def set_input_embeddings(self, value: nn.Module) -> None:
        self.convolutions.table = value  # type: ignore[assignment]

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **_: Any) -> BaseModelOutput:
        vectors = self.convolutions(input_ids, attention_mask)
        return BaseModelOutput(last_hidden_state=vectors[:, None].expand(-1, input_ids.shape[1], -1))


AutoConfig.register(KIND, ConvolutionsConfig)
AutoModel.register(ConvolutionsConfig, ConvolutionsModel)
