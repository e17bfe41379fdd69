"""What Prometheus is told: requests and search steps as they happen, the shop's state when it asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STEP_SECONDS = (0.0001, 0.00025, 0.0005, *_SECONDS[:-2])

State = Callable[[], Iterable[Metric]]


class Metrics:
    """The counters of one application. With PROMETHEUS_MULTIPROC_DIR set, they are summed over its processes."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "openaisle_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._latency = Histogram(
            "openaisle_http_request_seconds",
            "Time to answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._steps = Histogram(
            "openaisle_search_step_seconds",
            "Time a step of a search took.",
            ("step",),
            buckets=_STEP_SECONDS,
            registry=self._registry,
        )
        self._empty = Counter(
            "openaisle_searches_without_hits", "Searches that found nothing.", registry=self._registry
        )

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._latency.labels(known, route).observe(seconds)

    def count_search(self, timings: Mapping[str, float], total: int) -> None:
        """`timings` are milliseconds per step."""
        for step, milliseconds in timings.items():
            self._steps.labels(step).observe(milliseconds / 1000)
        if total == 0:
            self._empty.inc()

    def exposition(self, state: State) -> bytes:
        """Everything in Prometheus' text format, with `state` read now."""
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        snapshot = CollectorRegistry()
        snapshot.register(_Fixed(list(state())))
        return generate_latest(registry) + generate_latest(snapshot)


class _Fixed(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def gauge(name: str, description: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, description, value)


def counter(name: str, description: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, description, value)


def info(name: str, description: str, labels: Mapping[str, str]) -> InfoMetricFamily:
    return InfoMetricFamily(name, description, dict(labels))
