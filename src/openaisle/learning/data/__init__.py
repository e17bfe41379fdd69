"""Data sets: from what a shop has (judgments, pairs, catalogue, labels, clicks) to examples in three splits that share
no query, with hard negatives and made-up queries where they are asked for, and a check of all of it before any
training. Imports no PyTorch and no shop: products, an encoder and a lexical search are handed in.
"""

from openaisle.learning.data.build import Build, Supplies, build, prepare
from openaisle.learning.data.clicks import Click, ClickSource
from openaisle.learning.data.digest import data_set
from openaisle.learning.data.files import read_data_set, read_examples, write_data_set
from openaisle.learning.data.replay import mix

__all__ = [
    "Build",
    "Click",
    "ClickSource",
    "Supplies",
    "build",
    "data_set",
    "mix",
    "prepare",
    "read_data_set",
    "read_examples",
    "write_data_set",
]
