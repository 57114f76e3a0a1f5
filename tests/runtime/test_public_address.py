"""The address under which a chat platform shall reach the server."""

import pytest

from bot.runtime.network.public_address import faults_in


@pytest.mark.parametrize(
    "url",
    [
        "https://help.acme.org",
        "https://help.acme.org/",
        "https://a-b.acme.co.uk:443/desk",
        "https://xn--bse-sna.de",
    ],
)
def test_an_address_that_is_reached(url: str) -> None:
    assert faults_in(url, 200, any_port=False) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("help.acme.org", "is no https address"),
        ("http://help.acme.org", "is no https address"),
        ("https://", "is no https address"),
        ("https://[", "is no https address"),
        ("https://a b.org", "is no https address"),
        ("https://ñ.org", "is no https address"),
        ("https://help.acme.org\\x", "is no https address"),
        ("https://help.acme.org:99999", "is no https address"),
        ("https://localhost", "on this machine or network alone"),
        ("https://intranet", "on this machine or network alone"),
        ("https://desk.local", "on this machine or network alone"),
        ("https://127.0.0.1", "the number of a machine"),
        ("https://8.8.8.8", "the number of a machine"),
        ("https://[::1]", "the number of a machine"),
        ("https://-a.org", "no name of a machine"),
        ("https://a..org", "no name of a machine"),
        (f"https://{'a' * 64}.org", "no name of a machine"),
        ("https://me@help.acme.org", "a name or a password"),
        ("https://help.acme.org:8443", "names port 8443"),
        ("https://help.acme.org/?a=1", "goes on after"),
        ("https://help.acme.org/#", "goes on after"),
        (f"https://help.acme.org/{'x' * 200}", "200 is the most"),
    ],
)
def test_an_address_that_nobody_reaches(url: str, told: str) -> None:
    (fault,) = faults_in(url, 200, any_port=False)
    assert told in fault


def test_every_fault_is_told_and_no_password() -> None:
    found = faults_in("https://u:secret@localhost:8443/?a", 20, any_port=False)
    assert len(found) == 5
    assert "secret" not in "".join([*found, *faults_in("http://u:secret@a.org", 20, any_port=True)])


def test_a_port_is_fine_where_the_platform_reaches_it() -> None:
    assert faults_in("https://help.acme.org:8443", 200, any_port=True) == []
