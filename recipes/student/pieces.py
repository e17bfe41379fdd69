"""Which pieces of the vocabulary the student keeps: those that open text needs most.

Every single character, so that what is not kept whole is spelt out; then the pieces of the student's own texts and of
English word lists (Debian's wamerican-large and wbritish), the most frequent first. No evaluation data decide.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

_AT_A_TIME = 4096
_SHORT = 6
"""Letters up to which a word is expected in capitals, too, as titles of goods have it."""


def kept(tokenizer: Any, texts: Sequence[str], word_lists: Iterable[Path], count: int) -> list[int]:
    """Ids of `count` pieces, ascending."""
    scored = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["vocab"]
    ids = {index for index, (piece, _) in enumerate(scored) if len(piece.removeprefix("▁")) <= 1}
    ids.update(tokenizer.all_special_ids)
    used = _used(tokenizer, texts) + _used(tokenizer, [form for path in word_lists for form in _forms(path)])
    wanted = sorted(range(len(scored)), key=lambda index: (-used[index], -scored[index][1]))
    ids.update([index for index in wanted if index not in ids][: max(count - len(ids), 0)])
    return sorted(ids)


def _used(tokenizer: Any, texts: Sequence[str]) -> Counter[int]:
    used: Counter[int] = Counter()
    for start in range(0, len(texts), _AT_A_TIME):
        read = tokenizer(list(texts[start : start + _AT_A_TIME]), add_special_tokens=False)["input_ids"]
        used.update(index for row in read for index in row)
    return used


def _forms(path: Path) -> list[str]:
    words = {word for word in path.read_text(encoding="utf-8").split() if not word.endswith("'s")}
    return [*words, *(word.capitalize() for word in words), *(word.upper() for word in words if len(word) <= _SHORT)]
