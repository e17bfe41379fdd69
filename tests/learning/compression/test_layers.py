from __future__ import annotations

from typing import Any

import pytest

from openaisle.errors import ModelError
from openaisle.learning.backbones import Backbone
from openaisle.learning.compression.layers import chosen, drop


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("every_other", [0, 2, 4]),
        ("evenly:3", [1, 3, 5]),
        ("evenly:6", [0, 1, 2, 3, 4, 5]),
        ("first:2", [0, 1]),
        ("last:2", [4, 5]),
        ([0, 5], [0, 5]),
    ],
)
def test_rules(rule: Any, kept: list[int]) -> None:
    assert chosen(rule, 6) == kept


@pytest.mark.parametrize(
    "rule", ["", "first", "first:0", "first:7", "first:-1", "middle:2", "every_other:2", [], [6], [1, 0], [2, 2]]
)
def test_rules_that_choose_nothing(rule: Any) -> None:
    with pytest.raises(ModelError):
        chosen(rule, 6)


def test_layers_are_dropped_in_place(backbone: Backbone) -> None:
    model: Any = backbone.model
    last = model.encoder.layer[1]
    assert drop(model, "last:1") == [1]
    assert list(model.encoder.layer) == [last]
    assert model.config.num_hidden_layers == 1
