"""The sample store: a department store that the project writes itself and ships as data, expanded without chance.

This room owns the hand-written kinds of goods, brands, colours and sentences (`FORMAT.md` says how they are written),
the rule that makes products from them, the drawn picture of each product, and the graded judgments of the store.
It knows nothing of the other rooms: it hands out plain dictionaries in the catalogue's own JSON form.
"""

from openaisle.sample.generate import products
from openaisle.sample.pictures import picture
from openaisle.sample.writing import judgments_path, write

__all__ = ["judgments_path", "picture", "products", "write"]
