"""What a bi-encoder finds in the whole catalogue, as the comparison takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openaisle.learning.comparison.outcomes import Floats
from openaisle.learning.comparison.retrieval import catalogue_recall
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.examples import Example, JudgedQuery
from openaisle.learning.heads.match import MatchHead


def recall(head: object, examples: Sequence[Example], shelf: Shelf, at: int) -> Mapping[str, Floats]:
    """Recall among the nearest `at` of all the shop's products, for each judged query; nothing for another head, for
    examples that name no products, or with `at` 0. Products with the same text are encoded once."""
    judged = [example for example in examples if isinstance(example, JudgedQuery)]
    if not at or type(head) is not MatchHead or len(judged) < len(examples):
        return {}
    texts = {product.id: text for product in shelf if (text := shelf.text(product))}
    place = {text: number for number, text in enumerate(dict.fromkeys(texts.values()))}
    vectors = head.encode(list(place), "document")[[place[text] for text in texts.values()]]
    queries = head.encode([example.query for example in judged], "query")
    return {f"recall@{at}": catalogue_recall(examples, queries, vectors, list(texts), at)}
