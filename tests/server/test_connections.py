"""Connections answer at once, whatever socket they were accepted on."""

from __future__ import annotations

import socket

import pytest
from uvicorn.config import Config
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from openaisle.cli.serve import PROTOCOL
from openaisle.server.connections import PromptProtocol


class Transport:
    def __init__(self, connection: socket.socket | None) -> None:
        self._connection = connection

    def get_extra_info(self, name: str) -> socket.socket | None:
        return self._connection if name == "socket" else None


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Transports that uvicorn's own protocol was handed."""
    handed: list[object] = []
    monkeypatch.setattr(AutoHTTPProtocol, "connection_made", lambda self, transport: handed.append(transport))
    return handed


def _connect(connection: socket.socket | None) -> None:
    PromptProtocol.__new__(PromptProtocol).connection_made(Transport(connection))  # type: ignore[arg-type]


def test_a_socket_that_does_not_name_tcp_waits_for_nothing(made: list[object]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        assert not connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        _connect(connection)
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert len(made) == 1


def test_other_sockets_and_none_are_left_alone(made: list[object]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        _connect(connection)
    _connect(None)
    assert len(made) == 2


def test_the_service_is_run_with_it() -> None:
    config = Config(lambda: None, http=PROTOCOL)
    config.load()
    assert config.http_protocol_class is PromptProtocol
