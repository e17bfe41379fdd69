"""How large each part of a product may be. A larger value is refused or shortened, never stored as it is."""

from __future__ import annotations

ID_LENGTH = 256
TITLE_LENGTH = 1_000
DESCRIPTION_LENGTH = 100_000
NAME_LENGTH = 200
URL_LENGTH = 2_048
IMAGES = 100
CATEGORY_DEPTH = 20
LANGUAGES = 50
ATTRIBUTES = 500
ATTRIBUTE_LENGTH = 10_000
LIST_LENGTH = 1_000
RANKING_FIELDS = 100
PRICE = 1e9
COUNT = 10**12
LINE_BYTES = 1_000_000
"""A feed row longer than this is a reject, read past without being held in memory."""
