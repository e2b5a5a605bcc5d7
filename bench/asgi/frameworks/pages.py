"""What the page of every framework shows."""

SMALL = {"name": "Ada", "greeting": "<Good day>"}
