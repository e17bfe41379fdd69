"""What every click model is: something that is fitted to pages, and then tells clicks of other pages beforehand."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from openaisle.events.click_models.estimates import Estimates
from openaisle.events.click_models.pages import Floats, Pages, Pairs


class Fitted(Protocol):
    """A click model with its parameters. It answers for any pages that share its `pairs`."""

    @property
    def name(self) -> str: ...

    @property
    def pairs(self) -> Pairs: ...

    @property
    def relevance(self) -> Estimates:
        """How well each pair's product answers its query."""
        ...

    @property
    def examination(self) -> Floats | None:
        """How likely each position is looked at, the likeliest being 1; None where that hangs on the clicks above."""
        ...

    def attractiveness(self, query: str, product: str) -> float | None:
        """How likely the product is clicked when it is looked at, 0 to 1; None where it was never shown."""
        ...

    def probabilities(self, pages: Pages) -> Floats:
        """For each row how likely it is clicked, nothing being known of the other rows."""
        ...

    def given_above(self, pages: Pages) -> Floats:
        """For each row how likely it is clicked, the clicks above it on the page being known."""
        ...


@runtime_checkable
class ClickModel(Protocol):
    @property
    def name(self) -> str: ...

    def fit(self, pages: Pages) -> Fitted: ...
