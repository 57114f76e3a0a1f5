"""Secrets are masked, states are not; what cannot be stored is replaced."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations.masking import LONGEST_TEXT, MASK, clean, mask, visible


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("my password is Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("password: hunter2!", "hunter2!"),
        ("pwd=abc12345", "abc12345"),
        ("pw: Hunter22", "Hunter22"),
        ("my password is now Hunter22!", "Hunter22"),
        ("my password was changed to Hunter22!", "Hunter22"),
        ("password for vpn is Hunter22", "Hunter22"),
        ("mi contraseña nueva es Hunter22", "Hunter22"),
        ('password is "my dog rex"', "my dog rex"),
        ("la contra es gatito", "gatito"),
        ("mi contraseña es Gato2024", "Gato2024"),
        ("la clave: 9xPq-77", "9xPq-77"),
        ("card 4111 1111 1111 1111 exp 10/27", "4111 1111 1111 1111"),
        ("5500-0000-0000-0004", "5500-0000-0000-0004"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
        ("postgres://app:s3cretpw@db/x", "s3cretpw"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n-----END OPENSSH PRIVATE KEY-----", "b3Blbn"),
    ],
)
def test_secrets_are_masked(text: str, secret: str) -> None:
    masked, found = mask(text)
    assert found
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        "my password is not working",
        "my password is expired",
        "mi contraseña es incorrecta",
        "my password is not accepted since the update to version 12",
        "password reset link is broken",
        "mi contraseña es muy larga y no la acepta",
        "ticket HELP-1042 from 2026-03-02 09:00",
        "error 0x80070057 on 192.168.100.200",
        "call me on +34 600 123 456",
        "serial 1234567890123",
        "I forgot my password and the PIN",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert (text, False) == mask(text)


@given(st.text(st.characters(exclude_categories=())))
def test_cleaned_text_can_be_stored_and_keeps_everything_else(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\0" not in cleaned
    assert len(cleaned) <= LONGEST_TEXT
    expected = [c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff"]
    assert expected == [c for c in cleaned if c != "\N{REPLACEMENT CHARACTER}" or c in expected]


@given(st.text())
def test_masking_never_fails_and_never_masks_twice(text: str) -> None:
    masked, _ = mask(text)
    assert masked == mask(masked)[0]


def test_what_shows_nothing_is_nothing() -> None:
    assert visible(" \u200b\u200d\u202e\n\t\ufeff") == ""
    assert visible(" 🙂 ") == "🙂"
