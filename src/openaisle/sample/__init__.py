"""The sample store: a department store that the project writes itself and ships as data, expanded without chance.

This room owns the hand-written kinds of goods, brands, colours and sentences (`FORMAT.md` says how they are written),
the rule that makes products from them, the drawn picture of each product, the graded judgments of the store, and its
made-up shoppers (`behaviour`). It knows nothing of the other rooms: it hands out plain dictionaries in the JSON forms
of the catalogue and of the event log.
"""

from openaisle.sample.behaviour.events import events, write_events
from openaisle.sample.generate import products
from openaisle.sample.pictures import picture
from openaisle.sample.writing import judgments_path, write

__all__ = ["events", "judgments_path", "picture", "products", "write", "write_events"]
