"""From a trained version to the distribution's files: fewer pieces, their table in 4 bits, the layers in int8.

`python -m recipes.reranker.ship VERSION CEDICT OUT`: VERSION is the folder that `openaisle train` wrote. A piece is
kept if the training's texts or the dictionary need it, or if it is among the commonest of the starter's, so that names
of brands stay whole.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recipes.student.texts import dictionary

from openaisle.learning.backbones import open_backbone
from openaisle.learning.compression.calibration import calibration_of
from openaisle.learning.compression.export import ExportRecipe, ExportReport, export
from openaisle.learning.compression.folder import Facts
from openaisle.learning.compression.vocabulary import of_texts, trim
from openaisle.learning.data import read_data_set
from openaisle.learning.examples import DataSet, JudgedQuery
from openaisle.learning.heads import Head, load_head

VERSION = "1.0.0"
COMMONEST = 30_000
HEAD = ("head.json", "head.safetensors")
LINEAGE = (
    "intfloat/multilingual-e5-small (MIT), by way of OpenAisle's starter: six of its layers",
    "recipes/reranker of OpenAisle: trained to read query and product together, on lists of the sample store's goods "
    "and of invented ones, from word lists and CC-CEDICT (CC BY-SA 4.0)",
)


def ship(version: Path, cedict: Path, out: Path) -> ExportReport:
    data = read_data_set(version / "data")
    texts = _texts(data)
    words = [text for word in dictionary(cedict) for text in (word.en, word.zh)]
    with tempfile.TemporaryDirectory() as folder:
        head: Any = _trimmed(version / "weights", [*texts, *words], Path(folder))
        facts = Facts(
            "openaisle-reranker",
            VERSION,
            calibration=calibration_of(head, data.validation),
            more={"languages": ["zh", "en"], "licence": "MIT", "lineage": list(LINEAGE)},
        )
        return export(head, out, ExportRecipe(quantise="int8"), facts, texts[:2000], embeddings="4bit")


def _trimmed(weights: Path, texts: Sequence[str], folder: Path) -> Head:
    """The head on a backbone with fewer pieces, by way of `folder`."""
    stated = json.loads((weights / HEAD[0]).read_text(encoding="utf-8"))
    backbone = open_backbone(str(weights), max_tokens=stated["max_tokens"])
    kept = {*of_texts(backbone.tokenizer, texts), *_commonest(backbone.tokenizer)}
    trim(backbone, kept).save(folder)
    for name in HEAD:
        shutil.copy(weights / name, folder)
    return load_head(folder)


def _commonest(tokenizer: Any) -> list[int]:
    """The pieces that are likeliest in the language model of the tokenizer."""
    scores = [score for _, score in json.loads(tokenizer.backend_tokenizer.to_str())["model"]["vocab"]]
    return sorted(range(len(scores)), key=lambda place: -scores[place])[:COMMONEST]


def _texts(data: DataSet) -> list[str]:
    lists = [one for one in (*data.validation, *data.test, *data.train) if isinstance(one, JudgedQuery)]
    return list(dict.fromkeys(text for one in lists for text in (one.query, *(each.text for each in one.candidates))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", type=Path, help="SHOP/models/reranker/1")
    parser.add_argument("cedict", type=Path)
    parser.add_argument("out", type=Path, help="reranker/src/openaisle_reranker/data")
    given = parser.parse_args()
    print(json.dumps(ship(given.version, given.cedict, given.out).as_dict(), indent=2))


if __name__ == "__main__":
    main()
