from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from openaisle import sample


def test_it_writes_a_feed_that_reads_back_with_a_picture_for_each_product(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    sample.write(tmp_path / "new" / "folder")
    target = tmp_path / "new" / "folder"
    feed = (target / "feed.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in feed] == rows
    for row in rows:
        assert (target / row["images"][0]).is_file()
    assert (target / "judgments.tsv").read_bytes() == sample.judgments_path().read_bytes()


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    sample.write(tmp_path)
    first = (tmp_path / "feed.jsonl").read_bytes()
    sample.write(tmp_path)
    assert (tmp_path / "feed.jsonl").read_bytes() == first
