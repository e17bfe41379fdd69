"""A shallower model from a deep one: which layers stay (compared in Sajjad et al. 2020, "Poor Man's BERT")."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from openaisle.errors import ModelError
from openaisle.learning.backbones.layers import evenly, keep, layer_stack


def chosen(rule: str | Sequence[int], count: int) -> list[int]:
    """Positions of the layers that stay, of `count`: `every_other`, `evenly:N`, `first:N`, `last:N`, or a list.

    Raises `ModelError` for a rule that is none of these or asks for layers that are not there.
    """
    if not isinstance(rule, str):
        return _checked(list(rule), count)
    name, _, number = rule.partition(":")
    if name == "every_other" and not number:
        return list(range(0, count, 2))
    kept = int(number) if number.isascii() and number.isdigit() else 0
    if not 1 <= kept <= count:
        raise ModelError(f"The model has {count} layers; {rule!r} chooses none of them.", _MEND)
    if name == "evenly":
        return evenly(count, kept)
    if name == "first":
        return list(range(kept))
    if name == "last":
        return list(range(count - kept, count))
    raise ModelError(f"{rule!r} is no way to choose layers.", _MEND)


def drop(model: nn.Module, rule: str | Sequence[int]) -> list[int]:
    """Leave only the chosen layers, in place, and tell their positions."""
    positions = chosen(rule, len(layer_stack(model)))
    keep(model, positions)
    return positions


def _checked(positions: list[int], count: int) -> list[int]:
    if not positions or sorted(set(positions)) != positions or positions[0] < 0 or positions[-1] >= count:
        raise ModelError(f"{positions} are not layers of a model of {count}, in order and each once.", _MEND)
    return positions


_MEND = "Use every_other, evenly:N, first:N, last:N, or a list of positions from 0."
