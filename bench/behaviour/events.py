"""How fast events are taken: in bulk from a file, one by one over HTTP, and read back.

    python -m bench.behaviour.events [--events 200000] [--store URL] [--seconds 10] [--clients 32] [--workers 1]

The events are a seeded simulation: shoppers who ask, see a page of products, click some, buy few. Beside wall time
stands the processor time of the process that does the work (for HTTP the service's), which says what a busy machine
would reach with a core to itself. The HTTP clients run on the same machine and take their share of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from openaisle.catalog.product import Product
from openaisle.events.importing import import_events
from openaisle.events.selection import Among
from openaisle.settings.editing import set_value
from openaisle.shop import Shop

PRODUCTS = 20_000
SHOPPERS = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--store", help="a PostgreSQL URL; without it, SQLite")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--workers", type=int, default=1, help="processes of the service")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder, file = Path(work) / "shop", Path(work) / "events.jsonl"
        write_events(file, asked.events, asked.seed)
        make_shop(folder, asked.store)
        load = os.getloadavg()[0]
        print(f"{os.cpu_count()} cores, load before the start {load:.1f}, {'PostgreSQL' if asked.store else 'SQLite'}")
        print(f"{'what':38} {'events':>9} {'seconds':>8} {'a second':>9} {'CPU s':>7} {'a CPU second':>12}")
        bulk(folder, file)
        set_value(folder, "server", "workers", asked.workers)
        single(folder, asked.seconds, asked.clients)


def bulk(folder: Path, file: Path) -> None:
    with Shop.open(folder) as shop:
        before = shop.events.latest()
        with timed("import of JSONL, end to end") as done:
            result = import_events(shop.events, file)
            done.append(result.appended.accepted)
        assert shop.events.latest() - before == result.appended.accepted, "every acknowledged event is numbered"
        with timed("the same file again (all repeated)") as done:
            again = import_events(shop.events, file)
            done.append(again.appended.repeated)
        assert again.appended.accepted == 0
        with timed("read as Event") as done:
            done.append(sum(1 for _ in shop.events.read()))
        with timed("read as Arrow") as done:
            done.append(shop.events.arrow(among=Among.ALL).num_rows)


def single(folder: Path, seconds: float, clients: int) -> None:
    with serving(folder) as (port, process):
        for many in (1, clients):
            before = processor_seconds(process)
            done, failed, latencies = asyncio.run(send(port, seconds, many))
            latencies.sort()
            row(f"one by one over HTTP, {many} at a time", done, seconds, processor_seconds(process) - before)
            p50, p99 = latencies[len(latencies) // 2] * 1000, latencies[len(latencies) * 99 // 100] * 1000
            print(f"{'':38} p50 {p50:.1f} ms, p99 {p99:.1f} ms, {failed} failed")


async def send(port: int, seconds: float, clients: int) -> tuple[int, int, list[float]]:
    """Sends one event a request on kept connections; the plainest client there can be, since it shares the machine."""
    latencies: list[float] = []
    failed = 0
    end = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (started := time.perf_counter()) < end:
            body = orjson.dumps(
                {
                    "id": uuid.uuid4().hex,
                    "kind": "click",
                    "time": int(time.time() * 1000),
                    "shopper": f"s{random.randrange(SHOPPERS)}",
                    "session": uuid.uuid4().hex,
                    "query_id": "q1",
                    "product_id": f"p{random.randrange(PRODUCTS)}",
                    "position": 3,
                    "source": "search",
                }
            )
            writer.write(
                b"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            answer = await reader.readexactly(length)
            latencies.append(time.perf_counter() - started)
            failed += not (head.startswith(b"HTTP/1.1 200") and b'"accepted":1' in answer)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return len(latencies) - failed, failed, latencies


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, int]]:
    """The port and the process of a service."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "openaisle", "serve", str(folder), "--port", str(port)]
    environment = {**os.environ, "OPENAISLE_ENCODER_NAME": "none"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield port, process.pid
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    for _ in range(1200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/ready", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the service did not start")


def make_shop(folder: Path, store: str | None) -> None:
    os.environ["OPENAISLE_ENCODER_NAME"] = "none"
    Shop.create(folder).close()
    if store:
        set_value(folder, "store", "url", store)
    with Shop.open(folder) as shop:
        shop.catalog.upsert(Product(id=f"p{number}", title={"en": f"Product {number}"}) for number in range(PRODUCTS))


def write_events(file: Path, events: int, seed: int) -> None:
    chance = random.Random(seed)
    with file.open("w", encoding="utf-8") as out:
        for event in simulated(events, chance):
            out.write(json.dumps(event) + "\n")


def simulated(events: int, chance: random.Random) -> Iterator[dict[str, object]]:
    clock, made = 1_750_000_000_000, 0
    while made < events:
        clock += chance.randrange(400)
        query_id = f"{chance.getrandbits(64):016x}"
        own = {"shopper": f"s{chance.randrange(SHOPPERS)}", "session": f"v{query_id}", "query_id": query_id}
        for event in page(chance, clock):
            yield {"id": str(uuid.UUID(int=chance.getrandbits(128))), **own, **event}
            made += 1
            if made == events:
                return


def page(chance: random.Random, clock: int) -> Iterator[dict[str, object]]:
    yield {"kind": "query", "time": clock, "query": f"query {chance.randrange(5000)}", "source": "search"}
    for position in range(1, 11):
        product = f"p{int(chance.random() ** 2 * PRODUCTS)}"
        seen = {"product_id": product, "position": position, "source": "search"}
        yield {"kind": "impression", "time": clock + 50, **seen}
        if chance.random() < 0.3 / position:
            yield {"kind": "click", "time": clock + 3000 * position, **seen}
            if chance.random() < 0.1:
                yield {"kind": "order", "time": clock + 90_000, **seen, "price": 12.5, "currency": "EUR"}


@contextmanager
def timed(what: str) -> Iterator[list[int]]:
    """Prints a row; the block appends to the list how many events it handled."""
    events: list[int] = []
    wall, processor = time.perf_counter(), time.process_time()
    yield events
    row(what, sum(events), time.perf_counter() - wall, time.process_time() - processor)


def row(what: str, events: int, seconds: float, processor: float) -> None:
    rates = f"{seconds:8.2f} {events / seconds:9,.0f} {processor:7.2f} {events / processor:12,.0f}"
    print(f"{what:38} {events:9,} {rates}", flush=True)


def processor_seconds(process: int) -> float:
    """What a process and those that it started have used so far (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    started = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return own + sum(processor_seconds(int(child)) for child in started)


if __name__ == "__main__":
    main()
