"""openaisle.toml and the environment, read into frozen, typed settings."""
