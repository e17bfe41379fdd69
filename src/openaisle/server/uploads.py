"""A feed in a request's body, written to disk as it comes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from openaisle.errors import BodyNotReadable, StorageError

_CHUNK = 1 << 20


async def _upload(request: Request) -> Path:
    """The path of a temporary file, which whoever ingests it deletes."""
    with tempfile.NamedTemporaryFile(prefix="openaisle-feed-", delete=False) as file:
        path = Path(file.name)
        try:
            written = 0
            buffer = bytearray()
            async for chunk in request.stream():
                buffer += chunk
                written += len(chunk)
                if len(buffer) >= _CHUNK:
                    await run_in_threadpool(file.write, bytes(buffer))
                    buffer.clear()
            await run_in_threadpool(file.write, bytes(buffer))
            if not written:
                raise BodyNotReadable("The body is empty.", "Send the feed's bytes as the body.")
        except OSError as error:
            path.unlink(missing_ok=True)
            raise StorageError(
                f"The feed cannot be kept: {error.strerror}.", "Make room for temporary files."
            ) from error
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path


UploadedFeed = Annotated[Path, Depends(_upload)]
