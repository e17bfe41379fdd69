"""JSON answers, encoded as fast as they can be; routes have already shaped what they give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.responses import Response

from openaisle.server.problems import encoded


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encoded(body), status, dict(headers or {}), "application/json")
