"""The real titles and queries that products are made from, with their vectors, encoded once and kept."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TitleSet:
    titles: list[str]
    vectors: NDArray[np.float32]
    queries: list[str]
    query_vectors: NDArray[np.float32]


def read_titles(data: Path, work: Path) -> TitleSet:
    """The set in the folder `data`; vectors come from `work`, where they are put the first time."""
    with gzip.open(data / "products.jsonl.gz", "rt", encoding="utf-8") as lines:
        titles = [json.loads(line)["title"] for line in lines]
    with gzip.open(data / "judgments.tsv.gz", "rt", encoding="utf-8") as lines:
        queries = list(dict.fromkeys(line.split("\t", 1)[0] for line in lines))[1:]
    return TitleSet(
        titles,
        _vectors(work / "title-vectors.npy", titles, "encode_documents"),
        queries,
        _vectors(work / "title-query-vectors.npy", queries, "encode_queries"),
    )


def _vectors(path: Path, texts: list[str], method: str) -> NDArray[np.float32]:
    if not path.exists():
        from openaisle.models.open import open_encoder

        print(f"encoding {len(texts):,} texts once, into {path.name}", flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, getattr(open_encoder("starter"), method)(texts))
    vectors = np.load(path).astype(np.float32)
    if len(vectors) != len(texts):
        raise SystemExit(f"{path} holds {len(vectors)} vectors for {len(texts)} texts; delete it.")
    return vectors
