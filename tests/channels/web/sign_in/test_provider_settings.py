"""The settings of an identity provider: every mistake at once, each with its remedy."""

from typing import Any

import pytest

from bot.channels.web import configured, mistakes
from bot.channels.web.sign_in.options import provider_options
from tests.support.channels.signing_in import oidc_settings

GOOD = {
    "issuer": "https://login.example.com",
    "client_id": "firstline",
    "client_secret": "a secret that nobody is shown",
    "employees": "*",
    "public_url": "https://help.example.com",
}


def wrong(**changes: str) -> list[str]:
    return mistakes(oidc_settings(**GOOD | changes))


def test_a_good_one_has_none() -> None:
    assert wrong() == []
    assert wrong(issuer="http://127.0.0.1:8080/realms/x", public_url="http://localhost:3978") == []
    assert configured(oidc_settings(**GOOD | {"public_url": ""}), demo=False)
    assert oidc_settings(**GOOD).lets_people_in
    assert not oidc_settings(public_url="https://help.example.com").lets_people_in  # whole articles alone
    assert "a secret" not in repr(oidc_settings(**GOOD)) + repr(provider_options(oidc_settings(**GOOD)))


def test_without_an_issuer_nobody_signs_in_so() -> None:
    assert provider_options(oidc_settings()) is None
    assert mistakes(oidc_settings(name="", client_id="")) == []
    [told] = mistakes(oidc_settings(client_secret="a secret that nobody is shown"))
    assert told.startswith("FIRSTLINE_OIDC_ISSUER: FIRSTLINE_OIDC_CLIENT_SECRET is set and no issuer")
    assert "nobody is shown" not in told


CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"issuer": "login.example.com"}, "ISSUER", "this is no issuer"),
    ({"issuer": "https://login.example.com/?a=b"}, "ISSUER", "this is no issuer"),
    ({"issuer": "https://login example.com"}, "ISSUER", "this is no issuer"),
    ({"issuer": "https://me:password@login.example.com"}, "ISSUER", "this is no issuer"),
    ({"issuer": "http://login.example.com"}, "ISSUER", "must begin with https://"),
    ({"issuer": "https://login.microsoftonline.com/common/v2.0"}, "ISSUER", "your own tenant's id"),
    ({"issuer": "https://login.microsoftonline.com/organizations/v2.0"}, "ISSUER", "your own tenant's id"),
    ({"client_id": " "}, "CLIENT_ID", "set the client id"),
    ({"client_secret": ""}, "CLIENT_SECRET", "set the client secret"),
    ({"scopes": "profile email"}, "SCOPES", "openid must be among them"),
    ({"public_url": ""}, "FIRSTLINE_PUBLIC_URL", "set the https address"),
    ({"public_url": "http://help.example.com"}, "FIRSTLINE_PUBLIC_URL", "set the https address"),
    ({"employees": ""}, "EMPLOYEES", "say who may sign in"),
    ({"employees": "a@example.com, ana@"}, "EMPLOYEES, entry 2", "is no address"),
    ({"employees": "ana@localhost"}, "EMPLOYEES, entry 1", "is no address"),
    ({"engineers": "it"}, "ENGINEERS, entry 1", "set FIRSTLINE_OIDC_ROLE_CLAIM"),
    ({"engineers": "*"}, "EMPLOYEES, entry 1", "another role already"),
    ({"issuer": "https://accounts.google.com"}, "EMPLOYEES, entry 1", "everybody in the world"),
    ({"issuer": "https://slack.com"}, "EMPLOYEES, entry 1", "everybody in the world"),
    ({"room_engineers": "perhaps"}, "ROOM_ENGINEERS", "true or false"),
    ({"idle_minutes": "1"}, "IDLE_MINUTES", "from 5 to 1440"),
    ({"session_hours": "many"}, "SESSION_HOURS", "from 1 to 720"),
    ({"check_minutes": "٣"}, "CHECK_MINUTES", "from 1 to 1440"),
]


@pytest.mark.parametrize(("changes", "name", "says"), CASES, ids=lambda one: str(one))
def test_a_mistake_names_its_setting_and_what_to_do(changes: dict[str, Any], name: str, says: str) -> None:
    [told] = wrong(**changes)
    assert told.startswith(f"{name if name.startswith('FIRSTLINE') else f'FIRSTLINE_OIDC_{name}'}: ")
    assert says in told


def test_every_mistake_is_told_at_once() -> None:
    several = {"issuer": "x", "client_id": "", "client_secret": "", "employees": "", "public_url": ""}
    assert len(wrong(**several | {"scopes": "", "idle_minutes": ""})) == 7
