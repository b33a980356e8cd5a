from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.urls import without_user

HOSTS = st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,3})?(:[0-9]{1,5})?(/[a-z0-9./?=-]*)?", fullmatch=True)


@given(user=st.text(st.characters(exclude_characters="/?#\\")), password=st.text(), rest=HOSTS)
def test_nothing_of_a_user_and_a_password_is_left_whatever_they_hold(
    user: str, password: str, rest: str
) -> None:
    assert without_user(f"http://{user}:{password}@{rest}") == f"http://{rest}"


@given(rest=HOSTS)
def test_an_address_without_a_user_stays_as_it_is(rest: str) -> None:
    assert without_user(f"https://{rest}") == f"https://{rest}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://key@host/v1", "http://host/v1"),
        ("http://u:p@ss@host:1", "http://host:1"),
        ("http://u:p/a@host", "http://host"),
        ("http://u:p#a?b@host", "http://host"),
        ("http://u:p a@host", "http://host"),
        ("https://hf.co/a/b@main/c.gguf", "https://hf.co/a/b@main/c.gguf"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("deepseek-r1:7b", "deepseek-r1:7b"),
        ("", ""),
    ],
)
def test_what_is_shown_of_an_address(url: str, shown: str) -> None:
    assert without_user(url) == shown
