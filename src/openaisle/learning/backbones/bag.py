"""A model without layers: a table that says what each piece means, wherever it stands.

A mean of such rows knows nothing of order, costs nothing to run, and learns from millions of texts in minutes; for
which pieces stand for the same thing in two languages that is enough.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import normalize
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

KIND = "openaisle-bag"
_SPREAD = 0.02


class Bag(nn.Module):
    """Piece ids and mask (texts, tokens) → unit vectors (texts, `columns`): the sum of the pieces' rows."""

    def __init__(self, pieces: int, columns: int) -> None:
        super().__init__()
        self.table = nn.Embedding(pieces, columns)

    @classmethod
    def of(cls, table: Tensor) -> Bag:
        """float32 (pieces, columns)."""
        bag = cls(*table.shape)
        bag.load_state_dict({"table.weight": table})
        return bag

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return normalize((self.table(input_ids) * attention_mask[:, :, None]).sum(dim=1), dim=-1)

    def select(self, rows: Tensor) -> Bag:
        """The same for a vocabulary that keeps these pieces, in this order: int64 (kept,)."""
        return Bag.of(self.table.weight.detach()[rows])


class BagConfig(PretrainedConfig):
    model_type = KIND

    def __init__(self, vocab_size: int = 1, hidden_size: int = 512, pad_token_id: int = 0, **rest: Any) -> None:
        super().__init__(**rest)  # type: ignore[no-untyped-call]
        self.pad_token_id = pad_token_id
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size


class BagModel(PreTrainedModel):
    """`last_hidden_state`: each piece's row, float32 (texts, tokens, width)."""

    config_class = BagConfig

    def __init__(self, config: BagConfig) -> None:
        super().__init__(config)
        self.table = nn.Embedding(config.vocab_size, config.hidden_size)
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=_SPREAD)

    def get_input_embeddings(self) -> nn.Module:
        return self.table

    def set_input_embeddings(self, value: nn.Module) -> None:
        self.table = value  # type: ignore[assignment]

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: Any) -> BaseModelOutput:
        return BaseModelOutput(last_hidden_state=self.table(input_ids))


AutoConfig.register(KIND, BagConfig)
AutoModel.register(BagConfig, BagModel)
