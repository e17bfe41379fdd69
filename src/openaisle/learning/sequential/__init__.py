"""Training the sequential method of recommending: a causal transformer over the products of a session, as in SASRec.

What it makes, `openaisle.recommend` runs with onnxruntime: a graph from products to one vector, and a vector for every
product, whose inner products are the scores.
"""

from openaisle.learning.sequential.train import Sequential

__all__ = ["Sequential"]
