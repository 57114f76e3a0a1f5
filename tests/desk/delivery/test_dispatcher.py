"""Nothing lost, nothing twice: the outbox under failures."""

import random

import pytest

from bot.desk.delivery.retry import REPLY_ATTEMPTS
from bot.desk.ports.channels import Receipt
from bot.domain.conversations.messages import ConversationRef, OutcomeKind
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.ticket import Status
from tests.support.desk.helpdesk import CHANNELS, Helpdesk, text_of
from tests.support.unknown import UNKNOWN


def later(helpdesk: Helpdesk, minutes: float) -> None:
    """Let time pass in small steps, as the courier lives it."""
    for _ in range(int(minutes * 6)):
        helpdesk.clock.move(seconds=10)
        helpdesk.deliver()


def test_a_repeated_event_changes_nothing(helpdesk: Helpdesk) -> None:
    event = helpdesk.utterance("ana", UNKNOWN)
    first = helpdesk.desk.intake.receive(event)
    again = helpdesk.desk.intake.receive(event)
    assert again.repeated
    assert (first.kind, first.ticket) == (again.kind, again.ticket)
    helpdesk.deliver()
    assert len(helpdesk.in_space("Dana")) == 1
    assert len(helpdesk.in_space("CROOM")) == 1


def test_what_fails_for_a_minute_is_delivered_once_and_in_order(helpdesk: Helpdesk) -> None:
    helpdesk.failing["Dana"] = DeliveryFailed("internal_error")
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    helpdesk.say("ana", "and it is loud", thread="1.0")
    later(helpdesk, 1)
    assert helpdesk.in_space("Dana") == []
    helpdesk.failing.clear()
    later(helpdesk, 5)
    words = [text_of(reply) for reply in helpdesk.in_space("Dana")]
    assert len(words) == 2
    assert "Your ticket is HELP-1001" in words[0]
    assert "added" in words[1]


def test_a_rate_limit_holds_the_whole_place_until_it_is_over(helpdesk: Helpdesk) -> None:
    helpdesk.failing["CROOM"] = DeliveryFailed("rate_limited", retry_after=30)
    helpdesk.say("ana", UNKNOWN)
    helpdesk.say("tom", UNKNOWN)
    tries = len([post for post in helpdesk.posts if post.conversation.space == "CROOM"])
    helpdesk.failing.clear()
    helpdesk.clock.move(seconds=29)
    helpdesk.deliver()
    assert tries == len([post for post in helpdesk.posts if post.conversation.space == "CROOM"])
    helpdesk.clock.move(seconds=2)
    helpdesk.deliver()
    assert len(helpdesk.in_space("CROOM")) == 2


def test_what_can_never_succeed_is_given_up_told_in_the_room_and_does_not_block(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    helpdesk.failing["Dana"] = DeliveryFailed("user_disabled", permanent=True)
    helpdesk.say("ana", "first addition", thread="1.0")
    helpdesk.failing.clear()
    helpdesk.say("ana", "my tickets", thread="1.0")
    assert len(helpdesk.in_space("Dana")) == 2
    told = [text_of(reply) for reply in helpdesk.in_space("CROOM")]
    assert [line for line in told if "could not be delivered" in line and "user_disabled" in line]
    with helpdesk.begin() as work:
        assert [row.status for row in work.deliveries.listed(("dead",), 10)] == ["dead"]
        assert work.deliveries.requeue(None, helpdesk.clock()) == 1
    helpdesk.deliver()
    assert len(helpdesk.in_space("Dana")) == 3


def test_a_reply_is_given_up_after_its_last_attempt(helpdesk: Helpdesk) -> None:
    random.seed(1)
    helpdesk.failing["Dana"] = DeliveryFailed("internal_error")
    helpdesk.say("ana", UNKNOWN)
    later(helpdesk, 90)
    tries = [post for post in helpdesk.posts if post.conversation.space == "Dana"]
    assert len(tries) == REPLY_ATTEMPTS
    assert list(range(1, REPLY_ATTEMPTS + 1)) == [post.attempt for post in tries]


def test_a_room_that_does_not_exist_yet_loses_no_ticket(helpdesk: Helpdesk) -> None:
    helpdesk.failing["CROOM"] = DeliveryFailed("channel_not_found")
    outcome = helpdesk.say("ana", UNKNOWN)
    assert outcome.kind == OutcomeKind.TICKET
    later(helpdesk, 60)
    helpdesk.failing.clear()
    later(helpdesk, 10)
    assert len(helpdesk.in_space("CROOM")) == 1
    assert UNKNOWN in text_of(helpdesk.card("HELP-1001"))


def test_a_card_that_waits_shows_the_newest_state_once(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    helpdesk.failing["CROOM"] = DeliveryFailed("internal_error")
    helpdesk.click("eva", claim)
    shown = helpdesk.desk.page_view.ticket(helpdesk.rooms[0], 1)
    assert shown is not None
    release = shown.reply
    helpdesk.click("eva", helpdesk.button(release, "release"))
    helpdesk.click("eric", claim)
    helpdesk.failing.clear()
    later(helpdesk, 2)
    newest = next(s for s in helpdesk.screen.values() if "HELP-1001" in s.reply.summary)
    assert "Eric" in text_of(newest.reply)
    assert newest.versions == 2


def test_a_post_whose_receipt_was_lost_is_tried_again_as_a_second_attempt(helpdesk: Helpdesk) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", UNKNOWN))
    crashed = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS)
    assert crashed.next
    assert not helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next
    helpdesk.clock.move(seconds=31)
    second = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS)
    assert {2} == {delivery.attempt for delivery in second.next}
    assert {delivery.id for delivery in crashed.next} == {delivery.id for delivery in second.next}


def test_who_lost_the_lease_settles_nothing(helpdesk: Helpdesk) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", UNKNOWN))
    first = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next
    helpdesk.clock.move(seconds=31)
    second = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next
    late = helpdesk.desk.dispatcher.exchange([(first[0], Receipt("late"))], 0, CHANNELS)
    assert late.lost == (first[0].id,)
    good = helpdesk.desk.dispatcher.exchange([(second[0], Receipt("good"))], 0, CHANNELS)
    assert good.given_up == ()


def test_a_restart_keeps_everything(helpdesk: Helpdesk) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", UNKNOWN))
    reborn = Helpdesk(helpdesk.database, helpdesk.library, helpdesk.clock, first_key=1000)
    reborn.deliver()
    claim = reborn.button(reborn.card("HELP-1001"), "claim")
    assert reborn.click("eva", claim).kind == OutcomeKind.DONE


def test_a_transaction_that_fails_leaves_nothing(helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    event = helpdesk.utterance("ana", UNKNOWN)

    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("bot.storage.repositories.tickets.Tickets.record", broken)
        with pytest.raises(OSError, match="disk full"):
            helpdesk.desk.intake.receive(event)
    with helpdesk.begin() as work:
        assert work.tickets.listed(tuple(Status), 10) == ()
    outcome = helpdesk.desk.intake.receive(event)
    assert not outcome.repeated
    assert outcome.kind == OutcomeKind.TICKET


def test_a_replica_without_a_channel_leaves_its_posts_to_the_others(helpdesk: Helpdesk) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", UNKNOWN))
    assert helpdesk.desk.dispatcher.exchange([], 16, ("web",)).next == ()
    assert len(helpdesk.desk.dispatcher.exchange([], 16, ("slack",)).next) == 2


def test_a_minute_of_rate_limits_costs_no_attempt(helpdesk: Helpdesk) -> None:
    helpdesk.failing["Dana"] = DeliveryFailed("rate_limited", retry_after=1)
    helpdesk.say("ana", UNKNOWN)
    later(helpdesk, 20)
    helpdesk.failing.clear()
    later(helpdesk, 1)
    assert len(helpdesk.in_space("Dana")) == 1


def test_a_place_that_was_limited_gets_one_post_at_a_time(helpdesk: Helpdesk) -> None:
    helpdesk.failing["CROOM"] = DeliveryFailed("rate_limited", retry_after=5)
    for person in ("ana", "tom", "kim"):
        helpdesk.desk.intake.receive(helpdesk.utterance(person, UNKNOWN))
    helpdesk.deliver()
    helpdesk.clock.move(seconds=6)
    leased = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next
    assert [post.conversation.space for post in leased] == ["CROOM"]


def test_what_dies_in_the_room_breeds_nothing(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    helpdesk.failing["CROOM"] = DeliveryFailed("thread_not_found", permanent=True)
    helpdesk.clock.move(minutes=3)
    helpdesk.say("ana", "more about it", thread="1.0")
    later(helpdesk, 1)
    with helpdesk.begin() as work:
        assert len(work.deliveries.listed(("dead",), 10)) == 1
        assert work.deliveries.listed(("waiting",), 10) == ()


def test_a_symbolic_place_whose_real_one_is_known_stays_symbolic(helpdesk: Helpdesk) -> None:
    known = ConversationRef("teams", "tenant", "chat-1")
    helpdesk.say("ana", "hello", channel="teams", conversation=known)
    symbolic = ConversationRef("teams", "tenant", "@29:ana")
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", "hello", channel="teams", conversation=symbolic))
    (delivery,) = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next
    settled = helpdesk.desk.dispatcher.exchange([(delivery, Receipt("m1", space="chat-1"))], 16, CHANNELS)
    assert (settled.next, settled.given_up, settled.lost) == ((), (), ())
    with helpdesk.begin() as work:
        assert work.conversations.ref(delivery.conversation_id).space == "@29:ana"
