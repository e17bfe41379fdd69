"""What could be labelled next: pairs of a query and a product that nobody judged, texts without a label, and how sure
one can be of each before a model has learnt from labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.language import language_of
from openaisle.learning.data.keys import canonical, fraction
from openaisle.learning.examples import Example, JudgedQuery, Labelled, Triplet
from openaisle.models.protocol import Encoder, Vectors

_MOST_QUERIES = 2_000
_MOST_TEXTS = 50_000
_DEPTH = 20
_TEMPERATURE = 0.05
"""What cosines are divided by before they become probabilities of classes, as in contrastive training."""

Search = Callable[[str, int], Sequence[str]]
"""Query and how many → ids of products, best first."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Things that could be labelled, all of one length: a text (query) each, for pairs the product's id and text, and
    vectors with what is thought of each: of pairs how probably the product answers, of texts the classes; None where
    nothing is known."""

    texts: tuple[str, ...]
    ids: tuple[str, ...]
    others: tuple[str, ...]
    vectors: Vectors
    probabilities: NDArray[np.float32] | None


def pairs(
    queries: Iterable[str],
    examples: Iterable[Example],
    search: Search,
    texts: Callable[[Iterable[str]], Mapping[str, str]],
    *,
    encoder: Encoder,
    seed: int,
) -> Pool:
    """The first products of each query that `examples` do not judge already; of very many queries some are drawn."""
    judged = _judged(examples)
    asked = _drawn(queries, _MOST_QUERIES, seed)
    found = [
        (query, id_) for query in asked for id_ in search(query, _DEPTH) if id_ not in judged.get(canonical(query), ())
    ]
    known = texts(id_ for _, id_ in found)
    left = [(query, id_, known[id_]) for query, id_ in found if id_ in known]
    left = [each for each in left if each[2] not in judged.get(canonical(each[0]), ())]
    if not left:
        return Pool((), (), (), np.zeros((0, encoder.identity.dimensions), np.float32), None)
    asked_texts, ids, others = zip(*left, strict=True)
    vectors, probabilities = _answering(asked_texts, others, encoder)
    return Pool(asked_texts, ids, others, vectors, probabilities)


def alone(texts: Iterable[str], examples: Iterable[Example], *, encoder: Encoder, seed: int) -> Pool:
    """Texts that `examples` do not label yet; of very many some are drawn."""
    labelled = [example for example in examples if isinstance(example, Labelled) and example.labels]
    known = {canonical(example.text) for example in labelled}
    left = tuple(text for text in _drawn(texts, _MOST_TEXTS, seed) if canonical(text) not in known)
    vectors = encoder.encode_queries(left) if left else np.zeros((0, encoder.identity.dimensions), np.float32)
    nothing = ("",) * len(left)
    return Pool(left, nothing, nothing, vectors, _classes(vectors, labelled, encoder))


def _judged(examples: Iterable[Example]) -> dict[str, set[str]]:
    """By query the ids and texts that need no judgment any more."""
    judged: dict[str, set[str]] = {}
    for example in examples:
        if isinstance(example, JudgedQuery):
            known = judged.setdefault(canonical(example.query), set())
            known.update(candidate.product_id or candidate.text for candidate in example.candidates)
        elif isinstance(example, Triplet):
            judged.setdefault(canonical(example.anchor), set()).add(example.positive)
    return judged


def _drawn(texts: Iterable[str], most: int, seed: int) -> list[str]:
    distinct = {canonical(text): text for text in texts if text.strip()}
    return sorted(distinct.values(), key=lambda text: (fraction("to label", seed, text), text))[:most]


def _answering(
    queries: Sequence[str], documents: Sequence[str], encoder: Encoder
) -> tuple[Vectors, NDArray[np.float32]]:
    """A vector for each pair (query's and product's, one after the other), and how probably the product answers, by the
    encoder's own scale of cosines."""
    asked = _encoded(queries, encoder.encode_queries)
    said = _encoded(documents, encoder.encode_documents)
    cosines = np.asarray((asked * said).sum(axis=1), np.float32)
    languages = zip(queries, documents, strict=True)
    translated = np.array([language_of(query) != language_of(text) for query, text in languages], np.bool_)
    relevance = encoder.identity.cosines.relevance(cosines, translated)
    vectors = np.concatenate([asked, said], axis=1) / np.float32(np.sqrt(2))
    return np.asarray(vectors, np.float32), np.asarray(np.clip(relevance, 0, 1), np.float32)


def _encoded(texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors]) -> Vectors:
    distinct = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return encode(list(distinct))[[distinct[text] for text in texts]]


def _classes(vectors: Vectors, labelled: Sequence[Labelled], encoder: Encoder) -> NDArray[np.float32] | None:
    """(texts, classes) by the distance to the mean of each class's texts; None with fewer than two classes."""
    names = sorted({example.labels[0] for example in labelled})
    if len(names) < 2 or not len(vectors):
        return None
    known = encoder.encode_queries([example.text for example in labelled])
    of = np.array([names.index(example.labels[0]) for example in labelled])
    means = np.stack([known[of == place].mean(axis=0) for place in range(len(names))])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    scores = vectors @ means.T / np.float32(_TEMPERATURE)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
