from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from openaisle.events.click_models.pages import Impressions, Pages, pages_of

Written = tuple[str, str, Sequence[int]]
"""A query, the products shown from the top down (a letter each), the positions clicked."""
Write = Callable[..., Pages]


@pytest.fixture
def write() -> Write:
    """Pages as one writes them down."""

    def written(*pages: Written) -> Pages:
        queries = sorted({query for query, _, _ in pages})
        products = sorted({product for _, shown, _ in pages for product in shown})
        rows = [
            (page, queries.index(query), products.index(product), position, position in clicked)
            for page, (query, shown, clicked) in enumerate(pages)
            for position, product in enumerate(shown, start=1)
        ]
        page, of_query, of_product, position, clicked = (np.array(column) for column in zip(*rows, strict=True))
        return pages_of(Impressions(queries, products, page, of_query, of_product, position, clicked))

    return written
