"""Replies kept ready: picked or searched for on the card, corrected, and sent to the employee."""

from pathlib import Path

import pytest

from bot.domain.conversations.messages import OutcomeKind
from bot.runtime.resources import find
from bot.server.content import library_of
from bot.server.settings import Settings
from tests.support.desk.claimed_tickets import card, claimed
from tests.support.desk.helpdesk import Helpdesk, text_of
from tests.support.desk.outcomes import form_of, send
from tests.support.desk.records import kinds
from tests.support.unknown import SPANISH, UNKNOWN


def test_a_reply_is_picked_corrected_and_sent(helpdesk: Helpdesk) -> None:
    ticket = claimed(helpdesk)
    form = form_of(helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "canned")))
    assert "Please restart" in [option.label for option in form.fields[0].options]
    text = form_of(send(helpdesk, "eva", form, reply="restart-please"))
    assert "Ana" in text.fields[0].initial
    assert "{" not in text.fields[0].initial
    changed = text.fields[0].initial + "\n<!channel> *Thanks*"
    assert send(helpdesk, "eva", text, text=changed).kind == OutcomeKind.DONE
    told = text_of(helpdesk.last("ana"))
    assert told.startswith("Eva (HELP-1001):")
    assert changed in told
    assert changed in text_of(helpdesk.in_space("CROOM")[-1])
    assert kinds(helpdesk)[-1] == "sent"


def test_the_employee_reads_their_own_language(helpdesk: Helpdesk) -> None:
    ticket = claimed(helpdesk, SPANISH)
    form = form_of(helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "canned")))
    text = form_of(send(helpdesk, "eva", form, reply="looking-into-it"))
    assert "Hola, Ana: soy Eva" in text.fields[0].initial
    assert text.fields[0].label == "Your message to Ana"
    send(helpdesk, "eva", text)
    assert text_of(helpdesk.last("ana")).startswith("Eva (HELP-1001):")


def test_a_search_finds_in_every_language_and_comes_back_with_the_hits(helpdesk: Helpdesk) -> None:
    ticket = claimed(helpdesk)
    form = form_of(helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "canned")))
    hits = form_of(send(helpdesk, "eva", form, search="computer"))
    offered = {option.value for option in hits.fields[0].options}
    assert {"restart-please", "remote-session"} == offered
    assert hits.fields[0].initial in offered
    assert hits.fields[1].initial == "computer"
    text = form_of(send(helpdesk, "eva", hits, reply="remote-session"))
    assert "together" in text.fields[0].initial
    once_more = form_of(send(helpdesk, "eva", hits, search="contraseñas"))
    assert "password" in once_more.fields[0].initial
    nothing = form_of(send(helpdesk, "eva", form, search="zzz"))
    assert "Nothing found for “zzz”" in text_of(nothing)
    assert len(nothing.fields[0].options) == len(form.fields[0].options)
    neither = send(helpdesk, "eva", form)
    assert form_of(neither).fields == form.fields
    assert neither.notice is not None
    assert "Pick a reply" in neither.notice.summary


def test_only_the_assignee_of_a_claimed_ticket_sends(helpdesk: Helpdesk) -> None:
    ticket = claimed(helpdesk)
    button = helpdesk.button(card(helpdesk, ticket), "canned")
    form = form_of(helpdesk.click("eva", button))
    text = form_of(send(helpdesk, "eva", form, reply="restart-please"))
    for person in ("eric", "ana"):
        assert helpdesk.click(person, button).kind == OutcomeKind.REFUSED
        assert send(helpdesk, person, text).kind == OutcomeKind.REFUSED
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "release"))
    assert send(helpdesk, "eva", text).kind == OutcomeKind.REFUSED
    assert "canned" not in [one.action for one in card(helpdesk, ticket).menu]
    assert "sent" not in kinds(helpdesk)


@pytest.mark.parametrize("text", ["", "  \u200b", "// only for us", "Hello\n  // between us"])
def test_nothing_and_notes_are_not_sent(helpdesk: Helpdesk, text: str) -> None:
    ticket = claimed(helpdesk)
    form = form_of(helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "canned")))
    before = len(helpdesk.in_space("Dana"))
    assert send(
        helpdesk, "eva", form_of(send(helpdesk, "eva", form, reply="restart-please")), text=text
    ).kind == (OutcomeKind.REFUSED)
    assert len(helpdesk.in_space("Dana")) == before


def test_while_notes_only_is_on_nothing_is_sent(helpdesk: Helpdesk) -> None:
    ticket = claimed(helpdesk)
    form = form_of(helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "canned")))
    text = form_of(send(helpdesk, "eva", form, reply="restart-please"))
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "notes"))
    before = len(helpdesk.in_space("Dana"))
    outcome = send(helpdesk, "eva", text)
    assert outcome.kind == OutcomeKind.REFUSED
    assert outcome.notice is not None
    assert "Notes only" in outcome.notice.summary
    assert len(helpdesk.in_space("Dana")) == before


def test_a_secret_is_hidden(helpdesk: Helpdesk) -> None:
    ticket = claimed(helpdesk)
    form = form_of(helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "canned")))
    text = form_of(send(helpdesk, "eva", form, reply="restart-please"))
    outcome = send(helpdesk, "eva", text, text="Use this: password is Hunter2secret!")
    assert outcome.notice is not None
    assert "Hunter2secret" not in text_of(helpdesk.last("ana"))


def test_without_replies_there_is_no_button(helpdesk: Helpdesk, tmp_path: Path, cache: Path) -> None:
    settings = Settings(
        articles=find("kb_articles"), intents=find("intents"), replies=tmp_path, cache=str(cache)
    )
    library = library_of(settings)
    assert library.load()
    bare = Helpdesk(helpdesk.database, library, helpdesk.clock)
    ticket = bare.say("ana", UNKNOWN).ticket
    bare.click("eva", bare.button(bare.card(ticket), "claim"))
    assert "canned" not in [one.action for one in bare.card(ticket).menu]
