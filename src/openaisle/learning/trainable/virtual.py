"""A backbone behind learned tokens, in the place of the plain one."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from peft import PeftModelForFeatureExtraction, PromptLearningConfig
from torch import Tensor, nn
from transformers.modeling_outputs import BaseModelOutput

from openaisle.errors import TrainingError


class BehindVirtualTokens(nn.Module):
    """Called as the plain backbone is; `last_hidden_state` is of the text's own tokens."""

    def __init__(self, plain: nn.Module, config: PromptLearningConfig, dropped: int) -> None:
        super().__init__()
        with warnings.catch_warnings():  # peft asks the model for a property under its old name
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
            self.prompted = PeftModelForFeatureExtraction(plain, config)
        self._dropped = dropped
        self._longest = _positions(plain) - config.num_virtual_tokens

    @property
    def config(self) -> Any:
        return self.prompted.base_model.config

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None
    ) -> BaseModelOutput:
        if self.training:
            self._require_room(input_ids.shape[1])
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        hidden = self.prompted(input_ids=input_ids, attention_mask=mask).last_hidden_state
        return BaseModelOutput(last_hidden_state=hidden[:, self._dropped :])

    def _require_room(self, tokens: int) -> None:
        if tokens > self._longest:
            raise TrainingError(
                f"A text has {tokens} tokens; beside the learned ones, this model has places for {self._longest}.",
                "Lower model.max_tokens or train.virtual_tokens.",
            )


def _positions(plain: Any) -> int:
    """Tokens that a model has places for; families that count from behind the padding's id have fewer."""
    config = plain.config
    behind = int(config.pad_token_id or 0) + 1 if "roberta" in config.model_type else 0
    return int(config.max_position_embeddings) - behind


def put_before(module: nn.Module, backbone: nn.Module, config: PromptLearningConfig, dropped: int) -> None:
    """Replace `backbone`, wherever `module` holds it. Raises `TrainingError` where it cannot take learned tokens."""
    holders = [
        (holder, name) for holder in module.modules() for name, child in holder.named_children() if child is backbone
    ]
    try:
        wrapped = BehindVirtualTokens(backbone, config, dropped)
        _try(wrapped)
    except Exception as error:  # each architecture fails in its own way
        raise TrainingError(
            f"A {type(backbone).__name__} cannot take {type(config).__name__.removesuffix('TuningConfig').lower()} "
            f"tuning ({type(error).__name__}).",
            "Use train.what = lora or adapter, or a backbone of the BERT or RoBERTa family.",
        ) from error
    for holder, name in holders:
        setattr(holder, name, wrapped)


def _try(wrapped: BehindVirtualTokens) -> None:
    device = next(wrapped.parameters()).device
    texts = torch.ones((2, 3), dtype=torch.int64, device=device)
    mask = torch.tensor([[1, 1, 1], [1, 1, 0]], device=device)
    was_training = wrapped.training
    with torch.no_grad():
        wrapped.eval()(texts, mask)
    wrapped.train(was_training)
