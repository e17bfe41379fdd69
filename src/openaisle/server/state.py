"""The shop's state as metrics: read when Prometheus asks, never kept."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from openaisle.errors import OpenAisleError
from openaisle.models.cache import QueryCache
from openaisle.server.metrics import counter, gauge, info
from openaisle.shop import Shop


def state_metrics(shop: Shop) -> Iterator[Metric]:
    """`openaisle_up` is 0 while the store or the index cannot be read, and then nothing else is known."""
    try:
        status = shop.status()
    except OpenAisleError:
        yield gauge("openaisle_up", "Whether store and index can be read.", 0)
        return
    yield gauge("openaisle_up", "Whether store and index can be read.", 1)
    yield gauge("openaisle_products", "Products in the catalogue.", status.products)
    yield gauge("openaisle_index_pending_changes", "Changes that the index does not have yet.", status.pending_changes)
    labels = {"generation": str(status.generation), "encoder": str(status.encoder)}
    yield info("openaisle_index", "The index that answers.", labels)
    if isinstance(shop.encoder, QueryCache):
        counts = shop.encoder.counts
        yield counter("openaisle_query_cache_hits", "Queries whose vector was at hand.", counts.hits)
        yield counter("openaisle_query_cache_misses", "Queries that had to be encoded.", counts.misses)
        yield gauge("openaisle_query_cache_entries", "Query vectors kept.", counts.entries)
