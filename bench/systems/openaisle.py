"""OpenAisle: its embedded engine with its own analysis, typo tolerance, fusion and floor; no product is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.corpus import Corpus
from bench.system import CANDIDATES, FACET_VALUES, Answer, Filter, Vector
from openaisle.catalog.product import Product
from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.engines.embedded.postings import FieldWeight
from openaisle.engines.filters.expression import And, Between, Comparison, Expression, Operator
from openaisle.engines.protocol import BuiltWith, DenseQuery, Document, ValueFacet
from openaisle.indexing.texts import SPELLING, searchable_terms
from openaisle.indexing.values import values
from openaisle.language import ANALYSIS_VERSION, Analyzer
from openaisle.models.protocol import CosineRange
from openaisle.search.question import Meaning, Question
from openaisle.search.rank import rank
from openaisle.search.request import Mode
from openaisle.search.retrieve import retrieve
from openaisle.search.understand import understand
from openaisle.settings import SearchSettings

FIELDS = {"title": FieldWeight(1.0), SPELLING: FieldWeight(0.0)}
_PAIRS = 20_000


class OpenAisle:
    counts_facets = True
    efforts = (0,)

    def build(self, corpus: Corpus, folder: Path) -> None:
        analyzer = Analyzer()
        built_with = BuiltWith(ANALYSIS_VERSION, "bench", "bench", ())
        with _engine(folder).rebuild(built_with, corpus.vectors.shape[1]) as writer:
            for document in _documents(corpus, analyzer):
                writer.upsert(document)
            writer.commit(1)
        (folder / "cosines.json").write_text(json.dumps(_cosines(corpus)), "utf-8")

    def open(self, folder: Path) -> None:
        self._engine = _engine(folder)
        self._analyzer = Analyzer()
        self._settings = SearchSettings()
        self._cosines = CosineRange(*json.loads((folder / "cosines.json").read_text("utf-8")))

    def exert(self, effort: int) -> None:
        """Its index sets itself; there is no knob."""

    def search(self, query: str, vector: Vector, k: int, filter: Filter | None, facets: Sequence[str]) -> Answer:
        snapshot, settings = self._engine.snapshot(), self._settings
        intent = understand(query, self._analyzer, snapshot, settings)
        question = Question(snapshot, intent, Meaning(vector, self._cosines), _expression(filter), Mode.HYBRID)
        found = retrieve(question, CANDIDATES, settings.relevance_floor)
        ranked = rank(question, found, settings.dense_weight, CANDIDATES)
        ids = [int(id) for id in snapshot.ids(ranked.rows[:k])]
        if not facets:
            return Answer(ids)
        counts = snapshot.facets(ranked.rows, None, [ValueFacet(field, FACET_VALUES) for field in facets])
        return Answer(ids, dict(zip(facets, counts, strict=True)))

    def nearest(self, vector: Vector, k: int, filter: Filter | None) -> Sequence[int]:
        snapshot = self._engine.snapshot()
        found = snapshot.retrieve(None, DenseQuery(vector, CANDIDATES), _expression(filter))
        return [int(id) for id in snapshot.ids(found.dense[:k])]

    def close(self) -> None:
        del self._engine


def _engine(folder: Path) -> EmbeddedEngine:
    return EmbeddedEngine(folder, FIELDS)


def _documents(corpus: Corpus, analyzer: Analyzer) -> Iterator[Document]:
    """Words of the title alone, as in every system; everything else to filter and count by."""
    for row in range(len(corpus)):
        number = str(row)
        titled = Product(number, {"": corpus.titles[row]})
        terms = {field: words for field, words in searchable_terms(titled, analyzer).items() if field in FIELDS}
        yield Document(number, number, terms, values(_product(corpus, row)), corpus.vectors[row])


def _product(corpus: Corpus, row: int) -> Product:
    return Product(
        id=str(row),
        title={"": corpus.titles[row]},
        brand=corpus.brand[row],
        category=(corpus.category[row],),
        price=float(corpus.price[row]),
        stock=int(corpus.stock[row]),
        rating=float(corpus.rating[row]),
        attributes={"colour": corpus.colour[row], "stars": str(int(corpus.rating[row]))},
    )


def _expression(filter: Filter | None) -> Expression | None:
    parts: list[Expression] = []
    if filter and filter.price:
        parts.append(Between("price", *filter.price))
    if filter and filter.category:
        parts.append(Comparison("category", Operator.EQUAL, filter.category))
    return And(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


def _cosines(corpus: Corpus) -> tuple[float, float]:
    """How the vectors' cosines read: those of pairs at random, and of products with their nearest of many."""
    random = np.random.default_rng(0)
    one, other = random.integers(len(corpus), size=(2, _PAIRS))
    sample = corpus.vectors[np.sort(random.choice(len(corpus), min(len(corpus), 5_000), replace=False))]
    unrelated = np.einsum("ij,ij->i", corpus.vectors[one], corpus.vectors[other])
    nearest = np.sort(sample[:200] @ sample.T, axis=1)[:, -2]
    return float(np.quantile(unrelated, 0.95)), float(np.median(nearest))
