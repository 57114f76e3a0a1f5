"""Somebody opens their private chat with the bot."""

from bot.domain.conversations.messages import Addressed, ConversationRef, OutcomeKind
from tests.support.desk.helpdesk import Helpdesk, text_of
from tests.support.unknown import UNKNOWN

CHAT = ConversationRef("slack", "T1", "Dana")


def opened(helpdesk: Helpdesk, person: str = "ana", **changes: object) -> OutcomeKind:
    outcome = helpdesk.say(person, "", conversation=CHAT, addressed=Addressed.OPENED, **changes)
    return outcome.kind


def test_a_newcomer_is_told_once_how_to_ask(helpdesk: Helpdesk) -> None:
    assert opened(helpdesk, locale="es-ES") is OutcomeKind.DONE
    (post,) = helpdesk.posts
    assert post.conversation.space == "Dana"
    assert post.conversation.thread == ""
    said = text_of(post.reply)
    assert said.startswith("¡Hola!")
    assert f"Por ejemplo:\n• {helpdesk.desk.examples.choose('es', 1)[0].text}" in said
    helpdesk.clock.move(seconds=400 * 86400)
    assert opened(helpdesk) is OutcomeKind.IGNORED
    assert len(helpdesk.posts) == 1


def test_who_has_asked_already_is_not_greeted(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    posts = len(helpdesk.posts)
    assert opened(helpdesk) is OutcomeKind.IGNORED
    assert len(helpdesk.posts) == posts


def test_a_stranger_is_not_invited(helpdesk: Helpdesk) -> None:
    assert opened(helpdesk, stranger=True) is OutcomeKind.IGNORED
    assert helpdesk.posts == []
    assert opened(helpdesk) is OutcomeKind.DONE


def test_shadow_mode_says_nothing(helpdesk: Helpdesk) -> None:
    silent = Helpdesk(helpdesk.database, helpdesk.library, helpdesk.clock, shadow="slack")
    assert opened(silent) is OutcomeKind.IGNORED
    assert silent.posts == []
