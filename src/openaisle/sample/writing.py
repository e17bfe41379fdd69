"""Writes the sample store into a folder, as a shop would hand over its feed."""

import json
from importlib.resources import files
from pathlib import Path

from openaisle.sample.generate import products
from openaisle.sample.pictures import picture


def judgments_path() -> Path:
    """The graded judgments that belong to the store: tab-separated `query`, `product_id`, `gain`."""
    return Path(str(files("openaisle.sample") / "judgments.tsv"))


def write(folder: str | Path) -> None:
    """Writes `feed.jsonl`, `images/` and `judgments.tsv` into the folder, which is made if it is missing.

    Files of the same names are replaced. Raises OSError when the folder cannot be written.
    """
    target = Path(folder)
    images = target / "images"
    images.mkdir(parents=True, exist_ok=True)
    with (target / "feed.jsonl").open("w", encoding="utf-8", newline="\n") as feed:
        for product in products():
            feed.write(json.dumps(product, ensure_ascii=False) + "\n")
            (images / f"{product['id']}.svg").write_text(picture(product), encoding="utf-8")
    (target / "judgments.tsv").write_bytes(judgments_path().read_bytes())
