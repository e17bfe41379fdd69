"""Logs as one JSON object a line: what was asked, how it ended and how long it took; never a key, never a query."""

from __future__ import annotations

import logging
import logging.config
from datetime import UTC, datetime

import orjson

NAME = "openaisle.server"
_FIELDS = "fields"


class JsonLines(logging.Formatter):
    """Formats a record; `extra={"fields": {…}}` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, _FIELDS, {})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure(level: str = "INFO") -> None:
    """Everything that this process logs goes to standard error as JSON lines, uvicorn's own words too."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": JsonLines}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
            },
            "loggers": {
                "openaisle": {"handlers": ["stderr"], "level": level, "propagate": False},
                "uvicorn": {"handlers": ["stderr"], "level": level, "propagate": False},
                "uvicorn.error": {"handlers": [], "level": level, "propagate": True},
                # each request has one line already, without the query string that uvicorn would show
                "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
            },
        }
    )


def tell(message: str, level: int = logging.INFO, **fields: object) -> None:
    """Log one event of the service with its fields."""
    logging.getLogger(NAME).log(level, message, extra={_FIELDS: fields})


def tell_fault(message: str, error: BaseException, **fields: object) -> None:
    """Log a fault of the program with its trace, for those who run it."""
    trace = (type(error), error, error.__traceback__)
    logging.getLogger(NAME).error(message, exc_info=trace, extra={_FIELDS: fields})
