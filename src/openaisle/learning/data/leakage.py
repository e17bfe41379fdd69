"""Examples that would let a model see in training what it is tested on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openaisle.learning.data.grouped import Grouped
from openaisle.learning.data.keys import canonical, main_text
from openaisle.learning.data.near import Near
from openaisle.learning.data.split import Splits
from openaisle.learning.examples import Example


class HeldOut:
    """What is kept for later: does a text say the same, or nearly the same, as one of it?"""

    def __init__(self, examples: Iterable[Example]) -> None:
        texts = [main_text(example) for example in examples]
        self._keys = {canonical(text): text for text in texts}
        self._near = Near(texts)

    def like(self, text: str) -> str | None:
        """The held-out text that `text` gives away; None where there is none."""
        return self._keys.get(canonical(text)) or self._near.like(text)


def without_leaks(splits: Splits) -> Splits:
    """Training without what validation and test hold, validation without what test holds.

    Nothing moves: a test set stays what it was, whatever is added to the training data.
    """
    test = HeldOut(_examples(splits.test))
    validation = tuple(each for each in splits.validation if test.like(main_text(each.example)) is None)
    later = HeldOut(_examples((*validation, *splits.test)))
    train = tuple(each for each in splits.train if later.like(main_text(each.example)) is None)
    return Splits(train, validation, splits.test)


def leaks(earlier: Sequence[Example], later: Sequence[Example]) -> list[tuple[str, str]]:
    """Texts of `earlier` beside the texts of `later` that they give away, each pair once."""
    held = HeldOut(later)
    pairs = ((text, held.like(text)) for text in dict.fromkeys(map(main_text, earlier)))
    return [(text, found) for text, found in pairs if found is not None]


def _examples(grouped: Iterable[Grouped]) -> Iterable[Example]:
    return (each.example for each in grouped)
