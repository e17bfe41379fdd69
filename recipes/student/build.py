"""The shipped files from a trained student: `python recipes/student/build.py SHOP/models/student/1 PAIRS.jsonl`.

Trims the vocabulary, writes layers in int8 and the table of pieces in the blocks of four bits that it came in, checks
the graph against the trained weights, and writes starter/src/openaisle_starter/data.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pieces import kept

from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.compression.folder import Facts
from openaisle.learning.compression.vocabulary import select_rows, trimmed_tokenizer
from openaisle.learning.heads import load_head
from openaisle.models.protocol import CosineRange

VERSION = "2.0.0"
PIECES = 64_000
WORD_LISTS = (Path("/usr/share/dict/american-english-large"), Path("/usr/share/dict/british-english"))
DATA = Path(__file__).parents[2] / "starter" / "src" / "openaisle_starter" / "data"
# those of the first edition: to be measured on the trained student before it ships
COSINES = CosineRange(unrelated=0.25, related=0.5, translated=0.15)
LINEAGE = [
    "intfloat/multilingual-e5-small (MIT): six of its layers, its table of pieces; the teacher within a language",
    "USE multilingual v3 (Apache-2.0): the teacher across languages",
    "recipes/student of OpenAisle: distilled on CC-CEDICT (CC BY-SA 4.0), the sample store and titles made of them",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", type=Path, help="the folder of a trained version")
    parser.add_argument("pairs", type=Path, help="what texts.py wrote")
    parser.add_argument("--out", type=Path, default=DATA)
    given = parser.parse_args()
    with given.pairs.open(encoding="utf-8") as file:
        texts = [text for line in file for row in [json.loads(line)] for text in (row["en"], row["zh"])]
    head = load_head(given.version / "weights")
    tokenizer, rows = trimmed_tokenizer(head.tokenizer, kept(head.tokenizer, texts, WORD_LISTS, PIECES))
    select_rows(head.module.backbone, rows, tokenizer)
    if head.module.centring is not None:
        head.module.centring = head.module.centring.select(rows)
    head.tokenizer = tokenizer
    more = {"languages": ["zh", "en"], "licence": "MIT", "lineage": LINEAGE, "pieces": len(tokenizer)}
    facts = Facts("openaisle-starter", VERSION, cosines=COSINES, more=more)
    report = export(head, given.out, ExportRecipe(quantise="int8"), facts, texts[:2000], embeddings="4bit")
    print(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
