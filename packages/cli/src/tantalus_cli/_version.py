"""The text of `--version`."""

from __future__ import annotations

# Distributions that matter to a reader of a bug report, if they are installed.
_DISTRIBUTIONS = {
    "Tantalus": "tantalus",
    "Tantalus CLI": "tantalus-cli",
    "Werkzeug": "werkzeug",
}


def installed_versions() -> str:
    """Return one line each for Python and for what is installed of the family."""
    # Imported here: importlib.metadata takes as long to import as Click itself.
    import platform  # noqa: PLC0415 - see above
    from importlib import metadata  # noqa: PLC0415 - see above

    lines = [f"Python {platform.python_version()}"]
    for label, distribution in _DISTRIBUTIONS.items():
        try:
            lines.append(f"{label} {metadata.version(distribution)}")
        except metadata.PackageNotFoundError:
            continue
    return "\n".join(lines)
