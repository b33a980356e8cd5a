"""Where redirects may lead, and what is shown of an address."""

from __future__ import annotations

import httpx
import pytest

from spyhop.models.embedded.web import redirect_target, shown
from spyhop.models.errors import Broken


def redirect(at: str, to: str) -> httpx.Response:
    return httpx.Response(302, headers={"Location": to}, request=httpx.Request("GET", at))


@pytest.mark.parametrize(
    ("at", "to", "target"),
    [
        ("https://hub.example/a/b", "https://cdn.example/x?sig=1", "https://cdn.example/x?sig=1"),
        ("https://hub.example/a/b", "/c", "https://hub.example/c"),
        ("https://hub.example/a/b", "//cdn.example/c", "https://cdn.example/c"),
        ("http://hub.example/a/b", "https://cdn.example/x", "https://cdn.example/x"),
        ("http://hub.example/a/b", "http://cdn.example/x", "http://cdn.example/x"),
    ],
)
def test_a_redirect_leads_to_its_address(at: str, to: str, target: str) -> None:
    assert redirect_target(redirect(at, to)) == target


def test_what_is_secure_stays_so() -> None:
    with pytest.raises(Broken, match=r"not secure") as caught:
        redirect_target(redirect("https://hub.example/x", "http://cdn.example/x?token=secret"))
    assert caught.value.key == "download-downgraded"
    assert "secret" not in str(caught.value)


def test_a_password_stays_with_its_host() -> None:
    response = redirect("https://me:secret@hub.example/x", "https://cdn.example/x")
    assert "secret" not in redirect_target(response)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://user:secret@hub.example/a?token=secret#secret", "https://hub.example/a"),
        ("http://127.0.0.1:80/x.gguf", "http://127.0.0.1:80/x.gguf"),
    ],
)
def test_an_address_is_shown_without_what_is_secret(url: str, text: str) -> None:
    assert shown(url) == text
