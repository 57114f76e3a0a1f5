"""What the bot serves in a help channel, and what it leaves alone."""

import pytest

from bot.domain.conversations.messages import Addressed, ConversationRef, OutcomeKind
from tests.support.desk.helpdesk import Helpdesk

HELP = ConversationRef("slack", "T1", "CHELP", "7.0", private=False)


def kept_texts(helpdesk: Helpdesk) -> list[str]:
    with helpdesk.database.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT body FROM texts").scalars())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I forgot my password", OutcomeKind.ANSWERED),
        ("can somebody repair the flurbostat?", OutcomeKind.TICKET),
        ("it does not work", OutcomeKind.ASKED),
    ],
)
def test_questions_are_served(helpdesk: Helpdesk, text: str, kind: OutcomeKind) -> None:
    assert kind == helpdesk.say("ana", text, conversation=HELP, addressed=Addressed.HELP).kind
    assert helpdesk.in_space("CHELP")


@pytest.mark.parametrize(
    ("person", "text", "changes"),
    [
        ("ana", "lunch was nice today", {}),
        ("ana", "good morning", {}),
        ("ana", "Bob, I forgot my password", {"to_others": True}),
        ("eva", "I forgot my password", {}),
        ("ana", "I forgot my password", {"stranger": True}),
        ("ana", "", {}),
    ],
)
def test_anything_else_is_left_alone_and_not_kept(
    helpdesk: Helpdesk, person: str, text: str, changes: dict[str, bool]
) -> None:
    outcome = helpdesk.say(person, text, conversation=HELP, addressed=Addressed.HELP, **changes)
    assert outcome.kind == OutcomeKind.IGNORED
    assert helpdesk.screen == {}
    assert kept_texts(helpdesk) == []


def test_other_people_in_the_thread_are_never_matched(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password", conversation=HELP, addressed=Addressed.HELP)
    kept = len(kept_texts(helpdesk))
    outcome = helpdesk.say(
        "tom", "me too, I forgot my password", conversation=HELP, addressed=Addressed.THREAD
    )
    assert outcome.kind == OutcomeKind.IGNORED
    assert kept == len(kept_texts(helpdesk))
    mention = helpdesk.say(
        "tom", "me too, I forgot my password", conversation=HELP, addressed=Addressed.MENTION
    )
    assert mention.kind == OutcomeKind.ANSWERED


def test_the_asker_goes_on_in_the_thread_without_a_mention(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "it does not work", conversation=HELP, addressed=Addressed.HELP)
    outcome = helpdesk.say("ana", "the printer", conversation=HELP, addressed=Addressed.THREAD)
    assert outcome.kind == OutcomeKind.ANSWERED
    bob = helpdesk.say("ana", "thanks Bob", conversation=HELP, addressed=Addressed.THREAD, to_others=True)
    assert bob.kind == OutcomeKind.IGNORED


def test_my_tickets_in_public_is_answered_privately(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "my tickets", conversation=HELP, addressed=Addressed.MENTION)
    shown = list(helpdesk.screen.values())
    assert [one.private_to.external_id for one in shown if one.private_to] == ["ana"]
