"""Sponsored products: who may advertise on what, what a place costs, and what was spent, to the last minor unit.

Campaigns say what they pay for a click and where; targeting finds those that fit a query; a floor keeps out what
answers it worse than the page does; prediction says how often an ad is clicked; an auction gives places and prices;
pacing spreads a budget over the day; the ledger bills. Money is whole minor units throughout, never a float.
"""
