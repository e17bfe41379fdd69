from __future__ import annotations

import socket

import pytest

from openaisle.cli.listening import listen
from openaisle.errors import PortInUse, SettingsError


def test_a_free_port_is_bound() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            assert port > 0


def test_a_taken_port_is_told() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no such host", "203.0.113.7", "x" * 300])
def test_an_address_that_is_not_of_this_machine_is_told(host: str) -> None:
    with pytest.raises(SettingsError) as caught:
        listen(host, 0)
    assert "address of this machine" in caught.value.mend
