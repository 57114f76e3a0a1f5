"""What a message holds, in each channel and through each door: what is shown, and matched."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import OutcomeKind, Quotation
from tests.support.desk.helpdesk import CHANNELS, ROOM, Helpdesk, text_of
from tests.support.desk.temporary_desk import a_desk
from tests.support.unknown import UNKNOWN

FORGOT = "I forgot my password and cannot sign in"  # what others say, and no article may be shown for
SPANISH = "mi flurbostato burbujea pringue verde"
# The text, what it quotes, and how engineers read it.
KINDS: dict[str, tuple[str, tuple[Quotation, ...], str]] = {
    "a message that is replied to": (UNKNOWN, (Quotation("Eva", FORGOT, forwarded=False),), UNKNOWN),
    "a forwarded message": (
        f"{UNKNOWN}, and it is not what Kim asked for at all, see below what she wrote to me",
        (Quotation("Kim Lee", FORGOT),),
        f"> ↪ Kim Lee:\n> {FORGOT}",
    ),
    "a quotation that they typed": (f"> ok?\n{UNKNOWN}", (), f"> ok?\n{UNKNOWN}"),
    "a sign": (f"{UNKNOWN} :scream:", (), f"{UNKNOWN} 😱"),
    "a sign of their own": (f"{SPANISH} :our_parrot:", (), f"{SPANISH} :our_parrot:"),
    "a mention": (f"@Kim Lee, {UNKNOWN}", (), f"@Kim Lee, {UNKNOWN}"),
    "a bot's words": (
        "can you look?",
        (Quotation("Lift form", f"Floor: 2\n{UNKNOWN}"),),
        "> ↪ Lift form:\n> Floor: 2",
    ),
    "a link": (
        f"{UNKNOWN} https://kb.example/forgot-my-password",
        (),
        "https://kb.example/forgot-my-password",
    ),
    "a signature": (f"{UNKNOWN}\n--\nAna Ruiz\nHead of Passwords", (), f"{UNKNOWN}\n--\nAna Ruiz"),
    "a thanks at the end": (f"{SPANISH}\n¡muchas gracias!", (), f"{SPANISH}\n¡muchas gracias!"),
    "a thanks in the middle": (f"the chair came\nthanks!\n{UNKNOWN}", (), f"thanks!\n{UNKNOWN}"),
}


@pytest.fixture
def desk(sqlite_template: Path, library: Library) -> Iterator[Helpdesk]:
    with a_desk(sqlite_template, library) as made:
        yield made


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> tuple[str, tuple[Quotation, ...], str]:
    return KINDS[request.param]


Sent = tuple[str, tuple[Quotation, ...], str]


def test_a_question(desk: Helpdesk, channel: str, kind: Sent) -> None:
    text, quotations, shown = kind
    outcome = desk.say("ana", text, channel=channel, quotations=quotations)
    assert outcome.kind is OutcomeKind.TICKET
    assert shown in text_of(desk.card(outcome.ticket))


def test_a_reply_to_a_question_back(desk: Helpdesk, channel: str, kind: Sent) -> None:
    text, quotations, shown = kind
    place = desk.direct("ana", channel, "1.0" if channel == "slack" else None)
    asked = desk.say("ana", "it does not work", channel=channel, conversation=place)
    assert asked.kind is OutcomeKind.ASKED
    outcome = desk.say("ana", text, channel=channel, conversation=place, quotations=quotations)
    assert outcome.kind is OutcomeKind.TICKET
    assert shown in text_of(desk.card(outcome.ticket))


def test_a_line_to_who_helps_and_its_edit(desk: Helpdesk, channel: str, kind: Sent) -> None:
    text, quotations, shown = kind
    place = desk.direct("ana", channel, "1.0" if channel == "slack" else None)
    desk.claimed(channel=channel, conversation=place)
    line = desk.utterance(
        "ana", text, channel=channel, conversation=place, message="p1", quotations=quotations
    )
    desk.desk.intake.receive(line)
    desk.deliver()
    replied = any(not one.forwarded for one in quotations)
    above = f"> Eva:\n> {FORGOT}\n\n" if replied else ""
    assert f"{above}{shown}" in desk.texts_in(ROOM.space)[-1]
    desk.edits(line, f"so:\n{text}")
    newest = desk.texts_in(ROOM.space)[-1]
    assert shown in newest
    assert "so:\n" in newest


def test_a_word_to_the_employee_and_a_note(desk: Helpdesk, channel: str, kind: Sent) -> None:
    text, quotations, shown = kind
    desk.claimed(channel=channel)
    home = desk.direct("ana", channel).space
    desk.writes("eva", text, quotations=quotations)
    told = desk.texts_in(home)
    assert shown in told[-1]
    replied = any(not one.forwarded for one in quotations)
    assert not replied or FORGOT not in told[-1]
    desk.writes("eva", f"// {text}", quotations=quotations)
    assert desk.texts_in(home) == told
    edited = desk.written("eva", text, message="p9", quotations=quotations)
    desk.desk.intake.receive(edited)
    desk.deliver()
    desk.edits(edited, f"so:\n{text}")
    newest = desk.texts_in(home)[-1]
    assert shown in newest
    assert "so:\n" in newest
