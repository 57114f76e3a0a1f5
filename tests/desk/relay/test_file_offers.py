"""Files that their reader has to agree to first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk.ports.button_actions import ACCEPT, DECLINE, OFFER
from bot.desk.ports.channels import Delivery
from bot.domain.conversations.messages import Addressed, Attachment, Click, OutcomeKind, Utterance
from bot.domain.errors import COPY_KEPT, DeliveryFailed
from tests.support.desk.helpdesk import ROOM, Helpdesk, text_of

LOG = Attachment("fix.log", "text/plain", 7, content=b"do this")


def offered(desk: Helpdesk, text: str = "look") -> tuple[Utterance, Delivery]:
    """Eva sends Ana in Teams a file: what she wrote, and its post."""
    desk.claimed(channel="teams")
    said = desk.writes("eva", text, attachments=(LOG,), files=1)
    (post,) = [d for d in desk.posts if d.file is not None and d.conversation.channel == "teams"]
    return said, post


def answers(desk: Helpdesk, post: Delivery, answer: str, person: str = "ana", token: str = "") -> OutcomeKind:
    """What becomes of somebody's answer."""
    click = Click(OFFER, token or str(post.id), answer)
    return desk.say(person, "", channel="teams", click=click, addressed=Addressed.CLICK).kind


def handed(desk: Helpdesk) -> list[Delivery]:
    """The deliveries that put a file in the place of its offer."""
    return [d for d in desk.posts if d.file is not None and d.revises and not d.delete]


def test_an_accepted_file_takes_the_place_of_its_offer_once(helpdesk: Helpdesk) -> None:
    _, post = offered(helpdesk)
    kinds = [answers(helpdesk, post, answer) for answer in (ACCEPT, ACCEPT, DECLINE)]
    assert kinds == [OutcomeKind.DONE, OutcomeKind.IGNORED, OutcomeKind.IGNORED]
    (delivered,) = handed(helpdesk)
    assert (delivered.revises, delivered.edit, delivered.reply) == (post.id, f"m{post.id}", post.reply)
    assert delivered.file is not None
    assert delivered.file.name == "fix.log"
    assert not any("declined" in text for text in helpdesk.texts_in("CROOM"))


def test_a_declined_file_says_so_on_both_sides(helpdesk: Helpdesk) -> None:
    _, post = offered(helpdesk)
    assert answers(helpdesk, post, DECLINE) is OutcomeKind.DONE
    assert answers(helpdesk, post, ACCEPT) is OutcomeKind.IGNORED
    assert handed(helpdesk) == []
    # There is no public address here, so there is no link that could stay.
    assert "You declined “fix.log”" in text_of(helpdesk.screen[f"m{post.id}"].reply)
    assert any("Ana declined “fix.log”, so it was not passed on" in t for t in helpdesk.texts_in("CROOM"))


@pytest.mark.parametrize("answer", [ACCEPT, DECLINE])
def test_an_open_offer_outlasts_its_ticket(helpdesk: Helpdesk, answer: str) -> None:
    _, post = offered(helpdesk)
    acknowledged = next(d for d in helpdesk.posts if d.conversation == post.conversation and d.reply.buttons)
    with helpdesk.begin() as work:
        assert [at for _, at in work.outbox.with_buttons(1)] == [acknowledged.id]
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    helpdesk.click("eva", resolve, conversation=ROOM, inputs={"note": "Done"})
    while helpdesk.desk.scheduler.round():  # the look that takes buttons off which nobody may press now
        pass
    helpdesk.deliver()
    assert helpdesk.screen[f"m{acknowledged.id}"].reply.buttons == ()
    assert helpdesk.screen[f"m{post.id}"].reply == post.reply
    assert answers(helpdesk, post, answer) is OutcomeKind.DONE
    assert len(handed(helpdesk)) == (answer == ACCEPT)


@pytest.mark.parametrize("token", ["0", "999999", "x", "-1", "1" * 40, "²"])
def test_a_token_that_names_no_offer_does_nothing(helpdesk: Helpdesk, token: str) -> None:
    _, post = offered(helpdesk)
    before = len(helpdesk.posts)
    assert answers(helpdesk, post, ACCEPT, token=token) is OutcomeKind.IGNORED
    assert len(helpdesk.posts) == before


def test_an_offer_is_answered_in_its_own_chat_only(helpdesk: Helpdesk) -> None:
    _, post = offered(helpdesk)
    helpdesk.say("tom", "hello", channel="teams")
    assert answers(helpdesk, post, ACCEPT, person="tom") is OutcomeKind.IGNORED
    assert answers(helpdesk, post, DECLINE, person="nobody") is OutcomeKind.IGNORED
    assert handed(helpdesk) == []


def test_a_post_without_a_file_is_no_offer(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(channel="teams")
    helpdesk.writes("eva", "hello")
    post = next(
        d for d in helpdesk.posts if d.conversation.channel == "teams" and "hello" in text_of(d.reply)
    )
    assert answers(helpdesk, post, ACCEPT) is OutcomeKind.IGNORED


@pytest.mark.parametrize("as_note", [True, False])
def test_what_was_taken_back_cannot_be_accepted(helpdesk: Helpdesk, as_note: bool) -> None:
    said, post = offered(helpdesk)
    if as_note:
        helpdesk.edits(said, "// look")
    else:
        helpdesk.deletes(said)
    assert answers(helpdesk, post, ACCEPT) is OutcomeKind.IGNORED
    assert handed(helpdesk) == []
    assert f"m{post.id}" not in helpdesk.screen


def test_what_is_taken_back_while_it_is_on_its_way_is_not_handed_over(helpdesk: Helpdesk) -> None:
    said, post = offered(helpdesk)
    click = Click(OFFER, str(post.id), ACCEPT)
    answer = helpdesk.utterance("ana", channel="teams", click=click, addressed=Addressed.CLICK)
    helpdesk.desk.intake.receive(answer)  # nothing is delivered yet
    helpdesk.edits(said, "// look")
    assert handed(helpdesk) == []
    assert f"m{post.id}" not in helpdesk.screen


def test_a_file_that_is_no_longer_kept_is_not_promised(helpdesk: Helpdesk) -> None:
    _, post = offered(helpdesk)
    with helpdesk.begin() as work:
        assert work.relays.erase_files(helpdesk.clock() + timedelta(days=8)) == 1
    assert answers(helpdesk, post, ACCEPT) is OutcomeKind.DONE
    assert handed(helpdesk) == []
    assert "no longer available" in text_of(helpdesk.screen[f"m{post.id}"].reply)


def test_what_could_not_be_handed_over_is_said_under_the_card(helpdesk: Helpdesk) -> None:
    _, post = offered(helpdesk)
    space = post.conversation.space
    helpdesk.failing[space] = DeliveryFailed("upload_403", permanent=True)
    answers(helpdesk, post, ACCEPT)
    (told,) = [text for text in helpdesk.texts_in("CROOM") if "upload_403" in text]
    assert "could not be delivered to Ana in Teams" in told
    assert "📎 fix.log" in told


def test_a_copy_that_stays_is_said_under_the_card(helpdesk: Helpdesk) -> None:
    said, post = offered(helpdesk)
    answers(helpdesk, post, ACCEPT)
    helpdesk.failing[post.conversation.space] = DeliveryFailed(COPY_KEPT, permanent=True)
    helpdesk.deletes(said)
    told = [text for text in helpdesk.texts_in("CROOM") if "They had saved a copy" in text]
    assert any("📎 fix.log" in text for text in told)


def test_an_answer_that_comes_again_changes_nothing(helpdesk: Helpdesk) -> None:
    _, post = offered(helpdesk)
    click = Click(OFFER, str(post.id), ACCEPT)
    answer = helpdesk.utterance("ana", channel="teams", click=click, addressed=Addressed.CLICK)
    first, again = (helpdesk.desk.intake.receive(replace(answer)) for _ in range(2))
    helpdesk.deliver()
    assert (first.kind, again.repeated, len(handed(helpdesk))) == (OutcomeKind.DONE, True, 1)
