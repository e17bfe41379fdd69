"""One file a resource: each has a `router` that the application includes."""
