"""Running models, never training them: the encoder protocol, its backends and the cache of query vectors."""
