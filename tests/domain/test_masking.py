"""Secrets are masked, states are not; what cannot be stored is replaced."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.secrets.masking import LONGEST_TEXT, clean, mask, mask_after, mask_file_name, visible
from bot.domain.secrets.values import MASK, read
from tests.support.evaluation.leaks import Leak, innocent, leaks

FOUND = 0.95  # of the secrets in the table
HIDDEN = 0.02  # of its innocent texts, at most
LEAST = 80  # lines of each


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
        ("mi número de seguro social es el 536 22 8714", "536 22 8714"),
        ("I got the code 482-913", "482-913"),
        ("card 4111 1111 1111 1111 exp 10/27", "4111 1111 1111 1111"),
        ("5500-0000-0000-0004", "5500-0000-0000-0004"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
        ("postgres://app:s3cretpw@db/x", "s3cretpw"),
        ("TOKENVALUE_PROD=9fJq2LmX7vTzP4wK", "9fJq2LmX7vTzP4wK"),
        ("passwordhash_old: Kd83jf-LLq2", "Kd83jf-LLq2"),
        ("db.passwordprod_eu = Hq8dZ2mmP1", "Hq8dZ2mmP1"),
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
        # Their digits are those of a card, of a Spaniard and of an American.
        "correlation id 53cd5666-4658-4397-8814-6a7f29447adf",
        "teams:a78386e1-ad71-4f03-9ef0-098a68617615/40415937-5858-4bcf-86dd-b8e50defae84",
        "DEVICE 40415937-5858-4BCF-86DD-B8E50DEFAE84-17",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert (text, False) == mask(text)


HANDS = [("", 1), ("", 2), ("", 3), ("more_", 1)]  # which table, and who wrote it


@pytest.mark.parametrize(("table", "hand"), HANDS)
def test_secrets_of_the_table_are_masked(table: str, hand: int) -> None:
    lines = [leak for leak in leaks(f"{table}secrets") if leak.hand == hand]
    missed = [f"{leak.kind}: {shown}" for leak in lines if leak.left_in(shown := mask(leak.text)[0])]
    print(f"missed {len(missed)} of {len(lines)}", *missed, sep="\n")
    assert len(lines) >= LEAST
    assert {leak.language for leak in lines} == {"en", "es"}
    assert len(missed) <= len(lines) * (1 - FOUND), missed


@pytest.mark.parametrize(("table", "hand"), HANDS)
def test_innocent_texts_of_the_table_stay(table: str, hand: int) -> None:
    lines = [one.text for one in innocent(f"{table}innocent") if one.hand == hand]
    hidden = [f"{text} -> {shown}" for text in lines if (shown := mask(text)[0]) != text]
    print(f"hid {len(hidden)} of {len(lines)}", *hidden, sep="\n")
    assert len(lines) >= LEAST
    assert len(hidden) <= len(lines) * HIDDEN, hidden


def test_most_of_the_tables_is_by_other_hands() -> None:
    for table in (leaks(), innocent()):
        assert Counter(line.hand for line in table) == {1: 120, 2: 120, 3: 100}


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("contarseña: Nubes", "Nubes"),
        ("the passowrd is teapot", "teapot"),
        ("contraseñ nueva es nubes", "nubes"),
        ("passsword=teapot", "teapot"),
        ("el pasword nubes7! no va", "nubes7!"),
    ],
)
def test_a_slip_in_the_word_for_a_password_hides_nothing_of_it(text: str, secret: str) -> None:
    assert mask(text) == (text.replace(secret, MASK), True)


@pytest.mark.parametrize("text", ["contrasta: Nubes", "passport is teapot", "a compass word is teapot"])
def test_two_slips_make_another_word(text: str) -> None:
    assert mask(text) == (text, False)


@pytest.mark.parametrize("number", ["281234567840", "28 1234567840", "28/12345678/40"])
def test_a_number_of_social_security_is_told_by_its_check_digits(number: str) -> None:
    text = "la seguridad social está mal en el portal, la buena es "
    assert mask(text + number) == (text + MASK, True)
    wrong = f"{number[:-1]}1"
    assert mask(text + wrong) == (text + wrong, False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("access for the lab\nlab-04\nPaper.Moon4\nthanks", f"access for the lab\nlab-04\n{MASK}\nthanks"),
        ("os paso el login\n\n- lab04\n- Luna#papel", f"os paso el login\n\n- lab04\n- {MASK}"),
        ("access denied\nlab-04\nPaper.Moon4", "access denied\nlab-04\nPaper.Moon4"),
        ("I need access to\nlab-04\nPaper.Moon4", "I need access to\nlab-04\nPaper.Moon4"),
    ],
)
def test_a_password_below_its_user_is_masked_where_access_is_given(text: str, shown: str) -> None:
    assert mask(text)[0] == shown


@pytest.mark.parametrize("leak", [*leaks(), *leaks("more_secrets")], ids=lambda leak: leak.kind)
def test_what_is_masked_stays_as_it_is(leak: Leak) -> None:
    masked, _ = mask(leak.text)
    assert (masked, False) == mask(masked)


@pytest.mark.parametrize("leak", [*leaks(), *leaks("more_secrets")], ids=lambda leak: leak.kind)
def test_a_secret_is_hidden_among_other_lines(leak: Leak) -> None:
    around = f"Hello,\nthe printer is broken.\n\n{leak.text}\n\nThanks\nMara"
    assert leak.left_in(mask(around)[0]) == leak.left_in(mask(leak.text)[0])


HOSTILE = (
    *(
        "password: ",
        "my password is ",
        "Hunter22 is my password ",
        "password Hunter22 and ",
        "pass:",
        "passphrase: a ",
    ),
    *(
        "ssn 412857730 ",
        "contrasñea: ",
        "clientSecret ",
        "access for\nuser\nPaper.Moon4\n",
        "set my password to a b c ",
    ),
    *("pin ", "verification code ", "recovery codes 1234-5678 ", "passport ", "creds: a / b ", "key "),
    *(
        "cookie: a=",
        "authorization: basic ",
        "-u a:",
        "mysql x ",
        "a://b:",
        "eyJ",
        "xoxb-",
        "?sig=aaaaaaaaaaaaaaaa",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "4 ",
        "4-",
        "ES12 ",
        "123456-",
        "aZ9_",
        "+/",
        "\n",
        " ",
        "'",
        "a",
        "•••",
    ),
)


@pytest.mark.parametrize("text", HOSTILE)
def test_long_texts_of_any_kind_are_masked(text: str) -> None:
    masked, _ = mask(text * (LONGEST_TEXT // len(text)))
    assert len(masked) <= LONGEST_TEXT


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password Hunter22! and then Hunter23!", f"password {MASK} and then {MASK}"),
        ("it is Hunter22 here, my password is Hunter22", f"it is {MASK} here, my password is {MASK}"),
        ("user: ana\npassword: Hunter22\nserver: srv1", f"user: ana\npassword: {MASK}\nserver: srv1"),
        (
            "MFA backup codes:\n1. 4471-2290\n2. 8830-1174\nthanks",
            f"MFA backup codes:\n1. {MASK}\n2. {MASK}\nthanks",
        ),
        ("admin/Hunter#22 locks me out of LAP-4471", f"admin/{MASK} locks me out of LAP-4471"),
        ("wrong code, I typed 490 112 on ext 2204", f"wrong code, I typed {MASK} on ext 2204"),
        ("https://a:Hunter22@b.example/c", f"https://a:{MASK}@b.example/c"),
        ('{"password": "Hun ter22", "port": 1}', f'{{"password": "{MASK}", "port": 1}}'),
    ],
)
def test_nothing_but_the_secret_is_hidden(text: str, shown: str) -> None:
    assert mask(text) == (shown, True)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("password_Hunter22.txt", f"password_{MASK}.txt"),
        ("my password Hunter22.docx", f"my password {MASK}.docx"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", MASK),
        ("nomina-4111 1111 1111 1111.pdf", f"nomina-{MASK}.pdf"),
        ("contraseña_Gato.Negro5", f"contraseña_{MASK}"),
    ],
)
def test_secrets_in_names_of_files_are_masked(name: str, shown: str) -> None:
    assert mask_file_name(name) == (shown, True)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "passwords_2026.xlsx",
            "password-reset.png",
            "claves_antiguas.txt",
            "IMG_20261128_101530.jpg",
            ".env",
        ),
        *(
            "error 0x80070005.png",
            "Screenshot 2026-11-28 at 10.15.30.png",
            "archive.tar.gz",
            "INC0012345_log.txt",
        ),
        "",
    ],
)
def test_other_names_of_files_stay(name: str) -> None:
    assert mask_file_name(name) == (name, False)


def test_the_secret_of_an_earlier_announcement_is_masked() -> None:
    assert mask_after("hello\nmy password is", "Hunter22 please") == (f"{MASK} please", True)
    assert mask_after("hello\nmy password is", "not accepted") == ("not accepted", False)
    assert mask_after("my password is Hunter22", "since today") == ("since today", False)
    assert mask_after("", "pwd: Hunter22") == (f"pwd: {MASK}", True)


@given(st.text(st.characters(exclude_categories=())))
def test_text_in_lower_case_has_every_character_at_its_place(text: str) -> None:
    assert len(read(text).lower) == len(text)


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
