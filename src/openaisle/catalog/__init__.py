"""What is sold: products, the feeds they come in, how feed columns map onto them, and the log of their changes.

The catalogue in the store is the truth; every index can be thrown away and rebuilt from it.
"""
