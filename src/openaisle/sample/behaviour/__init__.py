"""Made-up shoppers of the sample store and what they do there. Nobody's real behaviour is in it.

Shoppers come for an errand and have a taste. They read the upper part of a page of judged answers, take what suits both
best, and are the same on every machine.
"""
