"""A market to try the whole room on: made-up advertisers, shoppers and a day of searches, the same for the same seed.

The shoppers are made up; targeting, auction, pacing, caps, tokens and bills are the real ones.
"""
