"""Commerce search with a large model inside, for shops that speak Chinese and English."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openaisle.catalog.changes import Patch
    from openaisle.catalog.product import Product
    from openaisle.errors import OpenAisleError
    from openaisle.search.request import Mode, SearchRequest
    from openaisle.search.response import Hit, SearchResponse
    from openaisle.shop import Shop

__version__ = "0.1.0"

__all__ = [
    "Hit",
    "Mode",
    "OpenAisleError",
    "Patch",
    "Product",
    "SearchRequest",
    "SearchResponse",
    "Shop",
    "__version__",
]

_HOMES = {
    "Hit": "openaisle.search.response",
    "Mode": "openaisle.search.request",
    "OpenAisleError": "openaisle.errors",
    "Patch": "openaisle.catalog.changes",
    "Product": "openaisle.catalog.product",
    "SearchRequest": "openaisle.search.request",
    "SearchResponse": "openaisle.search.response",
    "Shop": "openaisle.shop",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used, so that `openaisle --version` need not wait for a model."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
