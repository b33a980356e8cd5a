from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.web.access import TOKEN_SECONDS, Access

PORT = 40_123


def access(now: float = 0.0) -> tuple[Access, list[float]]:
    """Return what guards a server, and its clock."""
    clock = [now]
    return Access(PORT, lambda: clock[0]), clock


def token_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["token"][0]


def cookie_of(it: Access) -> str:
    set_cookie = it.redeem(token_of(it.address()))
    assert set_cookie
    return set_cookie.partition(";")[0]


def test_a_token_is_good_once() -> None:
    it, _ = access()
    token = token_of(it.address(lang="en"))
    assert it.redeem(token)
    assert it.redeem(token) is None


def test_a_token_is_good_for_a_minute() -> None:
    it, clock = access()
    early, late = token_of(it.address()), token_of(it.address())
    clock[0] = TOKEN_SECONDS - 1
    assert it.redeem(early)
    clock[0] = TOKEN_SECONDS
    assert it.redeem(late) is None


def test_a_token_does_not_end_another() -> None:
    it, _ = access()
    first, second = token_of(it.address()), token_of(it.address())
    assert it.redeem(second)
    assert it.redeem(first)


@given(st.text())
def test_no_other_text_is_a_token_or_a_cookie(text: str) -> None:
    it, _ = access()
    it.address()
    assert it.redeem(text) is None
    assert not it.admits({"cookie": text})
    assert not it.admits({"cookie": f"spyhop={text}"})


def test_the_cookie_admits_beside_others_also_of_its_name() -> None:
    it, _ = access()
    cookie = cookie_of(it)
    assert it.admits({"cookie": cookie})
    assert it.admits({"cookie": f"a=b; {cookie}; spyhop=planted"})
    assert not it.admits({})


def test_no_script_and_no_other_site_or_port_gets_the_cookie() -> None:
    it, _ = access()
    set_cookie = it.redeem(token_of(it.address()))
    assert set_cookie
    attributes = [part.strip() for part in set_cookie.split(";")[1:]]
    assert attributes == [f"Path={it.root}", "HttpOnly", "SameSite=Strict"]
    assert len(it.root) > len("/" + "x" * 40)


def test_two_servers_have_nothing_in_common() -> None:
    one, other = Access(PORT), Access(PORT)
    assert one.root != other.root
    assert not other.admits({"cookie": cookie_of(one)})
    assert other.redeem(token_of(one.address())) is None


OURS = f"http://127.0.0.1:{PORT}"
HOME = {"host": f"127.0.0.1:{PORT}"}


@pytest.mark.parametrize(
    ("method", "headers", "foreign"),
    [
        ("GET", HOME, False),
        ("GET", HOME | {"sec-fetch-site": "none"}, False),
        ("POST", HOME | {"origin": OURS, "sec-fetch-site": "same-origin"}, False),
        ("POST", HOME, True),
        ("POST", HOME | {"origin": "null"}, True),
        ("POST", HOME | {"origin": "http://127.0.0.1:3000"}, True),
        ("POST", HOME | {"origin": "https://evil.example"}, True),
        ("PUT", HOME, True),
        ("GET", HOME | {"origin": "http://127.0.0.1:3000"}, True),
        ("GET", HOME | {"sec-fetch-site": "same-site"}, True),
        ("GET", HOME | {"sec-fetch-site": "cross-site"}, True),
        ("GET", {"host": f"evil.example:{PORT}"}, True),
        ("GET", {"host": f"localhost:{PORT}"}, True),
        ("GET", {"host": "127.0.0.1"}, True),
        ("GET", {"host": "127.0.0.1:1"}, True),
        ("GET", {}, True),
        ("POST", {"host": f"evil.example:{PORT}", "origin": f"http://evil.example:{PORT}"}, True),
    ],
)
def test_what_another_site_sends_is_foreign(
    method: str, headers: Mapping[str, str], *, foreign: bool
) -> None:
    it, _ = access()
    assert it.is_foreign(method, headers) is foreign


@pytest.mark.parametrize(
    ("headers", "opened"),
    [
        (HOME, True),
        (HOME | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, True),
        (HOME | {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, False),
        (HOME | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, False),
        (HOME | {"origin": "https://evil.example"}, False),
        ({"host": f"evil.example:{PORT}"}, False),
    ],
)
def test_only_a_visit_opens_the_page(headers: Mapping[str, str], *, opened: bool) -> None:
    it, _ = access()
    assert it.is_opened(headers) is opened
