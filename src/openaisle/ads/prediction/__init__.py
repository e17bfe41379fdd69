"""How often an ad is clicked, and how often a click becomes an order, as rates that can be believed.

What a place adds is told apart from what an ad deserves, rates are calibrated on clicks that were not learnt from, and
what is not known well is explored.
"""
