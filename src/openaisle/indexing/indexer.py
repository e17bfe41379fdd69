"""Brings an engine in step with the catalogue: by its change feed, or in a whole new generation."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from openaisle.catalog.changes import Change
from openaisle.catalog.product import Product
from openaisle.catalog.store import Catalog
from openaisle.engines.protocol import BuiltWith, Document, Engine, Writer
from openaisle.errors import IndexCorrupt, IndexMismatch
from openaisle.indexing.texts import encoded_text, searchable_terms
from openaisle.indexing.values import RANKING, values
from openaisle.language import ANALYSIS_VERSION, Analyzer, Lexicon
from openaisle.models.protocol import Encoder, VectorNumbers

Tell = Callable[[str, int, int | None], None]
"""Told the stage, how much of it is done and how much there is (None while not known)."""

DOCUMENT_VERSION = "1"
"""Raised whenever the same product would give another document."""
_BATCH = 512
_COMMIT_EVERY = 20_000
_COMMIT_SECONDS = 60.0
_PLAIN: VectorNumbers = "float32"
_OUTGROWN = 10
"""An index that would grow so many times is built anew: what it knows of text lengths and of the shop's own words would
no longer fit."""


@dataclass(frozen=True, slots=True)
class IndexingPlan:
    """How products become documents: the fields that are encoded, a name for the weights of the fields, and what the
    settings call the encoder."""

    encoded_fields: tuple[str, ...]
    weights: str
    encoder: str = ""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What was written, and up to which change of the catalogue."""

    documents: int
    patched: int
    deleted: int
    sequence: int


class Indexer:
    """Writes what the catalogue says; never decides what is sold. Without an encoder, products have no vectors."""

    def __init__(self, catalog: Catalog, engine: Engine, encoder: Encoder | None, plan: IndexingPlan) -> None:
        self._catalog = catalog
        self._engine = engine
        self._encoder = encoder
        self._plan = plan
        self._analyzer: Analyzer | None = None

    def wanted(self, lexicon: Lexicon | None = None) -> BuiltWith:
        """What an index would be built with now."""
        schema = f"{DOCUMENT_VERSION}/{self._plan.weights}/{','.join(self._plan.encoded_fields)}"
        return BuiltWith(
            analysis=ANALYSIS_VERSION,
            schema=hashlib.sha256(schema.encode()).hexdigest()[:16],
            encoder=_encoder_name(self._encoder),
            lexicon=() if lexicon is None else lexicon.words,
            setting=self._plan.encoder,
        )

    def pending(self) -> int:
        """Number of the latest catalogue change less that of the index: 0 when they are in step."""
        return self._catalog.latest_seq() - self._engine.sequence

    def catch_up(self, tell: Tell, patience: float = 0.0) -> Indexed:
        """Apply all changes since the index was last written; commits now and then, so a stop loses little.

        Raises `IndexMismatch` when another process gave the index another encoder, analysis or schema meanwhile.
        """
        if self._engine.snapshot().documents * _OUTGROWN <= self.pending():
            return self._replace(self._engine.generation, tell, patience)
        with self._engine.writer(patience) as writer:
            self._require_fit()
            analyzer = self._analyzing(Lexicon(self._engine.built_with.lexicon))
            return self._apply(writer, analyzer, self._engine.sequence, tell, commit_every=_COMMIT_EVERY)

    def rebuild(self, tell: Tell, patience: float = 0.0) -> Indexed:
        """A new generation from the whole catalogue, beside the live one, which answers until the switch."""
        return self._rebuild(tell, patience, lambda: None)

    def _replace(self, generation: str, tell: Tell, patience: float) -> Indexed:
        """Rebuild what outgrew its index, unless another process did so before this one held the lock."""
        if self._engine.snapshot().documents:
            self._require_fit()

        def require_same() -> None:
            if self._engine.generation != generation:
                self._require_fit()

        return self._rebuild(tell, patience, require_same)

    def _require_fit(self) -> None:
        differences = self._engine.built_with.differences(self.wanted())
        if differences:
            raise IndexMismatch(
                f"The index was built anew with another {' and '.join(differences)} meanwhile.",
                "Open the shop again, then try again.",
            )

    def _rebuild(self, tell: Tell, patience: float, locked: Callable[[], None]) -> Indexed:
        """`locked` is called once no other process can write any more, and may raise."""
        lexicon = self._lexicon()
        identity = None if self._encoder is None else self._encoder.identity
        dimensions, numbers = (0, _PLAIN) if identity is None else (identity.dimensions, identity.vectors)
        # where there is little to answer from yet, an unfinished generation is better
        lives = self._answering() * _OUTGROWN > self._catalog.count()
        with self._engine.rebuild(self.wanted(lexicon), dimensions, patience, numbers) as writer:
            locked()
            return self._apply(writer, self._analyzing(lexicon), 0, tell, commit_every=None if lives else _COMMIT_EVERY)

    def _answering(self) -> int:
        """How many products the live generation answers with; 0 where it cannot be read."""
        try:
            return self._engine.snapshot().documents if self._engine.exists() else 0
        except (IndexCorrupt, IndexMismatch):
            return 0

    def _apply(self, writer: Writer, analyzer: Analyzer, since: int, tell: Tell, commit_every: int | None) -> Indexed:
        documents = patched = deleted = uncommitted = 0
        sequence, total, committed_at = since, self._expected(since), time.monotonic()
        changes = self._catalog.changes(since)
        while batch := list(islice(changes, _BATCH)):
            written = [change.product for change in batch if change.product and (change.content_changed or since == 0)]
            for document in self._documents(written, analyzer):
                writer.upsert(document)
            documents += len(written)
            patched += self._patch(writer, [change for change in batch if not change.content_changed], since)
            deleted += sum(writer.delete(change.id) for change in batch if change.deleted)
            sequence, uncommitted = batch[-1].seq, uncommitted + len(batch)
            tell("indexing", documents + patched + deleted, total)
            due = time.monotonic() - committed_at > _COMMIT_SECONDS
            if commit_every is not None and (uncommitted >= commit_every or due):
                writer.commit(sequence)
                uncommitted, committed_at = 0, time.monotonic()
        writer.commit(sequence)
        return Indexed(documents, patched, deleted, sequence)

    def _expected(self, since: int) -> int | None:
        """Rows that a rebuild writes, and an upper bound of those of an update."""
        return self._catalog.count() if since == 0 else self._catalog.latest_seq() - since

    def _patch(self, writer: Writer, changes: Iterable[Change], since: int) -> int:
        if since == 0:
            return 0
        signals = [field for field in self._engine.snapshot().fields if field.startswith(RANKING)]
        gone = {**_EMPTY_OFFER, **dict.fromkeys(signals)}
        offers = [change.product for change in changes if change.product is not None]
        return sum(writer.patch(product.id, {**gone, **values(product)}) for product in offers)

    def _documents(self, products: Sequence[Product], analyzer: Analyzer) -> Iterator[Document]:
        vectors: Sequence[np.ndarray | None] = [None] * len(products)
        if self._encoder is not None and products:
            # variants often share their text: encode it once
            texts = [encoded_text(product, self._plan.encoded_fields) for product in products]
            place = {text: number for number, text in enumerate(dict.fromkeys(texts))}
            encoded = self._encoder.encode_documents(list(place))
            vectors = [encoded[place[text]] for text in texts]
        for product, vector in zip(products, vectors, strict=True):
            yield Document(product.id, product.group, searchable_terms(product, analyzer), values(product), vector)

    def _analyzing(self, lexicon: Lexicon) -> Analyzer:
        """An analyzer that knows the words. Making one takes longer than writing a product, so the last one is kept."""
        if self._analyzer is None or self._analyzer.lexicon != lexicon:
            self._analyzer = Analyzer(lexicon)
        return self._analyzer

    def _lexicon(self) -> Lexicon:
        """Brands and category names are words of this shop, whatever a general dictionary says."""
        names: set[str] = set()
        for product in self._catalog.products():
            names.update(filter(None, (product.brand, *product.category)))
        return Lexicon.of(names)


_EMPTY_OFFER = dict.fromkeys(
    ("price", "sale_price", "selling_price", "stock", "availability", "rating", "rating_count", "updated_at")
)
"""An offer field that a product no longer has is removed from the index, too."""


def _encoder_name(encoder: Encoder | None) -> str:
    if encoder is None:
        return ""
    identity = encoder.identity
    return f"{identity.name} {identity.version} {identity.digest[:16]}"
