"""`python -m tantalus_cli` is the program `tantalus`."""

from __future__ import annotations

from tantalus_cli._group import main

main()
