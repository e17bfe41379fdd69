"""A student that learns, layer by layer and token by token, from the deeper model that it was cut out of.

After each of its layers a student should be where its parent enters the next layer that the student has kept; a token
has as many numbers to say so as the whole text has in the end, so that far fewer texts are needed than by vectors
alone. Sources: Sun et al. 2019, "Patient Knowledge Distillation for BERT Model Compression"; Jiao et al. 2020,
"TinyBERT: Distilling BERT for Natural Language Understanding".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import mse_loss, normalize

from openaisle.learning.backbones import Backbone
from openaisle.learning.backbones.finish import Finish
from openaisle.learning.backbones.layers import layer_stack
from openaisle.learning.examples import Example, Plain
from openaisle.learning.heads.pooling import exact, pooled
from openaisle.learning.heads.protocol import ModelOptions, Pooling
from openaisle.learning.unlabelled.pretraining import PretrainingHead, PretrainingModule, texts_of

_INNER = 0.2
"""How much each layer before the last counts beside it."""
_SIMILARITIES = 5.0
"""How much the squared error of cosines within a batch counts: they differ by tenths, so it is small."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The whole model, which stays as it is. `targets`: for each layer of the student, after how many of the parent's
    layers it should stand where they do. `prefix`: ids that the parent reads before a text and the student does not."""

    model: nn.Module
    finish: Finish | None
    pooling: Pooling
    targets: tuple[int, ...]
    prefix: tuple[int, ...]

    def read(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[list[Tensor], Tensor]:
        """States after each target layer at the student's tokens, (texts, tokens, width) each; and the texts' vectors.

        The first token of a row is special; the prefix goes behind it.
        """
        prefix = torch.tensor(self.prefix, dtype=torch.int64, device=input_ids.device).expand(len(input_ids), -1)
        ids = torch.cat([input_ids[:, :1], prefix, input_ids[:, 1:]], dim=1)
        mask = torch.cat([attention_mask[:, :1], torch.ones_like(prefix), attention_mask[:, 1:]], dim=1)
        with torch.no_grad():
            states = states_of_layers(self.model.to(input_ids.device), ids, mask)
            vectors = _finished(states[-1].float(), mask, ids, self.pooling, self.finish)
        skipped, chosen = len(self.prefix), [states[after - 1] for after in self.targets]
        return [torch.cat([layer[:, :1], layer[:, 1 + skipped :]], dim=1).float() for layer in chosen], vectors


def parent_of(base: Backbone, kept: Sequence[int], pooling: Pooling, student_prefix: str) -> Parent:
    """The parent of a student that keeps the layers at these positions of `base`, which is opened for this alone."""
    base.model.eval().requires_grad_(False)
    targets = (*kept[1:], len(layer_stack(base.model)))
    prefix = base.query_prefix.removesuffix(student_prefix).strip()
    ids = base.tokenizer(prefix, add_special_tokens=False)["input_ids"] if prefix else []
    return Parent(base.model, base.finish, pooling, targets, tuple(ids))


class LayerwiseModule(PretrainingModule):
    parent: Parent

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:  # type: ignore[override]
        wanted, target = self.parent.read(input_ids, attention_mask)
        given = states_of_layers(self.backbone, input_ids, attention_mask)
        vectors = _finished(given[-1].float(), attention_mask, input_ids, self.parent.pooling, self.finish)
        with exact(vectors):
            weights = [_INNER] * (len(given) - 1) + [1.0]
            layers = zip(weights, given, wanted, strict=True)
            loss = sum(weight * distance(own.float(), other, attention_mask) for weight, own, other in layers)
            loss = loss + (1 - (vectors * target).sum(dim=1)).mean()
            loss = loss + _SIMILARITIES * mse_loss(vectors @ vectors.T, target @ target.T)
        return {"loss": loss}

    def per_text(self, **batch: Tensor) -> tuple[Tensor, Tensor]:
        """Distances from the parent's vectors, 1 - cosine."""
        _, target = self.parent.read(**batch)
        distances = 1 - (self.infer(**batch).float() * target).sum(dim=1)
        return distances, torch.ones_like(distances)


class LayerwiseHead(PretrainingHead):
    """Learns from `Plain` texts, translations included. Saved, it is a matching head."""

    task: ClassVar[str] = "distil"
    metric: ClassVar[str] = "loss"

    def __init__(self, backbone: Backbone, options: ModelOptions, parent: Parent) -> None:
        module = LayerwiseModule(backbone, options, nn.Identity())
        module.parent = parent
        super().__init__(backbone, options, module)

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        others = [one.other for one in examples if isinstance(one, Plain) and one.other]
        return self._reader.tensors(self._formed([*texts_of(examples), *others], "query"))

    def length(self, example: Example) -> int:
        texts = [text for text in (*texts_of([example]), getattr(example, "other", "")) if text]
        return max(len(row["input_ids"]) for row in self._reader.read(self._formed(texts, "query")))

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        """`loss`: the mean distance from the parent's vectors, 1 - cosine. Lower is better."""
        return {"loss": float(self.per_example(examples)["loss"].mean())} if examples else {"loss": float("nan")}

    def _losses(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        return super()._losses([Plain(text) for text in texts_of(examples)])


def distance(given: Tensor, wanted: Tensor, attention_mask: Tensor) -> Tensor:
    """The squared error of states (texts, tokens, width) as a share of the wanted ones' squared length."""
    weights = attention_mask.to(given.dtype)[:, :, None]
    return ((given - wanted).square() * weights).sum() / (wanted.square() * weights).sum()


def states_of_layers(model: nn.Module, input_ids: Tensor, attention_mask: Tensor) -> list[Tensor]:
    """What each layer gives, (texts, tokens, width), lowest first.

    The library's own `output_hidden_states` leaves hooks in the model, by which it no longer counts as a plain one.
    """
    states: list[Tensor] = []
    hooks = [
        layer.register_forward_hook(
            lambda *call: states.append(call[-1] if isinstance(call[-1], Tensor) else call[-1][0])
        )
        for layer in layer_stack(model)
    ]
    try:
        model(input_ids=input_ids, attention_mask=attention_mask)
    finally:
        for hook in hooks:
            hook.remove()
    return states


def _finished(states: Tensor, mask: Tensor, ids: Tensor, pooling: Pooling, finish: Finish | None) -> Tensor:
    vectors = normalize(pooled(states, mask, pooling), dim=-1)
    return vectors if finish is None else finish(vectors, ids, mask)
