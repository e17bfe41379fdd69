"""Where products are found: the protocol every engine keeps, the filter language, and the embedded engine."""
