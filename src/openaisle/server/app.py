"""The application: one shop behind routes, limits, keys, logs and metrics."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from openaisle import __version__
from openaisle.errors import SettingsError
from openaisle.server import problems
from openaisle.server.access import Access
from openaisle.server.body_limit import FEED_BYTES, BodyLimit
from openaisle.server.logs import configure, tell
from openaisle.server.metrics import Metrics
from openaisle.server.openapi import describe
from openaisle.server.rates import Rates
from openaisle.server.routes import ads, events, health, keys, products, recommendations, search, shoppers, tasks
from openaisle.server.service import Service
from openaisle.server.watch import Watch
from openaisle.server.worker import Worker
from openaisle.shop import Shop

SHOP_VARIABLE = "OPENAISLE_SHOP"
"""Names the shop's folder to `from_environment`."""

_DESCRIPTION = "Commerce search with a large model inside. Errors are problem documents (RFC 9457)."


def from_environment() -> FastAPI:
    """The application of the shop that OPENAISLE_SHOP names, for `uvicorn --factory` with any number of workers."""
    folder = os.environ.get(SHOP_VARIABLE)
    if not folder:
        raise SettingsError(
            f"{SHOP_VARIABLE} is not set.", "Set it to the folder of the shop, or use `openaisle serve`."
        )
    configure()
    shop = Shop.open(Path(folder))
    return create_app(shop, on_close=shop.close)


def create_app(shop: Shop, on_close: Callable[[], None] = lambda: None) -> FastAPI:
    """An application that serves `shop`; `on_close` is called when it shuts down, after the last task ended."""
    settings = shop.settings.server
    rates = Rates(-(-settings.rate // settings.workers))
    metrics = Metrics()
    access = Access(shop.keys, settings.keys, rates)
    service = Service(shop, access, metrics, Worker(shop.tasks))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(lambda: shop.encoder)  # loaded now, not in the first shopper's search
        await run_in_threadpool(service.worker.fail_orphans)
        demands = await run_in_threadpool(access.demands_keys)
        tell("serving", version=__version__, callers="with a key" if demands else "this machine only, no key asked for")
        yield
        await run_in_threadpool(service.worker.stop)
        await run_in_threadpool(on_close)
        tell("stopped")

    app = FastAPI(
        title="OpenAisle",
        version=__version__,
        summary="Commerce search in Chinese and English.",
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=lifespan,
        redirect_slashes=False,
        redoc_url=None,
    )
    app.state.service = service
    # routes are tried in this order: what is called most comes first
    for room in (search, events, products, recommendations, shoppers, ads, tasks, keys, health):
        app.include_router(room.router)
    problems.install(app)
    describe(app)
    _wrap(app, settings.cors, settings.body_limit, metrics)
    return app


def _wrap(app: FastAPI, origins: tuple[str, ...], body_limit: int, metrics: Metrics) -> None:
    """Middleware from the inside out; the last one added sees a request first."""

    def limit_of(scope: Scope) -> int:
        return FEED_BYTES if scope["path"] == "/v1/tasks/ingest" else body_limit

    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-Request-Id"],
            expose_headers=["X-Request-Id", "Location"],
        )
    app.add_middleware(BodyLimit, limit_of=limit_of)
    app.add_middleware(Watch, metrics=metrics)
