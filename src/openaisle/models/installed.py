"""Model files that come as a Python distribution: data only, so that code and weights age apart."""

from __future__ import annotations

import importlib
from pathlib import Path

from openaisle.errors import ModelError


def installed_folder(package: str, what: str, mend: str) -> Path:
    """The folder that `package.path()` names. Raises `ModelError` saying that `what` is not installed."""
    try:
        module = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise ModelError(f"{what} is not installed.", mend) from None
    folder: Path = module.path()
    return folder
