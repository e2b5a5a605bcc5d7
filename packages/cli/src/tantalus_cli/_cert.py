"""Option types of `run`: certificates, and lists of paths."""

from __future__ import annotations

import os
from typing import TypeAlias

import click

# A path, a pair of paths, "adhoc", or an `ssl.SSLContext`, whose module is not
# imported here.
Certificate: TypeAlias = object


class CertParamType(click.ParamType):  # type: ignore[type-arg] # not generic in 8.1
    """A certificate file, the word `adhoc`, or the import path of an `SSLContext`."""

    name = "path"
    path_type = click.Path(dir_okay=False, exists=True, resolve_path=True)

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Certificate:
        """Return the resolved path, `"adhoc"`, or the imported context.

        Raises:
            click.BadParameter: It is none of these, or what it needs is missing.
        """
        if not _has_ssl():
            self.fail(
                "HTTPS needs a Python that was built with its 'ssl' module.",
                param,
                ctx,
            )
        try:
            return self.path_type(str(value), param, ctx)
        except click.BadParameter as err:
            text = str(value)
            if text.lower() == "adhoc":
                return self._adhoc(param, ctx)
            context = _import_context(text)
            if context is None:
                self.fail(
                    f"{err.message} Give the file of a certificate, 'adhoc', or an"
                    " SSLContext as 'module:name'.",
                    param,
                    ctx,
                )
            return context

    def _adhoc(self, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            import cryptography  # noqa: F401, PLC0415 - an optional dependency
        except ImportError:
            self.fail(
                "An 'adhoc' certificate needs the cryptography library."
                " Run 'pip install cryptography'.",
                param,
                ctx,
            )
        return "adhoc"


class SeparatedPathType(click.Path):
    """Paths in one text, separated as the system does it: `:`, on Windows `;`."""

    def convert(  # type: ignore[override] # several paths where click.Path gives one
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> list[str | bytes | os.PathLike[str]]:
        """Return the paths, each checked as `click.Path` does.

        Raises:
            click.BadParameter: One of them does not pass.
        """
        convert = super().convert
        items = self.split_envvar_value(os.fspath(value))
        return [convert(item, param, ctx) for item in items]


def validate_key(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> str | None:
    """Join `--key` to the certificate in `ctx`, as the pair of paths that it needs.

    Raises:
        click.BadParameter: A key without a certificate, a certificate file without a
            key, or a key for something that has its own.
    """
    certificate = ctx.params.get("cert")
    if value is None:
        if isinstance(certificate, str | bytes) and certificate != "adhoc":
            raise click.BadParameter(
                "Required when '--cert' is a file. Add '--key FILE'.", ctx, param
            )
        return None
    if not certificate:
        raise click.BadParameter(
            "There is no certificate to this key. Add '--cert FILE'.", ctx, param
        )
    if certificate == "adhoc" or not isinstance(certificate, str | bytes):
        raise click.BadParameter(
            "Not used when '--cert' is 'adhoc' or an SSLContext. Leave it out.",
            ctx,
            param,
        )
    ctx.params["cert"] = certificate, value
    return value


def check_certificate(certificate: Certificate) -> None:
    """Try to load a pair of files before a server does.

    Raises:
        click.UsageError: The files are no certificate with its key.
    """
    if not isinstance(certificate, tuple):
        return
    # Imported here: only HTTPS needs it (8 ms of every start).
    import ssl  # noqa: PLC0415 - see above

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*certificate)
    except (ssl.SSLError, OSError) as err:
        raise click.UsageError(
            f"Certificate {certificate[0]!r} with key {certificate[1]!r} cannot be"
            f" used: {err}. Give a PEM certificate and the private key it belongs to."
        ) from None


def _has_ssl() -> bool:
    try:
        import ssl  # noqa: F401, PLC0415 - missing in some builds of Python
    except ImportError:
        return False
    return True


def _import_context(path: str) -> Certificate | None:
    # Imported here: only HTTPS needs them.
    import ssl  # noqa: PLC0415 - see above

    from werkzeug.utils import import_string  # noqa: PLC0415 - see above

    # Also, `import_string` raises another error for what has an empty part.
    if not all(part.isidentifier() for part in path.replace(":", ".").split(".")):
        return None
    found: object = import_string(path, silent=True)
    return found if isinstance(found, ssl.SSLContext) else None
