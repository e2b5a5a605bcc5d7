"""Releases of single packages: the plan, the release, its archives and their trial."""
