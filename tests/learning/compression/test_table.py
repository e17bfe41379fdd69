from __future__ import annotations

import json
from pathlib import Path

import pytest
from heads_of_tasks import MAKERS, head_of

from openaisle.learning.backbones import Backbone
from openaisle.learning.compression.table import Variant, as_json, as_markdown, measured
from openaisle.models.manifest import read_manifest


def pieces(folder: Path) -> dict[str, float]:
    return {"ndcg@10": read_manifest(folder).dimensions / 100}


def test_variants_stand_side_by_side(backbone: Backbone) -> None:
    head = head_of("match", backbone)
    variants = [Variant("float32"), Variant("int8", "int8"), Variant("16 dimensions", "int8", dimensions=16)]
    rows = measured(head, variants, quality=pieces)
    assert [row.dimensions for row in rows] == [32, 32, 16]
    assert rows[0].megabytes > rows[1].megabytes
    assert rows[0].least_cosine == pytest.approx(1.0)
    assert all(row.milliseconds > 0 and row.texts_a_second > 0 for row in rows)
    lines = as_markdown(rows).splitlines()
    assert lines[0].endswith("| ndcg@10 |")
    assert len({line.count("|") for line in lines}) == 1
    assert lines[-1].startswith("| 16 dimensions |")
    assert lines[-1].endswith("| 0.1600 |")
    assert [row["quality"] for row in json.loads(as_json(rows))] == [
        {"ndcg@10": 0.32},
        {"ndcg@10": 0.32},
        {"ndcg@10": 0.16},
    ]


@pytest.mark.parametrize("task", MAKERS)
def test_every_kind_is_measured(backbone: Backbone, task: str) -> None:
    row = measured(head_of(task, backbone), [Variant("float32")])[0]
    assert row.texts_a_second > 0
    assert row.quality == {}
