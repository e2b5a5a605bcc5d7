"""`python -m tantalus` is the command line; where Flask is replaced, `-m flask` is."""

from __future__ import annotations

from .cli import main

main()
