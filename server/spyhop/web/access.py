"""Who may talk to the page's server.

Any program, any user of the machine and any website that the browser shows can reach a port on
loopback. So:

- The address that opens the page carries a token, which is good once and for a minute. It is
  exchanged for a cookie, because addresses are seen: by `ps`, in the browser's history.
- The cookie is bound to a path that nobody can guess. Browsers send a cookie to every port of a
  host: without the path a server on another port would be given it, and two editors would
  overwrite each other's.
- `Host` must be ours: a name that an attacker points to 127.0.0.1 (DNS rebinding) is another one.
- `Origin` must be ours where there is one, and must be there for whatever changes something; what
  the browser says in `Sec-Fetch-Site` of another site's page is believed.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Final
from urllib.parse import urlencode

HOST: Final = "127.0.0.1"
COOKIE: Final = "spyhop"
# Seconds from the token's issue in which a browser comes up.
TOKEN_SECONDS: Final = 60.0
_BYTES: Final = 32
_SAFE: Final = frozenset({"GET", "HEAD"})
_TRUSTED_SITES: Final = frozenset({"same-origin", "none"})


class Access:
    """The secrets of one server, and what follows from them for a request."""

    def __init__(self, port: int, clock: Callable[[], float] = monotonic) -> None:
        self.origin: Final = f"http://{HOST}:{port}"
        self.root: Final = f"/{secrets.token_urlsafe(_BYTES)}/"
        """The path of the page. All else is below it."""
        self._authority: Final = f"{HOST}:{port}"
        self._secret: Final = secrets.token_urlsafe(_BYTES)
        self._tokens: dict[str, float] = {}
        """The tokens that were not used yet, and when each ends."""
        self._clock: Final = clock

    def address(self, **query: str) -> str:
        """Return a new address that opens the page, once, within `TOKEN_SECONDS`.

        ``query`` is handed on to the page.
        """
        now = self._clock()
        self._tokens = {token: end for token, end in self._tokens.items() if end > now}
        token = secrets.token_urlsafe(_BYTES)
        self._tokens[token] = now + TOKEN_SECONDS
        return f"{self.origin}{self.root}open?{urlencode({**query, 'token': token})}"

    def redeem(self, token: str) -> str | None:
        """Return the ``Set-Cookie`` value for a token, which is used up; None: it is no good."""
        known = [one for one in self._tokens if _same(one, token)]
        if not known or self._tokens.pop(known[0]) <= self._clock():
            return None
        return f"{COOKIE}={self._secret}; Path={self.root}; HttpOnly; SameSite=Strict"

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a request carries the cookie."""
        pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
        # A server on another port may have set one of the same name for all paths.
        return any(name == COOKIE and _same(value, self._secret) for name, _, value in pairs)

    def is_foreign(self, method: str, headers: Mapping[str, str]) -> bool:
        """Tell whether a request was sent to another host than ours, or by another site's page."""
        origin = headers.get("origin")
        return (
            headers.get("host") != self._authority
            or origin not in ({None, self.origin} if method in _SAFE else {self.origin})
            or headers.get("sec-fetch-site", "none") not in _TRUSTED_SITES
        )

    def is_opened(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a request is a visit to the address that opens the page.

        A link in another site's page may lead there (an editor in a browser has one); the token
        decides.
        """
        return (
            headers.get("host") == self._authority
            and headers.get("origin") in {None, self.origin}
            and headers.get("sec-fetch-mode", "navigate") == "navigate"
            and headers.get("sec-fetch-dest", "document") == "document"
        )


def _same(one: str, other: str) -> bool:
    """Tell whether two secrets are the same, in a time that tells nothing else."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
