"""SHA256SUMS of a version: the hash of every file, and which kinds of file a version may hold at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from openaisle.errors import ModelError
from openaisle.models.manifest import PICKLES

FILE = "SHA256SUMS"
"""In the format of `sha256sum`, so that `sha256sum -c SHA256SUMS` checks it, too."""

_WEIGHTS = (".onnx", ".safetensors")
_TOKENIZERS = (".json", ".txt", ".model", ".spm", ".jinja")
_READING = ("", ".md", ".html", ".jsonl", ".toml", ".tsv", ".csv", ".png", ".svg")
_ALLOWED = frozenset((*_WEIGHTS, *_TOKENIZERS, *_READING))
_ARCHIVE = b"PK\x03\x04"
_MAX_SUMS_BYTES = 1 << 20


def refuse_code(folder: Path) -> None:
    """Raise `ModelError` for any file that could run code when it is loaded, whatever it is called."""
    for path in _files(folder):
        with path.open("rb") as file:
            head = file.read(16)
        pickled = path.suffix in PICKLES or _is_pickled(path, head)
        if pickled:
            raise ModelError(
                f"{path} is pickled or packed, and what is pickled can run code when it is loaded, so it never is.",
                "Save weights as safetensors and graphs as ONNX.",
            )
        if path.suffix not in _ALLOWED:
            raise ModelError(
                f"{path} is of a kind that a model does not consist of.",
                "A version holds ONNX, safetensors, JSON and text, and nothing else.",
            )


def write_sums(folder: Path) -> None:
    lines = [f"{_sum(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files(folder) if path.name != FILE]
    (folder / FILE).write_text("".join(lines), encoding="utf-8")


def verify_sums(folder: Path) -> None:
    """Raise `ModelError` where a file is missing, added or not the one that was written."""
    stated = _stated(folder)
    found = {path.relative_to(folder).as_posix(): path for path in _files(folder) if path.name != FILE}
    for name in sorted(stated.keys() ^ found.keys()):
        what = "is missing" if name in stated else "was not there when the model was made"
        raise ModelError(f"{folder / name} {what}.", _MEND)
    for name, path in found.items():
        if _sum(path) != stated[name]:
            raise ModelError(f"{path} is corrupt: its SHA-256 is not the one in {FILE}.", _MEND)


def _is_pickled(path: Path, head: bytes) -> bool:
    """Python's pickle begins with 0x80 and its protocol; PyTorch packs one into an archive. The length that begins a
    safetensors file may look like the former, so there the brace behind it decides."""
    if path.suffix == ".safetensors":
        return head[8:9] != b"{"
    return head.startswith(_ARCHIVE) or (len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5)


def _files(folder: Path) -> Iterator[Path]:
    """Every file under the folder, in one order; a link may lead anywhere, so it is refused."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise ModelError(f"{path} is a link, and a model keeps its files itself.", _MEND)
        if path.is_file():
            yield path


def _stated(folder: Path) -> dict[str, str]:
    try:
        with (folder / FILE).open("rb") as file:
            lines = file.read(_MAX_SUMS_BYTES).decode("utf-8").splitlines()
        return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except FileNotFoundError:
        raise ModelError(f"{folder} has no {FILE}: no training of this shop left it.", _MEND) from None
    except (OSError, ValueError):
        raise ModelError(f"{folder / FILE} cannot be read.", _MEND) from None


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_MEND = "Train the model again, or restore its folder from a backup."
