"""The figures of a product that nobody writes by hand: stock, ratings, dates, GTIN. All follow from the id alone."""

import math
from datetime import UTC, datetime, timedelta
from hashlib import sha256

_OPENING = datetime(2023, 3, 1, tzinfo=UTC)
_DAYS = 1280


def share(name: str, use: str) -> float:
    """A number in [0, 1) that depends on the name and its use only, the same on every machine."""
    return int.from_bytes(sha256(f"{use}:{name}".encode()).digest()[:6]) / 2**48


def stock(product_id: str) -> int:
    """Pieces on hand; about one product in twelve is sold out."""
    portion = share(product_id, "stock")
    return 0 if portion < 1 / 12 else 1 + int(240 * portion**2)


def rating(name: str) -> float:
    """Mean stars, 3.6 to 4.9, most of them above 4.3."""
    return round(3.6 + 1.3 * math.pow(share(name, "rating"), 0.6), 1)


def rating_count(name: str) -> int:
    """Number of ratings, 2 to some 4,000, most of them small."""
    return int(2 * math.pow(2000, share(name, "count")))


def popularity(name: str) -> float:
    """0 to 1, high where there are many and good ratings."""
    demand = 0.7 * share(name, "count") + 0.2 * share(name, "trend") + 0.1 * (rating(name) - 3.6) / 1.3
    return round(min(demand, 1.0), 2)


def created_at(name: str) -> str:
    """The day the product came into the store, as an RFC 3339 time."""
    day = _OPENING + timedelta(days=int(_DAYS * share(name, "created")))
    return day.strftime("%Y-%m-%dT00:00:00Z")


def gtin(department: int, kind: int, model: int, variant: int) -> str:
    """A GTIN-13 from the range 200, which GS1 keeps free for use inside a shop, with its check digit."""
    body = f"200{department:02d}{kind:03d}{model:02d}{variant:02d}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """The GS1 check digit for the digits before it (weights 3, 1, 3, … from the right)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)
