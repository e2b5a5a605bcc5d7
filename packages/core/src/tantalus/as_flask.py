"""Importing this module makes `import flask` mean Tantalus.

As a program it does so for another one, as a pytest plugin for the tests:

    python -m tantalus.as_flask -m gunicorn app:app
    python -m tantalus.as_flask script.py
    pytest -p tantalus.as_flask

It holds in the processes that `multiprocessing` starts too, and in those that start
over with the same command, as the reloader does. Any other Python that a program starts
is one of its own: let a `sitecustomize` import this module there.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from ._flask._children import replace_in_children
from ._flask._drop_in import FlaskAlreadyImported, install_as_flask

__all__ = ["FlaskAlreadyImported", "install_as_flask", "main"]


def main(arguments: list[str]) -> None:
    """Run a module (`-m name …`) or script (`path …`) with Flask replaced.

    Raises:
        SystemExit: Nothing to run was named.
    """
    match arguments:
        case ["-m", module, *rest]:
            sys.argv = [module, *rest]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case [script, *rest]:
            sys.argv = [script, *rest]
            # Python itself would look for modules beside the script.
            sys.path[0] = str(Path(script).resolve().parent)
            runpy.run_path(script, run_name="__main__")
        case _:
            raise SystemExit("usage: python -m tantalus.as_flask (-m MODULE | SCRIPT)")


install_as_flask()
replace_in_children()

if __name__ == "__main__":
    main(sys.argv[1:])
