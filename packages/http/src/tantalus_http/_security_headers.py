"""Headers that tell browsers what they must not do with an answer.

They are put together once; each answer gets a copy of what its scheme asks for. What is
set by hand stays. A policy for content (CSP) may have a nonce, which is different for
each answer: scripts and styles without it do not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import urandom
from typing import Any, Literal, TypeAlias

from werkzeug.datastructures import Headers

from ._headers import DirectHeaders, check_header
from ._origins import read_origins

#: Directives of a policy with their sources: a text, or several.
ContentPolicy: TypeAlias = Mapping[str, str | Iterable[str]]
Frames: TypeAlias = Literal["same-origin", "nowhere", "anywhere"] | Iterable[str]

# The source that stands for the nonce of an answer.
_NONCE = "'nonce'"
_YEAR = 31_536_000
_FRAME_OPTIONS = {"same-origin": "SAMEORIGIN", "nowhere": "DENY", "anywhere": None}
# What ends a source or a directive.
_ENDS = frozenset(";, \t")
# What most answers have: none is of ours.
_OTHERS = frozenset(
    {"Content-Type", "Content-Length", "Set-Cookie", "Vary", "Location"}
)
_NOT_MODIFIED = 304
# Keywords of CSP 3 §2.3.1 without their quotes.
_KEYWORDS = frozenset(
    {"self", "none", "nonce", "strict-dynamic", "unsafe-eval", "unsafe-hashes"}
    | {"unsafe-inline", "wasm-unsafe-eval", "report-sample"}
)
# Directives whose words are names of somebody's own.
_WITH_NAMES = frozenset({"report-to", "report-uri", "trusted-types"})
# Referrer Policy (W3C) §3.
_REFERRER = frozenset(
    {"no-referrer", "no-referrer-when-downgrade", "origin", "same-origin"}
    | {"origin-when-cross-origin", "strict-origin", "unsafe-url"}
    | {"strict-origin-when-cross-origin"}
)


class SecurityHeadersError(ValueError):
    """A value that browsers would not understand."""


def new_nonce() -> str:
    """Return a nonce that nobody can guess."""
    return urandom(16).hex()


class SecurityHeaders:
    """What each answer tells browsers not to do.

    Args:
        nosniff: Do not guess the type of content.
        frames: Whose pages may show this one in a frame: "same-origin", "nowhere",
            "anywhere", or a list of origins besides the own.
        referrer: What other sites are told of the page that a link is on.
        opener: Who may reach the window of the page, over https.
        hsts: Seconds for which the host is only asked by https, once it was; None to
            say nothing. A browser can't be made to forget it.
        hsts_subdomains: Whether that holds for the subdomains.
        csp: Directives of a policy for content. The source "'nonce'" stands for the
            nonce of the answer.
        report_only: Have what the policy forbids reported, and not stopped.
        permissions: What `Permissions-Policy` says.

    Raises:
        SecurityHeadersError: A value that browsers would not understand.
        NoOrigin: An entry of `frames` is no origin.
    """

    def __init__(
        self,
        *,
        nosniff: bool = True,
        frames: Frames = "same-origin",
        referrer: str | None = "strict-origin-when-cross-origin",
        opener: str | None = "same-origin-allow-popups",
        hsts: int | None = _YEAR,
        hsts_subdomains: bool = False,
        csp: ContentPolicy | None = None,
        report_only: bool = False,
        permissions: str | None = None,
    ) -> None:
        policy = _directives({} if csp is None else csp)
        plain = [("X-Content-Type-Options", "nosniff")] if nosniff else []
        plain += _frame_headers(frames, policy, report_only)
        secure = []
        if referrer is not None:
            _check_referrer(referrer)
            plain.append(("Referrer-Policy", referrer))
        if permissions is not None:
            plain.append(("Permissions-Policy", permissions))
        if opener is not None:
            secure.append(("Cross-Origin-Opener-Policy", opener))
        if hsts is not None:
            secure.append(("Strict-Transport-Security", _hsts(hsts, hsts_subdomains)))
        self._policy_name = "Content-Security-Policy" + "-Report-Only" * report_only
        text = "; ".join(_directive(name, policy[name]) for name in policy)
        #: Whether the policy has a nonce.
        self.has_nonce = _NONCE in text
        self._pieces = text.split(_NONCE)
        if text and not self.has_nonce:
            plain.append((self._policy_name, text))
        for name, value in plain + secure:
            _check(name, value)
        self._plain, self._secure = tuple(plain), tuple(plain + secure)
        # Whatever is added has one of these names.
        names = [self._policy_name, *(name for name, _ in plain + secure)]
        self._names = frozenset(name.lower() for name in names)

    def add_to(
        self,
        headers: Headers,
        is_secure: bool,
        nonce: str | None = None,
        status: int = 200,
    ) -> None:
        """Add to the headers of an answer what they do not have yet.

        Args:
            is_secure: Whether it is sent by https.
            nonce: The nonce that the page has, None if it has none.
            status: Its code. A 304 gets no policy with a nonce: the browser has the
                page and its nonce from before.
        """
        items = self._secure if is_secure else self._plain
        if self.has_nonce and status != _NOT_MODIFIED:
            items = (*items, (self._policy_name, self._policy(nonce)))
        if type(headers) is DirectHeaders:
            known = headers._list
            if (
                len(known) == 2
                and known[0][0] == "Content-Type"
                and known[1][0] == "Content-Length"
            ):
                known += items  # what a text has, and most answers are one
                return
            names = self._names
            for name, _ in known:
                if name not in _OTHERS and name.lower() in names:
                    break
            else:
                known += items
                return
            present = {name.lower() for name, _ in known}
            # What is added was checked when it was put together.
            known += [item for item in items if item[0].lower() not in present]
            return
        for name, value in items:
            headers.setdefault(name, value)  # which a plain dict has, too

    def _policy(self, nonce: str | None) -> str:
        source = "" if nonce is None else f"'nonce-{nonce}'"
        text = source.join(self._pieces)
        # A nonce may be of somebody else's making.
        check_header(self._policy_name, text)
        return text


def _frame_headers(
    frames: Frames, policy: dict[str, list[str]], report_only: bool
) -> list[tuple[str, str]]:
    """Return the header about frames; a list of origins becomes part of the policy."""
    if isinstance(frames, str):
        if frames not in _FRAME_OPTIONS:
            raise SecurityHeadersError(
                f"frames={frames!r} is none of 'same-origin', 'nowhere' and 'anywhere',"
                " and no list of origins."
            )
        option = _FRAME_OPTIONS[frames]
        return [] if option is None else [("X-Frame-Options", option)]
    origins = list(frames)
    read_origins(origins)
    if report_only:
        raise SecurityHeadersError(
            f"frames={origins!r} needs a policy that is kept, and report_only=True asks"
            " for one that is not. Use 'same-origin' or 'nowhere' meanwhile."
        )
    policy.setdefault("frame-ancestors", ["'self'", *origins])
    return []


def _hsts(seconds: int, subdomains: bool) -> str:
    if type(seconds) is not int or seconds < 0:
        raise SecurityHeadersError(f"hsts={seconds!r} is no number of seconds.")
    return f"max-age={seconds}" + "; includeSubDomains" * subdomains


def _directives(csp: Any) -> dict[str, list[str]]:
    """Return a policy whose sources are lists of texts."""
    if not isinstance(csp, Mapping):
        raise SecurityHeadersError(
            f"csp={csp!r} is no mapping. Write the policy as directives with their"
            """ sources: {"default-src": "'self'"}."""
        )
    made: dict[str, list[str]] = {}
    for name, sources in csp.items():
        is_list = isinstance(sources, Iterable) and not isinstance(sources, str)
        made[name] = listed = list(sources) if is_list else [sources]
        for source in listed:
            if not isinstance(source, str):
                raise SecurityHeadersError(
                    f"{source!r} in the policy for {name!r} is no text."
                )
    return made


def _check_referrer(policies: str) -> None:
    for policy in str(policies).split(","):
        if policy.strip() not in _REFERRER:
            raise SecurityHeadersError(
                f"referrer={policies!r} is none of {', '.join(sorted(_REFERRER))}."
            )


def _directive(name: str, sources: list[str]) -> str:
    words = [word for source in sources for word in source.split()]
    if not name or not name.replace("-", "").isalpha() or not name.isascii():
        raise SecurityHeadersError(f"{name!r} in the policy is no name of a directive.")
    for word in words:
        if not _ENDS.isdisjoint(word):
            raise SecurityHeadersError(
                f"{word!r} in the policy for {name!r} is no source: ';' and ',' end"
                " one."
            )
        if word in _KEYWORDS and name not in _WITH_NAMES:
            raise SecurityHeadersError(
                f"{word!r} in the policy for {name!r} would be the name of a host. The"
                f""" keyword has quotes of its own: "'{word}'"."""
            )
    return " ".join([name, *words])


def _check(name: str, value: str) -> None:
    check_header(name, value)
    if not value.isascii():
        raise SecurityHeadersError(f"{name} has letters beyond ASCII: {value!r}.")
