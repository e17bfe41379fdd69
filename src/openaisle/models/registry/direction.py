"""Which way a metric improves: what gates, checkpoints, tuning and reports must agree on."""

from __future__ import annotations

LOWER_IS_BETTER = frozenset(
    {"loss", "perplexity", "mae", "mse", "rmse", "mean_absolute_error", "mean_squared_error", "brier"}
)


def higher_is_better(metric: str) -> bool:
    return metric not in LOWER_IS_BETTER
