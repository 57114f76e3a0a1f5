"""What counts of a message, in every channel: the person's own words, and what they pass on of others."""

from dataclasses import replace

import pytest

from bot.domain.conversations.messages import Addressed, Behalf, ConversationRef, OutcomeKind, Quotation
from bot.domain.people import Identity
from tests.support.desk.helpdesk import CHANNELS, ROOM, Helpdesk, text_of
from tests.support.unknown import OTHER, UNKNOWN

HELP = ConversationRef("slack", "T1", "CHELP", "7.0", private=False)
PASSWORD = Quotation("Kim Lee", "Hi! I forgot my password and cannot sign in")
GOO = Quotation("Kim Lee", UNKNOWN)

pytestmark = pytest.mark.parametrize("channel", CHANNELS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "can anybody help here please",
        "FYI",
        "hi team, see below",
        "¿podéis mirar esto?",
        "thanks! :pray:",
    ],
)
def test_a_forward_with_few_words_is_what_is_asked(helpdesk: Helpdesk, channel: str, text: str) -> None:
    outcome = helpdesk.say("ana", text, channel=channel, quotations=(PASSWORD,))
    assert outcome.kind is OutcomeKind.ANSWERED
    shown = text_of(helpdesk.last("ana", channel)).lower()
    assert "password" in shown or "contraseña" in shown


def test_ones_own_question_counts_and_not_the_forward(helpdesk: Helpdesk, channel: str) -> None:
    text = "my laptop battery does not charge any more"
    helpdesk.say("ana", text, channel=channel, quotations=(PASSWORD,))
    assert "battery" in text_of(helpdesk.last("ana", channel)).lower()


def test_few_words_of_ones_own_can_mean_another_thing(helpdesk: Helpdesk, channel: str) -> None:
    vpn = Quotation("Kim Lee", "The VPN on my Mac disconnects all the time")
    outcome = helpdesk.say("ana", "same here, but on Windows", channel=channel, quotations=(vpn,))
    assert outcome.kind is OutcomeKind.CHOICE


def test_the_card_names_whose_words_were_forwarded(helpdesk: Helpdesk, channel: str) -> None:
    outcome = helpdesk.say("ana", "can you look?", channel=channel, quotations=(GOO,))
    assert outcome.kind is OutcomeKind.TICKET
    card = text_of(helpdesk.card(outcome.ticket))
    assert f"can you look?\n\n> ↪ Kim Lee:\n> {UNKNOWN}" in card


def test_a_forward_is_still_what_is_asked_when_more_is_said(helpdesk: Helpdesk, channel: str) -> None:
    outcome = helpdesk.say(
        "ana", "", channel=channel, thread="1.0", quotations=(Quotation("Kim", "it does not work"),)
    )
    assert outcome.kind is OutcomeKind.ASKED
    more = helpdesk.say("ana", "", channel=channel, thread="1.0", quotations=(PASSWORD,))
    assert more.kind is OutcomeKind.ANSWERED


def test_a_wish_that_is_forwarded_is_nobodys_command(helpdesk: Helpdesk, channel: str) -> None:
    forwarded = Quotation("Kim", "show my tickets please")
    outcome = helpdesk.say("ana", "I forgot my password", channel=channel, quotations=(forwarded,))
    assert outcome.kind is OutcomeKind.ANSWERED


def test_what_is_replied_to_is_not_matched(helpdesk: Helpdesk, channel: str) -> None:
    quoted = Quotation("Firstline", "Reset your password. You forgot it?", forwarded=False)
    outcome = helpdesk.say("ana", UNKNOWN, channel=channel, quotations=(quoted,))
    assert outcome.kind is OutcomeKind.TICKET
    assert "password" not in text_of(helpdesk.card(outcome.ticket)).lower()


def test_engineers_read_what_a_message_replies_to(helpdesk: Helpdesk, channel: str) -> None:
    place = helpdesk.direct("ana", channel, "1.0" if channel == "slack" else None)
    helpdesk.claimed(channel=channel, conversation=place)
    quoted = Quotation("Eva", "is it green?", forwarded=False)
    more = helpdesk.utterance(
        "ana", "yes, very", channel=channel, conversation=place, message="p1", quotations=(quoted,)
    )
    helpdesk.desk.intake.receive(more)
    helpdesk.deliver()
    assert "> Eva:\n> is it green?\n\nyes, very" in helpdesk.texts_in(ROOM.space)[-1]
    helpdesk.edits(more, "yes, quite")
    assert "> Eva:\n> is it green?\n\nyes, quite" in helpdesk.texts_in(ROOM.space)[-1]


def test_an_engineer_forwards_to_the_employee_but_no_note(helpdesk: Helpdesk, channel: str) -> None:
    helpdesk.claimed(channel=channel)
    home = helpdesk.direct("ana", channel).space
    helpdesk.writes("eva", "from the vendor:", quotations=(Quotation("Max", "shake it"),))
    assert "from the vendor:\n\n> ↪ Max:\n> shake it" in helpdesk.texts_in(home)[-1]
    before = helpdesk.texts_in(home)
    helpdesk.writes("eva", "hm", quotations=(Quotation("Max", "// she is slow"),))
    assert helpdesk.texts_in(home) == before


def test_a_quoted_note_stays_in_the_room_when_its_reply_is_sent(helpdesk: Helpdesk, channel: str) -> None:
    helpdesk.claimed(channel=channel)
    note = Quotation("Eric", "// she is slow", forwarded=False)
    helpdesk.writes("eva", "please shake it", quotations=(note,))
    shown = helpdesk.texts_in(helpdesk.direct("ana", channel).space)
    assert "please shake it" in shown[-1]
    assert not any("slow" in text for text in shown)


@pytest.mark.parametrize("text", ["🎉", ":tada:", ":our-own-parrot:", "1️⃣2️⃣", ":wave::skin-tone-3: !"])
def test_signs_are_no_question(helpdesk: Helpdesk, channel: str, text: str) -> None:
    outcome = helpdesk.say("ana", text, channel=channel)
    assert outcome.kind not in (OutcomeKind.ANSWERED, OutcomeKind.CHOICE, OutcomeKind.TICKET)
    here = HELP if channel == "slack" else ConversationRef(channel, "", "help", "7.0", private=False)
    overheard = helpdesk.say("tom", text, channel=channel, conversation=here, addressed=Addressed.HELP)
    assert overheard.kind is OutcomeKind.IGNORED


def test_signs_are_shown_on_cards_and_in_what_is_relayed(helpdesk: Helpdesk, channel: str) -> None:
    place = helpdesk.direct("ana", channel, "1.0" if channel == "slack" else None)
    ticket = helpdesk.claimed(text=f"{UNKNOWN} :sob:", channel=channel, conversation=place)
    assert f"{UNKNOWN} 😭" in text_of(helpdesk.card(ticket))
    helpdesk.say("ana", "more :fire:", channel=channel, conversation=place)
    assert "more 🔥" in helpdesk.texts_in(ROOM.space)[-1]
    helpdesk.writes("eva", ":ok_hand: coming")
    assert "👌 coming" in text_of(helpdesk.last("ana", channel))


@pytest.mark.parametrize(
    "text",
    [
        "The new chair came\nthanks a lot!\nMy password is forgotten, I cannot sign in",
        "Ya está\nmuchas gracias\nPD: olvidé mi contraseña y no puedo entrar",
        "I forgot my password\nthanks\nAna Ruiz\nHead of Purchasing\nwww.laptop-battery.example",
        "https://wiki.example/battery-does-not-charge I forgot my password",
    ],
)
def test_thanks_signatures_and_links_do_not_count(helpdesk: Helpdesk, channel: str, text: str) -> None:
    assert helpdesk.say("ana", text, channel=channel).kind is OutcomeKind.ANSWERED
    shown = text_of(helpdesk.last("ana", channel)).lower()
    assert "password" in shown or "contraseña" in shown


def test_the_answer_is_in_the_language_of_who_asks(helpdesk: Helpdesk, channel: str) -> None:
    helpdesk.say("ana", "¿podéis mirar esto?", channel=channel, quotations=(PASSWORD,))
    assert "contraseña" in text_of(helpdesk.last("ana", channel)).lower()


def test_a_name_that_nobody_has_is_asked_for(helpdesk: Helpdesk, channel: str) -> None:
    nobody = Behalf(Identity(channel, "", ""), "carla", helpdesk.direct("eva", channel))
    outcome = helpdesk.say("eva", OTHER, channel="slack", behalf=nobody, inline=True)
    assert outcome.kind is OutcomeKind.REFUSED
    assert outcome.notice is not None
    assert "@carla" in text_of(outcome.notice)
    assert helpdesk.in_space(ROOM.space) == []


def test_a_name_that_comes_late_corrects_the_person_and_the_card(helpdesk: Helpdesk, channel: str) -> None:
    text = f"{UNKNOWN}, ask @U77 or @U7"
    first = helpdesk.say("U9", text, channel=channel, sender_name="U9", thread="1.0")
    assert "U9" in text_of(helpdesk.card(first.ticket))
    for external_id, name in (("U9", "Ana Ruiz"), ("U7", "Kim"), ("U5", "Nobody")):
        helpdesk.desk.late_names.learn(channel, external_id, name)
    helpdesk.deliver()
    card = helpdesk.card(first.ticket)
    assert card.summary.startswith("Ana Ruiz: ")
    assert "ask @U77 or @Kim" in text_of(card)
    assert "U9" not in text_of(card)


def test_a_name_that_comes_late_is_nobodys_of_another_workspace(helpdesk: Helpdesk, channel: str) -> None:
    tickets = {}
    for tenant, question in (("T1", UNKNOWN), ("T2", OTHER)):
        said = helpdesk.utterance("U9", f"{question}, ask @U7", channel=channel, sender_name="U9")
        there, who = replace(said.conversation, tenant=tenant), replace(said.sender, tenant=tenant)
        said = replace(said, keys=(f"of {tenant}",), sender=who, conversation=there)
        tickets[tenant] = helpdesk.desk.intake.receive(said).ticket
    for external_id, name in (("U9", "Ana Ruiz"), ("U7", "Kim")):
        helpdesk.desk.late_names.learn(channel, external_id, name, {"T2"})
    helpdesk.deliver()
    named, other = (helpdesk.card(tickets[tenant]) for tenant in ("T2", "T1"))
    assert "ask @Kim" in text_of(named)
    assert "ask @U7" in text_of(other)
    assert named.summary.startswith("Ana Ruiz: ")
    assert other.summary.startswith("U9: ")


@pytest.mark.parametrize("name", ["", " \n", "An\0a\nRuiz", "x" * 900])
def test_a_late_name_is_cleaned_or_left_out(helpdesk: Helpdesk, channel: str, name: str) -> None:
    outcome = helpdesk.say("U9", UNKNOWN, channel=channel, sender_name="U9")
    changed = helpdesk.desk.late_names.learn(channel, "U9", name)
    helpdesk.deliver()
    shown = helpdesk.card(outcome.ticket).summary
    assert changed == bool(name.strip())
    assert ("U9" in shown) != changed
    assert "\0" not in shown
    assert len(shown) < 500


def test_a_name_that_a_person_has_stays(helpdesk: Helpdesk, channel: str) -> None:
    outcome = helpdesk.say("ana", UNKNOWN, channel=channel)
    assert not helpdesk.desk.late_names.learn(channel, "ana", "Somebody Else")
    helpdesk.deliver()
    assert helpdesk.card(outcome.ticket).summary.startswith(f"Ana: {UNKNOWN} · ")
