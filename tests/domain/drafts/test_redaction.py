"""What no article may say is taken out of every text, however it is written; everything else stays."""

import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.drafts.names import KnownNames, fold
from bot.domain.drafts.redaction import SIGNS, Taken, comparable, counted, named, redact, without_signs
from bot.domain.drafts.sentences import examples_of

WORDS = {kind: f"[{kind.name.lower()}]" for kind in Taken}
NOBODY = KnownNames()
REQUESTER = ("Will An Do", "María José Núñez", "Łukasz Björk-O'Brien", "U0ABC123", "王小明")
OTHERS = (
    "Mark Page",
    "Grace Hopper-Rose",
    "Zoë Müller",
    "Ignacio de la Torre",
    "Bo Li",
    "Outlook Support",
    "अनीता शर्मा",
)
ABOUT = frozenset({"outlook", "support"})


def cleaned(text: str) -> str:
    """A text without what no article may say, and words for it."""
    plain = comparable(text)
    names = KnownNames.among([plain], REQUESTER, OTHERS, ABOUT)
    return named(redact(plain, names), WORDS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask ana@acme.example or ana (at) acme.example", "ask [email] or [email]"),
        ("see https://wiki.acme.example/x?y=1 now", "see [address] now"),
        (r"open \\files\share$\docs\plan.docx", "open [address]"),
        ("ping 10.0.0.5, then fe80::1 and 00:1a:2b:3c:4d:5e", "ping [address], then [address] and [address]"),
        ("gw.acme.internal is down", "[address] is down"),
        ("intranet.acme is down, mail.acme.it too", "intranet.acme is down, [address] too"),
        ("my laptop is LAPTOP-4F7X2", "my laptop is [address]"),
        ("call +34 600 12 34 56 or 555-123-4567", "call [phone] or [phone]"),
        ("I sit at ext. 4512", "I sit at ext. [phone]"),
        ("my password is Hunter22!", "my password is [secret]"),
        ("it says ••• there", "it says [secret] there"),
        ("<@U0ABC123> and @bo.li know", "[name] and [name] know"),
        ("Hi Xiomara, it broke", "Hi [name], it broke"),
        ("soy Xiomara Paz y no va", "soy [name] y no va"),
        ("it broke\nRegards,\nXiomara", "it broke\nRegards,\n[name]"),
        ("wlukasz, mjose or lukaszb", "wlukasz, [name] or [name]"),
        ("maria or MARÍA and Nuñez’s pc", "[name] or [name] and [name]’s pc"),
        ("zoe mueller is zmuller", "[name] is [name]"),
        ("ask Grace H. about it", "ask [name] about it"),
        ("王小明的电脑坏了", "[name]的电脑坏了"),
        ("अनीता का कंप्यूटर", "[name] का कंप्यूटर"),
        ("Ｍａｒｋ Page", "[name]"),
        ("Ma\N{ZERO WIDTH SPACE}rk Pa\N{SOFT HYPHEN}ge", "[name]"),
        ("u0abc123 has it", "[name] has it"),
    ],
)
def test_it_is_taken_out(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "error 0x80070005 in setup.msi since 2026-11-30 10:22",
        "version 10.0.19045.3693 of outlook.exe, e.g. after KB5034441",
        "mark the message, then turn the page",
        "Outlook asks Support for a password again",
        "node.js and index.html in C:\\temp\\log.txt",
        "the torre and the rose are de la casa",
        "it happens 2 times in 30 minutes, at 10:22:33",
        "TLS key negotiation failed to occur within 60 seconds",
        "do I have an account? it will do",
    ],
)
def test_everything_else_stays(text: str) -> None:
    plain = comparable(text)
    assert named(redact(plain, KnownNames.among([plain], (), OTHERS, ABOUT)), WORDS) == text


def test_a_name_that_is_a_word_is_always_one_of_whoever_had_to_do_with_it() -> None:
    plain = "mark says the Page is slow"
    assert (
        named(redact(plain, KnownNames.among([plain], ("Mark Page",), ())), WORDS)
        == "[name] says the [name] is slow"
    )


def test_what_was_taken_out_is_counted_once_for_each_place() -> None:
    assert counted([redact("10.0.0.1 10.0.0.2 a@b.example", NOBODY)]) == {Taken.ADDRESS: 2, Taken.EMAIL: 1}


def test_signs_come_from_nowhere_else() -> None:
    assert not set(redact(f"a{SIGNS}b \ue001 \uf000", NOBODY)) & set(SIGNS + "\uf000")


def test_nothing_is_left_of_what_held_something() -> None:
    assert without_signs(redact("my vpn (10.0.0.5, 10.0.0.6) drops", NOBODY)) == "my vpn drops"


# --- whatever stands around it ------------------------------------------------------------------------

LABEL = st.from_regex(r"[a-z][a-z0-9]{1,8}", fullmatch=True)
HOST = st.builds(
    "{}.{}".format,
    LABEL,
    st.sampled_from(["acme.example", "corp.local", "acme.com", "acme.co.uk", "intra.acme.es"]),
)
EMAILS = st.builds("{}.{}@{}".format, LABEL, LABEL, HOST)
ADDRESSES = st.one_of(
    HOST,
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str).filter(lambda one: len(one) > 4),
    st.builds("https://{}/{}".format, HOST, LABEL),
    st.builds(r"\\{}\{}".format, LABEL, LABEL),
    st.from_regex(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", fullmatch=True),
)
PHONES = st.from_regex(r"(\+[1-9][0-9] )?[1-9][0-9]{2}[ -][0-9]{3}[ -][0-9]{3,4}", fullmatch=True)
NAMES = st.sampled_from([one for one in (*REQUESTER, *OTHERS) if "Support" not in one]).flatmap(
    lambda name: st.sampled_from(
        [name, name.upper() if name.isascii() else name, name.split()[0], name.split()[-1]]
    )
)
PLANTED = st.one_of(EMAILS, ADDRESSES, PHONES, NAMES)
FILLER = st.sampled_from(
    "the vpn drops since monday . , : ; ( ) and / - error 0x80070005 ¿ la impresora no va \n > * `".split(" ")
)


def parts_of(planted: str) -> list[str]:
    """What must not be left of something: of a name each part, else all of it."""
    if planted in REQUESTER or any(planted in name for name in OTHERS):
        return [
            part
            for part in re.findall(r"[^\W\d_]{2,}", fold(planted))
            if part not in ("de", "la", "an", "do")
        ]
    return [fold(planted)]


@given(st.lists(st.tuples(FILLER, PLANTED, FILLER), min_size=1, max_size=6))
def test_nothing_planted_is_left(pieces: list[tuple[str, str, str]]) -> None:
    text = " ".join(" ".join(piece) for piece in pieces)
    left = fold(re.sub(r"\[\w+\]", " ", cleaned(text)))
    for _, planted, _ in pieces:
        for part in parts_of(comparable(planted)):
            assert not re.search(rf"(?<!\w){re.escape(part)}(?!\w)", left), (text, left)


@pytest.mark.parametrize(
    "text", ["a" * 40_000, "\ufdfa" * 40_000, "- a\n" * 10_000], ids=["a", "\\ufdfa", "- a"]
)
def test_a_hostile_text_takes_no_more_memory_than_some_copies_of_it(text: str) -> None:
    tracemalloc.start()
    try:
        examples_of([redact(text, KnownNames.among([comparable(text)], ("Ana Costa",), ("Will Mark",)))])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024**2
