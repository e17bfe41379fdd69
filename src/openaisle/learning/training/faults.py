"""What the disk and the libraries report while training, as errors that say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from openaisle.errors import StorageError, TrainingError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_WORDS = ("no space left", "disk quota", "file too large", "failed writing file", "unexpected pos", "os error 28")
_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


@contextmanager
def told_faults(folder: Path) -> Iterator[None]:
    """Turn a full disk and exhausted memory into errors of ours; anything else passes as it is."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full(folder) from error
        raise
    except (RuntimeError, SafetensorError) as error:  # what torch and safetensors raise while writing and allocating
        said = str(error).lower()
        if any(words in said for words in _FULL_WORDS):
            raise _full(folder) from error
        if any(words in said for words in _MEMORY_WORDS):
            raise TrainingError(
                "The memory is not enough for this training.",
                "Lower train.batch_size (and raise train.accumulation), model.max_tokens, or take a smaller base.",
            ) from error
        raise


def _full(folder: Path) -> StorageError:
    return StorageError(
        f"The disk is full: a checkpoint in {folder} could not be written.",
        "Free some space and go on with --resume; the checkpoints before it are kept.",
    )
