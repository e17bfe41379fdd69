"""From a reranker's name in the settings to the reranker."""

from __future__ import annotations

from pathlib import Path

from openaisle.errors import ModelError
from openaisle.models.installed import installed_folder
from openaisle.models.protocol import Reranker
from openaisle.models.reranker import OnnxReranker

PACKAGE = "openaisle_reranker"
"""The distribution that holds the starter's reranker: data only, like the starter encoder."""


def open_reranker(name: str, *, threads: int = 0, registry: Path | None = None) -> Reranker | None:
    """The reranker of `starter`, `model:NAME@VERSION` (of the shop's own models in `registry`) or `onnx:FOLDER`; None
    for `none`. Raises `ModelError`, `ModelNotFound`."""
    kind, _, rest = name.partition(":")
    if kind == "none" and not rest:
        return None
    if kind == "starter" and not rest:
        return OnnxReranker.open(_starter_folder(), threads=threads)
    if kind == "model" and rest and registry is not None:
        from openaisle.models.registry import Registry

        return OnnxReranker.open(Registry(registry).get(rest).folder, threads=threads)
    if kind == "onnx" and rest:
        return OnnxReranker.open(Path(rest).expanduser(), threads=threads)
    raise ModelError(f"There is no reranker called {name!r}.", "Use none, starter, model:NAME@VERSION or onnx:FOLDER.")


def _starter_folder() -> Path:
    mend = "Install it with: pip install 'openaisle[reranker]', or set name = \"none\" under [reranker]."
    return installed_folder(PACKAGE, "The starter's reranker", mend)
