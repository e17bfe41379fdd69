"""Targeting by the shop's own analysis and encoder, so that ads are found as products are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from openaisle.ads.campaign import Campaign
from openaisle.ads.targeting.targets import Targets
from openaisle.ads.targeting.topics import Topics
from openaisle.ads.targeting.words import words_of
from openaisle.language import Analyzer
from openaisle.models.protocol import Encoder


def aim_with(analyzer: Analyzer, encoder: Encoder | None) -> Callable[[Sequence[Campaign]], Targets]:
    """What makes targets of running campaigns. Without an encoder, topics find nothing. Topics are encoded as documents
    are, in one batch; raises `ModelError` when the encoder fails."""

    def aim(campaigns: Sequence[Campaign]) -> Targets:
        return Targets(campaigns, lambda text: words_of(analyzer, text), _topics(campaigns, encoder))

    return aim


def _topics(campaigns: Sequence[Campaign], encoder: Encoder | None) -> Topics | None:
    if encoder is None:
        return None
    cosines = encoder.identity.cosines

    def relevance(found: NDArray[np.float32]) -> NDArray[np.float32]:
        return cosines.relevance(found, np.zeros(len(found), np.bool_))

    return Topics(campaigns, encoder.encode_documents, relevance)
