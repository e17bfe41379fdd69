"""A bound socket for the HTTP service, or a clear word on why there is none."""

from __future__ import annotations

import errno
import socket

from openaisle.errors import PortInUse, SettingsError

_BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a taken port is told before any worker starts. Port 0 takes any free one."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise SettingsError(f"The host {host} is not known.", "Use 127.0.0.1 or an address of this machine.") from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _refused(error, host, port) from None
    listener.set_inheritable(True)
    return listener


def _refused(error: OSError, host: str, port: int) -> PortInUse | SettingsError:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(
            f"Port {port} on {host} is in use.", "Choose another with --port, or stop the process that listens there."
        )
    return SettingsError(
        f"Cannot listen on {host} port {port}: {error.strerror}.",
        "Use an address of this machine and a port of 1024 or more.",
    )
