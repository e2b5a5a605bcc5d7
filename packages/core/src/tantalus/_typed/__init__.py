"""Views that are called with the data of the request: found, bound, described."""
