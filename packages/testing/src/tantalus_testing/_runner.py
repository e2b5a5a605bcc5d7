"""Invoke commands without a process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import click
import click.testing

from ._errors import MissingCommandError

# The keyword arguments of Click's runner, which this one hands through.
RunnerArgument: TypeAlias = Any


class CliRunner(click.testing.CliRunner):
    """Click's runner for the commands of one app.

    Args:
        app: Anything; its `cli` group, if it has one, is the default command.
        kwargs: What Click's runner takes.
    """

    def __init__(self, app: object, **kwargs: RunnerArgument) -> None:
        super().__init__(**kwargs)
        self.app: object = app

    def make_obj(self) -> object:
        """Return the `obj` of the Click context of each call, None to leave it be.

        A framework overrides this to hand its commands the app under test.
        """
        return None

    def invoke(  # type: ignore[override] # the command is optional here
        self,
        cli: click.Command | None = None,
        args: str | Sequence[str] | None = None,
        **kwargs: RunnerArgument,
    ) -> click.testing.Result:
        """Invoke a command and return its output, exit status and exception.

        Args:
            cli: The command; by default the group `app.cli`.
            args: Its arguments, as a list, or as a line that is split like a shell's.
            kwargs: What Click's runner takes; `obj` defaults to `make_obj()`, if that
                gives one.

        Raises:
            MissingCommandError: Neither `cli` nor `app.cli` is there.
        """
        if cli is None:
            cli = getattr(self.app, "cli", None)
        if cli is None:
            raise MissingCommandError(self.app)
        made = self.make_obj() if "obj" not in kwargs else None
        if made is not None:  # given as None, a group would make none of its own
            kwargs["obj"] = made
        return super().invoke(cli, args, **kwargs)
