"""What every route works with, made once for an application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from openaisle.server.access import Access
from openaisle.server.metrics import Metrics
from openaisle.server.worker import Worker
from openaisle.shop import Shop


@dataclass(frozen=True, slots=True)
class Service:
    """A shop and what stands around it."""

    shop: Shop
    access: Access
    metrics: Metrics
    worker: Worker


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]
