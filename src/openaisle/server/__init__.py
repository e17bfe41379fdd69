"""The HTTP service: one router file a resource under /v1, over one `Shop`. Owns the scopes of keys, limits on requests,
problem documents, request logs and metrics; decides nothing about products or ranking."""
