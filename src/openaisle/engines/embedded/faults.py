"""What the disk refuses, in the words of a `StorageError`."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from openaisle.errors import StorageError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def storage_faults(doing: str) -> Iterator[None]:
    """Turn an operating system's refusal inside the block into a `StorageError`; `doing` begins its detail."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{doing} failed: {error.strerror or error}.", _mend(error)) from error


def _mend(error: OSError) -> str:
    if error.errno in _FULL:
        return "Free some disk space (or lift the file size limit) and try again; the index is as it was before."
    if error.errno in _FORBIDDEN:
        return "Make the shop's folder and its files writable for this user."
    return "Check the disk and the folder's permissions, then try again; the index is as it was before."
