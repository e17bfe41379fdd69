"""Connections that answer at once."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol


class PromptProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's own, without Nagle's delay.

    asyncio switches the delay off only on sockets made for TCP by name, which the one that uvicorn shares among several
    workers is not: an answer of two packets then waits for the client's delayed acknowledgement, some 40 ms.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:
        connection: Any = transport.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
