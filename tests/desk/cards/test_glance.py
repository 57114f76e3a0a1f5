"""What a card says at first sight, in which order, and what it folds away."""

import pytest

from bot.domain.conversations.excerpts import LONGEST_SUBJECT, first_words
from bot.domain.conversations.messages import SHOW_DETAILS, Banner, Button, Byline, Details, Heading, Quote
from bot.domain.tickets.ticket import Priority
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.outcomes import form_of, send
from tests.support.unknown import UNKNOWN

LONG = f"{UNKNOWN} since Monday,\nand nobody on the third floor can brew anything, however often we shake it"


def test_a_card_begins_with_what_it_is_about_and_who_asks(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", LONG)
    heading, byline, quote, *_, details = helpdesk.card("HELP-1001").blocks
    assert heading == Heading(first_words(LONG))
    assert quote == Quote(LONG)
    assert isinstance(byline, Byline)
    assert (byline.who, byline.facts[:2]) == ("Ana", ("HELP-1001", "Open"))
    assert isinstance(details, Details)
    assert "Channel: Slack\nLanguage: English\nPriority: Normal" in text_of(details)
    assert "Tried: nothing yet" in text_of(details)


def test_words_that_fit_the_title_are_said_once(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    card = helpdesk.card("HELP-1001")
    assert text_of(card).count(UNKNOWN) == 1


def test_what_is_urgent_is_said_at_once_and_first_in_a_notification(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", f"{UNKNOWN}, the whole team is blocked, deadline today")
    card = helpdesk.card("HELP-1001")
    byline = card.blocks[1]
    assert isinstance(byline, Byline)
    assert byline.alarm.startswith(Priority.URGENT.name.title())
    assert card.summary.startswith(f"{byline.alarm} · Ana: {UNKNOWN}")
    assert card.summary.endswith(" · HELP-1001 · Open")


def test_one_button_for_what_comes_next(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    assert buttons_of(helpdesk.card("HELP-1001")) == ["claim"]
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    card = helpdesk.card("HELP-1001")
    assert buttons_of(card) == ["resolve"]
    assert "release" in [button.action for button in card.menu]
    assert "Claimed by Eva" in text_of(card)


def test_what_is_folded_away_is_shown_as_it_is_now_and_changes_nothing(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    token = helpdesk.button(helpdesk.card("HELP-1001"), "claim").token
    posts = len(helpdesk.posts)
    for _ in range(2):
        outcome = helpdesk.click("eva", Button(SHOW_DETAILS, "", token), conversation=ROOM)
        assert outcome.card == helpdesk.card("HELP-1001")
    assert len(helpdesk.posts) == posts


def test_an_outage_looks_like_one_until_it_is_over(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    card = helpdesk.card("HELP-1001")
    form = form_of(helpdesk.click("eva", helpdesk.button(card, "group"), conversation=ROOM))
    send(helpdesk, "eva", form, title="Flurbostats fizz", notice_en="On it.", notice_es="En ello.")

    def sign() -> Banner:
        shown = [reply.blocks[0] for reply in helpdesk.in_space("CROOM")]
        return next(block for block in shown if isinstance(block, Banner))

    assert sign() == Banner("Known outage: Flurbostats fizz")
    post = next(reply for reply in helpdesk.in_space("CROOM") if sign() in reply.blocks)
    assert not [button for button in post.buttons if button.style == "primary"]
    end = form_of(helpdesk.click("eva", helpdesk.button(post, "outage_end"), conversation=ROOM))
    helpdesk.click("eva", end.buttons[0], inputs={"closing": "Done"}, conversation=ROOM)
    helpdesk.deliver()
    assert sign().over


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("my  chair\n  squeaks\n\n", "my chair / squeaks"),
        ("x" * LONGEST_SUBJECT, "x" * LONGEST_SUBJECT),
        ("x" * 200, "x" * (LONGEST_SUBJECT - 1) + "…"),
        ("word " * 40, "word " * 15 + "word…"),
        ("", ""),
    ],
)
def test_the_first_words_end_between_two_words(text: str, shown: str) -> None:
    assert first_words(text) == shown
    assert len(first_words(text)) <= LONGEST_SUBJECT
