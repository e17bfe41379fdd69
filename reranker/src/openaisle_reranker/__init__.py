"""The starter's reranker: model.onnx, tokenizer.json and manifest.json. Data only; `openaisle` runs them."""

from pathlib import Path

__version__ = "1.0.0"
__all__ = ["__version__", "path"]


def path() -> Path:
    """The folder that holds the files."""
    return Path(__file__).with_name("data")
