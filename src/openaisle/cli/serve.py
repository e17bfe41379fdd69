"""`openaisle serve`: the HTTP service."""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from openaisle.cli.listening import listen
from openaisle.cli.parameters import shop_argument, text
from openaisle.errors import SettingsError

APPLICATION = "openaisle.server.app:from_environment"
PROTOCOL = "openaisle.server.connections:PromptProtocol"
SHOP_VARIABLE = "OPENAISLE_SHOP"
WORKERS_VARIABLE = "OPENAISLE_SERVER_WORKERS"
COUNTS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes put their counts, so that /metrics of any of them tells of all."""


@click.command()
@shop_argument
@click.option("--host", type=text, metavar="H", help="Address to listen on; without it, [server] host.")
@click.option("--port", type=click.IntRange(0, 65_535), metavar="P", help="Port; without it, [server] port. 0: any.")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Processes; without it, [server] workers.")
def serve(shop: Path, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve SHOP over HTTP until interrupted: /v1/search, /v1/products, /v1/health, /metrics; described at /docs."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        settings = opened.settings.server
        listener = listen(host or settings.host, settings.port if port is None else port)
        if settings.keys == "auto" and not opened.keys.list():
            _stay_on_this_machine(shop, listener)
    run(shop, listener, workers or settings.workers)


def _stay_on_this_machine(shop: Path, listener: socket.socket) -> None:
    address = listener.getsockname()[0]
    if not ip_address(address.partition("%")[0]).is_loopback:
        listener.close()
        raise SettingsError(
            f"Other machines could connect to {address}, and no key was ever made.",
            f"Make one with: openaisle keys create {shop} NAME, or listen on 127.0.0.1.",
        )


def run(shop: Path, listener: socket.socket, workers: int) -> None:
    """Answer where the socket is bound until interrupted. The socket is released: uvicorn binds its own."""
    with listener:
        host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Serving {shop} on http://{shown}:{port} (Ctrl-C ends it)", err=True)
    _serve(shop, host, port, workers)


def _serve(shop: Path, host: str, port: int, workers: int) -> None:
    """Workers are fresh processes, so they learn the shop's folder and their own number from the environment."""
    import uvicorn

    os.environ[SHOP_VARIABLE] = str(shop.resolve())
    os.environ[WORKERS_VARIABLE] = str(workers)
    with TemporaryDirectory(prefix="openaisle-metrics-") as counts:
        if workers > 1:
            os.environ.setdefault(COUNTS_VARIABLE, counts)
        uvicorn.run(
            APPLICATION,
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http=PROTOCOL,
            log_config=None,
            access_log=False,
            server_header=False,
        )
