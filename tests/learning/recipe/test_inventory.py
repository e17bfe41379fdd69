from __future__ import annotations

from typing import get_args

from openaisle.learning.recipe.inventory import keys, tables
from openaisle.learning.recipe.names import LOSS, METRIC
from openaisle.learning.recipe.sections import Task
from openaisle.models.registry.direction import higher_is_better


def test_every_key_is_documented() -> None:
    for key in keys().values():
        assert key.description.endswith("."), key.path
        assert key.allowed, key.path


def test_only_name_and_task_are_required() -> None:
    assert {key.path for key in keys().values() if key.required} == {"name", "task"}


def test_tables_come_in_the_order_of_the_recipe() -> None:
    assert [table.name for table in tables()] == [
        "",
        "data",
        "model",
        "train",
        "tracking",
        "export",
        "compare",
        "gate",
        "tune",
    ]


def test_every_task_has_a_loss_and_a_metric() -> None:
    assert set(LOSS) == set(METRIC) == set(get_args(Task))


def test_a_loss_improves_downwards() -> None:
    assert higher_is_better("ndcg@10")
    assert not higher_is_better("loss")
