"""Files that are no feed, told by their first bytes: workbooks, archives, pictures."""

from __future__ import annotations

from openaisle.errors import FeedError

_SIGNATURES = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
    (b"%PDF-", "a PDF"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an XZ archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_MEND = "Unpack it, or save it as CSV (UTF-8); gzip may stay."


def refuse_foreign(head: bytes) -> None:
    """Raises `FeedError` for a file that is plainly something else than a feed."""
    kind = next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), None)
    if kind is not None:
        raise FeedError(f"The feed is {kind}.", _MEND)
