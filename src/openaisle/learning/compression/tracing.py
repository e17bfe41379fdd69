"""Graphs traced from PyTorch: what a head does after its transformer, and transformers of any other architecture."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import ModelProto
from torch import Tensor, nn
from transformers.modeling_outputs import BaseModelOutput

from openaisle.errors import ExportError
from openaisle.learning.compression.nodes import OPSET

STATES = "states"
OUTPUT = "output"
_TOKENS = 7
"""Tokens of the traced example; the parity check runs other lengths, so a length that was baked in is found."""


class _Ending(nn.Module):
    """A head fed with states instead of running its transformer."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def forward(self, states: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        self.module.backbone.states = states
        output: Tensor = self.module.infer(input_ids, attention_mask)
        return output


class _Given(nn.Module):
    """Stands where the transformer stood and answers with the states it was handed."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config
        self.states: Tensor | None = None

    def forward(self, *args: Any, **inputs: Any) -> BaseModelOutput:
        return BaseModelOutput(last_hidden_state=self.states)


class _Whole(nn.Module):
    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        output: Tensor = self.module.infer(input_ids, attention_mask, token_type_ids)
        return output


def ending(module: Any) -> ModelProto:
    """states, input_ids, attention_mask -> output: the head without its transformer."""
    config = module.backbone.config
    states = torch.zeros(2, _TOKENS, config.hidden_size)
    ids = torch.zeros(2, _TOKENS, dtype=torch.int64)
    with _without_backbone(module):
        return _traced(_Ending(module), (states, ids, torch.ones_like(ids)), (STATES, "input_ids", "attention_mask"))


def whole(module: Any, types: bool) -> ModelProto:
    """input_ids, attention_mask (and token_type_ids) -> output: the head with whatever transformer it has."""
    ids = torch.ones(2, _TOKENS, dtype=torch.int64)
    inputs = (ids, torch.ones_like(ids), *([torch.zeros_like(ids)] if types else []))
    names = ("input_ids", "attention_mask", "token_type_ids")[: len(inputs)]
    return _traced(_Whole(module), inputs, names)


@contextmanager
def _without_backbone(module: Any) -> Iterator[None]:
    backbone = module.backbone
    module.backbone = _Given(backbone.config)
    try:
        yield
    finally:
        module.backbone = backbone


def _traced(module: nn.Module, inputs: tuple[Tensor, ...], names: tuple[str, ...]) -> ModelProto:
    module.eval()
    try:
        with tempfile.TemporaryDirectory() as folder, torch.no_grad(), warnings.catch_warnings():
            # the exporter warns of values it takes for constants; the parity check tells whether that mattered
            warnings.simplefilter("ignore")
            return _exported(module, inputs, names, Path(folder) / "traced.onnx")
    except Exception as error:  # the exporter raises errors of many classes
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
        raise ExportError(
            f"The model cannot be written as ONNX: {first}.", "Train another base model, or keep its weights folder."
        ) from error


def _exported(module: nn.Module, inputs: tuple[Tensor, ...], names: tuple[str, ...], path: Path) -> ModelProto:
    # the newer exporter needs onnxscript, which nothing else here does
    torch.onnx.export(
        module,
        inputs,
        path,
        input_names=list(names),
        output_names=[OUTPUT],
        dynamic_axes={**{name: {0: "texts", 1: "tokens"} for name in names}, OUTPUT: {0: "texts"}},
        opset_version=OPSET,
        dynamo=False,
    )
    return onnx.load(path)
