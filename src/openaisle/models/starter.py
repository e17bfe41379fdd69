"""The starter encoder: Chinese and English, in a distribution of its own."""

from __future__ import annotations

from pathlib import Path

from openaisle.models.installed import installed_folder

PACKAGE = "openaisle_starter"


def starter_folder() -> Path:
    """Where the installed starter keeps its files. Raises `ModelError` when it is not installed."""
    mend = 'Run `pip install openaisle-starter`, or set name = "none" under [encoder] to search by words alone.'
    return installed_folder(PACKAGE, "The starter encoder", mend)
