"""Not helpful with one press: no ticket, a reason if they like, and the last word counts."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Button, OutcomeKind, Reply
from bot.domain.conversations.outcome import NotHelpfulReason
from bot.storage import Database
from bot.storage.schema.feedback import verdicts
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk, buttons_of, text_of
from tests.support.desk.promise import certified, counts_of
from tests.support.desk.simultaneous import at_once, press_of

QUESTION = "I forgot my password"


def said(helpdesk: Helpdesk) -> list[tuple[str, str, str]]:
    with helpdesk.database.transaction(reading=True) as connection:
        rows: list[Any] = list(connection.execute(select(verdicts)))
    return [(row.target, row.verdict, row.reason) for row in rows]


def answered(helpdesk: Helpdesk, question: str = QUESTION) -> Reply:
    helpdesk.say("ana", question)
    return helpdesk.last("ana")


def press(helpdesk: Helpdesk, action: str, argument: str = "") -> OutcomeKind:
    """Press the newest button of this action that is shown."""
    shown = [one for post in helpdesk.in_space("Dana") for one in (*post.buttons, *post.menu)]
    found = [one for one in shown if one.action == action and argument in ("", one.argument)]
    return helpdesk.click("ana", found[-1]).kind


def test_one_press_opens_no_ticket_and_leaves_the_other_ways_open(helpdesk: Helpdesk) -> None:
    assert buttons_of(answered(helpdesk)) == ["solved", "not_helpful", "person"]
    assert press(helpdesk, "not_helpful") is OutcomeKind.DONE
    assert said(helpdesk) == [("password-reset", "not_helpful", "")]
    assert helpdesk.in_space("CROOM") == [], "no ticket"
    post = helpdesk.last("ana")
    assert len(helpdesk.in_space("Dana")) == 1, "it is said on the answer itself"
    assert buttons_of(post) == ["solved", "person"]
    assert [button.argument for button in post.menu] == list(NotHelpfulReason)
    assert post.menu_label, "one control, with a name: three under an answer"
    assert press(helpdesk, "person") is OutcomeKind.TICKET
    assert said(helpdesk) == [("password-reset", "not_helpful", "")]
    assert (helpdesk.in_space("Dana")[0].menu, len(helpdesk.in_space("CROOM"))) == ((), 1)


@pytest.mark.parametrize("reason", NotHelpfulReason)
def test_the_reason_is_kept_and_said_in_the_employees_language(
    helpdesk: Helpdesk, reason: NotHelpfulReason
) -> None:
    answered(helpdesk, "he olvidado la contraseña y no puedo entrar")
    press(helpdesk, "not_helpful")
    assert press(helpdesk, "reason", reason) is OutcomeKind.DONE
    assert said(helpdesk) == [("password-reset", "not_helpful", reason)]
    post, language = helpdesk.last("ana"), "es"
    assert helpdesk.words.say(language, f"reason.{reason}") in text_of(post)
    assert helpdesk.words.say(language, "answer.not_helpful") not in text_of(post), "said once"
    assert (buttons_of(post), post.menu) == (["solved", "person"], ())


def test_the_last_word_counts_and_old_posts_buttons_go_on_working(helpdesk: Helpdesk) -> None:
    post = answered(helpdesk)
    old = {button.action: button for button in post.buttons}
    helpdesk.click("ana", old["solved"])
    assert said(helpdesk)[0][1] == "solved"
    assert helpdesk.click("ana", old["not_helpful"]).kind is OutcomeKind.DONE, "on a screen of before"
    assert said(helpdesk) == [("password-reset", "not_helpful", "")]
    assert buttons_of(helpdesk.in_space("Dana")[0]) == ["solved", "person"]
    helpdesk.click("ana", old["solved"])
    assert said(helpdesk) == [("password-reset", "solved", "")]
    words = text_of(helpdesk.in_space("Dana")[0])
    assert helpdesk.words.say("en", "answer.solved") in words
    assert helpdesk.words.say("en", "answer.not_helpful") not in words
    late = Button("reason", "", old["solved"].token, "out_of_date")
    assert helpdesk.click("ana", late).kind is OutcomeKind.REFUSED
    assert helpdesk.click("bob", old["not_helpful"]).kind is OutcomeKind.REFUSED, "somebody else's"
    assert said(helpdesk) == [("password-reset", "solved", "")]


def test_a_press_after_the_ticket_and_an_unknown_reason_change_nothing(helpdesk: Helpdesk) -> None:
    post = answered(helpdesk)
    press(helpdesk, "not_helpful")
    forged = Button("reason", "", post.buttons[0].token, "because")
    assert helpdesk.click("ana", forged).kind is OutcomeKind.REFUSED
    press(helpdesk, "person")
    for button in post.buttons[:2]:
        assert helpdesk.click("ana", button).kind is OutcomeKind.REFUSED
    assert said(helpdesk) == [("password-reset", "not_helpful", "")]


def test_presses_at_the_same_moment_leave_one_verdict(helpdesk: Helpdesk) -> None:
    solved, not_helpful, _ = answered(helpdesk).buttons
    presses = [("ana", press_of(one)) for one in (not_helpful, not_helpful, solved, not_helpful)]
    at_once(helpdesk, presses)
    ((_, verdict, _),) = said(helpdesk)
    post = helpdesk.in_space("Dana")[0]
    assert (verdict == "solved") == (buttons_of(post) == [])
    notes = [helpdesk.words.say("en", key) for key in ("answer.solved", "answer.not_helpful")]
    assert sum(text_of(post).count(note) for note in notes) == 1


def test_each_answer_is_evidence_once(database: Database, library: Library, clock: Clock) -> None:
    helpdesk = Helpdesk(database, certified(library), clock, certainty=0.95)
    answered(helpdesk)
    press(helpdesk, "not_helpful")
    assert counts_of(helpdesk) == (1, 1), "one judged, and wrong"
    press(helpdesk, "person")
    assert counts_of(helpdesk) == (1, 1)
