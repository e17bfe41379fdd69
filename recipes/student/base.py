"""The base of the student: the first edition with fewer pieces, as a folder to train from.

`python recipes/student/base.py FIRST TITLES.jsonl OUT`, FIRST being the folder that recipes/starter writes. Pieces
stay that the texts and the word lists need; what is left out is spelt in smaller ones.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from first_edition import open_first_edition
from pieces import kept

from openaisle.learning.compression.vocabulary import trim

PIECES = 42_000
MAX_TOKENS = 512
WORD_LISTS = (Path("/usr/share/dict/american-english-large"), Path("/usr/share/dict/british-english"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path, help="the data folder of openaisle-starter 1.0.0")
    parser.add_argument("texts", type=Path, help="JSONL of en and, where there is one, zh")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    with given.texts.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    texts = [text for row in rows for text in (row["en"], row.get("zh", "")) if text]
    whole = open_first_edition(given.first, MAX_TOKENS)
    trim(whole, kept(whole.tokenizer, texts, WORD_LISTS, PIECES)).save(given.out)


if __name__ == "__main__":
    main()
