"""The embedded engine: one folder of immutable, memory-mapped segments, many readers, one writer, no server.

Every segment holds the same four things side by side: an inverted index for terms, columns for filters, facets and
sorting, vectors with an index over them, and the ids. All of them number their rows alike, so a filter is a mask that
serves lexical search, dense search and facets at once.
"""
