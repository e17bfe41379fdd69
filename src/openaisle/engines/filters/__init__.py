"""The filter language: one typed expression, parsed once, that engines evaluate for terms, vectors and facets alike."""
