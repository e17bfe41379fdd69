"""One method a file: each learns from interactions, scores products for a context, and saves itself as plain arrays."""
