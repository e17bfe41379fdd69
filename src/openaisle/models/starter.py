"""The starter encoder: Chinese and English, in a distribution of its own so that code and weights age apart."""

from __future__ import annotations

import importlib
from pathlib import Path

from openaisle.errors import ModelError

PACKAGE = "openaisle_starter"


def starter_folder() -> Path:
    """Where the installed starter keeps its files. Raises `ModelError` when it is not installed."""
    try:
        package = importlib.import_module(PACKAGE)
    except ModuleNotFoundError as error:
        if error.name != PACKAGE:
            raise
        raise ModelError(
            "The starter encoder is not installed.",
            'Run `pip install openaisle-starter`, or set name = "none" under [encoder] to search by words alone.',
        ) from None
    folder: Path = package.path()
    return folder
