"""Who has which role by what their provider says of them."""

from typing import Any

import pytest

from bot.channels.web.access.accounts import Role
from bot.channels.web.sign_in.options import provider_options
from bot.channels.web.sign_in.provider_sessions import account_of
from bot.channels.web.sign_in.roles import verified_email
from tests.support.channels.signing_in import oidc_settings

VERIFIED = {"email": "Ana@Example.com", "email_verified": True}


def role(claims: dict[str, Any], **options: str) -> Role | None:
    found = provider_options(oidc_settings(issuer="https://login.example.com", **options))
    assert found is not None
    return found.roles.role_of(claims)


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("roles", {"roles": ["IT", "Help desk"]}),
        ("roles", {"roles": "Help desk"}),
        ("realm_access.roles", {"realm_access": {"roles": ["Help desk"]}}),
        ("resource_access.my-page.roles", {"resource_access": {"my-page": {"roles": ["Help desk"]}}}),
        ("https://slack.com/team_id", {"https://slack.com/team_id": "Help desk"}),
        ("a.b", {"a.b": ["Help desk"], "a": {"b": ["nothing"]}}),
    ],
)
def test_a_claim_is_found_by_its_name_or_its_path(claim: str, claims: dict[str, Any]) -> None:
    given = {"role_claim": claim, "engineers": "Others, Help desk", "employees": "*"}
    assert role(claims, **given) is Role.ENGINEER
    assert role({}, **given) is Role.EMPLOYEE


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"roles": []},
        {"roles": ["help desk"]},
        {"roles": ["Help desk 2"]},
        {"roles": {"Help desk": True}},
        {"roles": [["Help desk"], {"Help desk": 1}, 5, None]},
        {"roles": "Help desk, IT"},
        {"roles": None},
        {"roles": "*"},
        {"roles": ["ana@example.com"]},
        {"roles": ["@example.com"]},
    ],
    ids=str,
)
def test_nothing_else_than_the_value_itself_gives_the_role(claims: dict[str, Any]) -> None:
    given = {"role_claim": "roles", "engineers": "Help desk, ana@example.com", "employees": "@example.com, *"}
    assert role(claims, **given | {"employees": "@example.com"}) is None
    assert role(claims, **given) is Role.EMPLOYEE


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (VERIFIED, Role.ENGINEER),
        (VERIFIED | {"email_verified": "true"}, Role.ENGINEER),
        ({"email": "ana@example.com", "xms_edov": True}, Role.ENGINEER),
        ({"email": "ana@example.com", "xms_edov": "1"}, Role.ENGINEER),
        ({"email": "ana@example.com"}, None),
        (VERIFIED | {"email_verified": False}, None),
        (VERIFIED | {"email_verified": "false"}, None),
        (VERIFIED | {"email_verified": None}, None),
        (VERIFIED | {"email": "tom@example.com"}, Role.MANAGER),
        (VERIFIED | {"email": "eva@example.com"}, Role.EMPLOYEE),
        (VERIFIED | {"email": "ana@example.com.evil.example"}, None),
        (VERIFIED | {"email": "ana@evil.example@example.com"}, None),
        (VERIFIED | {"email": "ana@sub.example.com"}, None),
        (VERIFIED | {"email": "@example.com"}, None),
        (VERIFIED | {"email": ["ana@example.com"]}, None),
        (VERIFIED | {"email": "ana+x@example.com"}, Role.EMPLOYEE),
        (VERIFIED | {"email": "tom@example.com."}, None),
        (VERIFIED | {"email": "tom@example.com\0"}, None),
        # Signs that fold to those of another address, which is another person's.
        (VERIFIED | {"email": "\u212aim@example.com"}, Role.EMPLOYEE),
        (VERIFIED | {"email": "kim@examp\u2113e.com"}, None),
        (VERIFIED | {"email": "kim@wor\u212a.example"}, None),
        ({"preferred_username": "ana@example.com", "upn": "ana@example.com", "email_verified": True}, None),
    ],
)
def test_an_address_counts_where_it_is_verified(claims: dict[str, Any], expected: Role | None) -> None:
    lists = {
        "engineers": "ana@EXAMPLE.com, kim@example.com, @work.example",
        "managers": "tom@example.com",
        "employees": "@Example.com",
    }
    assert role(claims, **lists) is expected


def test_the_verified_address_is_kept_in_small_letters() -> None:
    assert verified_email(VERIFIED) == "ana@example.com"
    assert verified_email({"email": "ana@example.com"}) == ""


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}}, True),
        ({"hasgroups": True}, True),
        ({"hasgroups": "true"}, True),
        ({"_claim_names": {"roles": "src1"}}, False),
        ({"_claim_names": "groups"}, False),
        ({"groups": ["a"]}, False),
    ],
    ids=str,
)
def test_groups_that_were_too_many_for_a_token_are_noticed(claims: dict[str, Any], expected: bool) -> None:
    options = provider_options(oidc_settings(issuer="https://i.example", role_claim="groups", engineers="a"))
    assert options is not None
    assert options.roles.cut_short(claims) is expected


def test_an_account_follows_from_issuer_and_subject_alone() -> None:
    one = account_of("https://login.example.com", "ana")
    assert one == account_of("https://login.example.com", "ana")
    others = {account_of("https://login.example.com", "Ana"), account_of("https://login.example.org", "ana")}
    assert len(others | {one, account_of("https://login.example.com\nan", "a")}) == 4
    assert one.startswith("oidc:")
    assert len(one) == 37
