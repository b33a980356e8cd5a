"""Addresses as they may be shown: no user's name, no password."""

from __future__ import annotations

import re
from typing import Final

# Up to the last @ of where user and host stand: a password may hold one.
_USER: Final = re.compile(r"//[^/?#\\]*@")
# A password that holds a slash ends that place too early, and what stands there is no host.
_TORN_USER: Final = re.compile(r"//[^/?#\\]*:[^/?#\\]*[/?#\\].*@", re.DOTALL)


def without_user(url: str) -> str:
    """Return ``url`` without a user's name and password, also where they are written wrongly.

    Where it is not certain whether they are any, as in ``http://a:1/b@c``, they are left out.
    """
    # What is before // is a scheme, or nothing; without // there may be a user all the same.
    shown, count = _TORN_USER.subn("//", url)
    return shown if count else _USER.sub("//", url)
