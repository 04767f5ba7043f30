"""What is published as an address can be opened by whoever reads it, and tells nobody a password."""

import pytest

from app.domain.addresses import address_refused, with_plain_scheme


@pytest.mark.parametrize(
    "text",
    ["https://www.example.org/a.pdf", "http://x.org:8080/", "ftp://a/b", "https://exämple.org/ü", "https://x.org/@a",
     "http://[2001:db8::1]/a"],
)  # fmt: skip
def test_addresses_that_can_be_opened(text: str) -> None:
    assert address_refused(text) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("http:///a", "names no host"),
        ("https://?q=1", "names no host"),
        ("http://x.org:99999/", "no web address"),
        ("http://x.org:http/", "no web address"),
        ("http://x.org:0/", "no web address"),
        ("https://%65x.org/", "no web address"),
        ("https://example.org\\x", "no web address"),
        ("https://./", "names no host"),
        ("https://-", "names no host"),
        ("http://[::1", "no web address"),
        ("http://user:pw@x.org/", "password"),
    ],
)
def test_what_nobody_could_or_should_open_is_told(text: str, told: str) -> None:
    assert told in (address_refused(text) or "")


def test_a_scheme_may_be_typed_in_capital_letters() -> None:
    assert with_plain_scheme("HTTPS://X.org/A") == "https://X.org/A"
    assert with_plain_scheme("HTTPSX.org") == "HTTPSX.org"
