"""Query to ranked products: understand, retrieve, rank, arrange, present, each a step of `pipeline.py`."""
