"""Auctions of the places on a page: who stands where, and what a click costs.

Bidders are ranked by bid times quality. Prices per click are exact fractions of minor units; see `money.rounded`.
"""

from openaisle.ads.auction.bids import Award, Bid, quality_of
from openaisle.ads.auction.gsp import generalised_second_price
from openaisle.ads.auction.vcg import vickrey_clarke_groves

__all__ = ["Award", "Bid", "generalised_second_price", "quality_of", "vickrey_clarke_groves"]
