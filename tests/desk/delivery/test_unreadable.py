"""One row that cannot be read, rendered or settled: it is set aside with its reason, and the others go on."""

import pytest
from sqlalchemy import Update, select, text, update

from bot.desk.delivery.dispatcher import GivenUp, Result
from bot.desk.ports.channels import Receipt
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.ticket import Status, parse_ticket_id
from bot.storage.schema.messages import outbox
from bot.storage.schema.tables import texts
from tests.support.desk.helpdesk import CHANNELS, Helpdesk
from tests.support.unknown import OTHER, UNKNOWN

HEALTHY = '{"blocks": [], "buttons": [], "fields": [], "summary": "", "language": "en"}'
WHOLE = "I forgot my password"


def run(helpdesk: Helpdesk, statement: str | Update) -> None:
    """Change rows as another version might have written them."""
    with helpdesk.database.engine.begin() as connection:
        connection.execute(text(statement) if isinstance(statement, str) else statement)


def body(written: str) -> Update:
    """What the replies of another version hold."""
    replies = select(outbox.c.text_id).where(outbox.c.kind == "reply")
    return update(texts).where(texts.c.id.in_(replies)).values(body=written)


REPLIES: dict[str, str | Update] = {
    "a block that is not known": body('{"blocks": [{"type": "hologram"}]}'),
    "a field that is not known": body(
        '{"blocks": [], "buttons": [{"glow": 1}], "fields": [], "summary": "", "language": ""}'
    ),
    "another shape": body('[{"blocks": 7}]'),
    "another shape inside": body('{"blocks": ["x"], "buttons": null}'),
    "nothing": body("null"),
    "no JSON": body("<html>"),
    "no end": body("[" * 100_000),
    "a mark that is not known": "UPDATE outbox SET mark = 'sparkles'",
    "no text": "UPDATE outbox SET text_id = NULL",
}


UNREADABLE_BODIES = {name: change for name, change in REPLIES.items() if isinstance(change, Update)}


@pytest.mark.parametrize("statement", REPLIES.values(), ids=REPLIES)
def test_a_reply_that_cannot_be_read_is_set_aside_and_the_others_go_on(
    helpdesk: Helpdesk, statement: str | Update
) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", WHOLE))
    run(helpdesk, statement)
    helpdesk.desk.intake.receive(helpdesk.utterance("tom", WHOLE))
    exchange = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS)
    assert [delivery.conversation.space for delivery in exchange.next] == ["Dtom"]
    with helpdesk.begin() as work:
        (dead,) = work.deliveries.listed(("dead",), 10)
    assert exchange.given_up == (GivenUp(dead.id, "slack", dead.error),)
    assert dead.error.startswith("unreadable: ")
    assert not {"hologram", "html", "sparkles"} & set(dead.error.split())


def test_what_follows_in_its_conversation_goes_on_and_it_is_tried_again_by_its_number(
    helpdesk: Helpdesk,
) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", UNKNOWN, thread="1.0"))
    run(helpdesk, REPLIES["nothing"])
    helpdesk.deliver()
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), thread="2.0")
    assert len(helpdesk.in_space("Dana")) == 1
    with helpdesk.begin() as work:
        (dead,) = work.deliveries.listed(("dead",), 10)
    run(helpdesk, update(texts).where(texts.c.body == "null").values(body=HEALTHY))
    with helpdesk.begin() as work:
        assert work.deliveries.requeue([dead.id], helpdesk.clock()) == 1
    helpdesk.deliver()
    assert len(helpdesk.in_space("Dana")) == 2


@pytest.mark.parametrize("statement", REPLIES.values(), ids=REPLIES)
def test_whose_reply_cannot_be_read_is_heard_all_the_same(
    helpdesk: Helpdesk, statement: str | Update
) -> None:
    def says(text: str) -> str | None:
        return helpdesk.desk.intake.receive(helpdesk.utterance("ana", text)).ticket

    assert says(UNKNOWN) == "HELP-1001"
    assert says("and the lamp blinks too") == "HELP-1001"
    helpdesk.deliver()
    run(helpdesk, statement)
    assert says("it blinks red, not green") == "HELP-1001"
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), thread="2.0")
    assert says("withdraw HELP-1001") == "HELP-1001"
    with helpdesk.begin() as work:
        ticket = work.tickets.get(parse_ticket_id("HELP-1001") or 0)
        assert ticket is not None
        assert ticket.status is Status.WITHDRAWN


@pytest.mark.parametrize("statement", UNREADABLE_BODIES.values(), ids=UNREADABLE_BODIES)
def test_the_page_shows_what_stands_around_a_reply_that_cannot_be_read(
    helpdesk: Helpdesk, statement: Update
) -> None:
    asked = helpdesk.utterance("ana", UNKNOWN)
    helpdesk.desk.intake.receive(asked)
    run(helpdesk, statement)
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", "and the lamp blinks too"))
    shown = helpdesk.desk.page_view.conversation(asked.conversation)
    assert [message.text for message in shown if message.author] == [UNKNOWN, "and the lamp blinks too"]
    assert [len(message.reply.blocks) > 0 for message in shown if message.reply] == [False, True]


def test_a_card_that_cannot_be_rendered_is_set_aside_and_the_others_go_on(helpdesk: Helpdesk) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", UNKNOWN))
    helpdesk.desk.intake.receive(helpdesk.utterance("tom", OTHER))
    run(helpdesk, "UPDATE tickets SET priority = 99 WHERE id = (SELECT min(id) FROM tickets)")
    helpdesk.deliver()
    assert len(helpdesk.in_space("CROOM")) == 1
    with helpdesk.begin() as work:
        (dead,) = work.deliveries.listed(("dead",), 10)
        assert (dead.kind, dead.ticket) == ("card", "HELP-1001")
        assert "ValueError" in dead.error
        assert work.deliveries.listed(("waiting",), 10) == ()
    run(helpdesk, "UPDATE tickets SET priority = 1")
    with helpdesk.begin() as work:
        assert work.deliveries.requeue(None, helpdesk.clock()) == 1
    helpdesk.deliver()
    assert len(helpdesk.in_space("CROOM")) == 2


def test_a_post_that_cannot_be_settled_is_set_aside_and_the_others_are_settled(helpdesk: Helpdesk) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", UNKNOWN))
    helpdesk.desk.intake.receive(helpdesk.utterance("tom", OTHER))
    leased = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next
    run(helpdesk, "UPDATE tickets SET priority = 99")
    refused = DeliveryFailed("user_disabled", permanent=True)
    results: list[Result] = [
        (delivery, refused if delivery.conversation.space == "Dana" else Receipt("m")) for delivery in leased
    ]
    with pytest.raises(ValueError, match="99"):
        helpdesk.desk.dispatcher.exchange(results, 0, CHANNELS)
    settled = helpdesk.desk.dispatcher.settle_one_by_one(results)
    with helpdesk.begin() as work:
        (dead,) = work.deliveries.listed(("dead",), 10)
        assert work.deliveries.listed(("waiting",), 10) == ()
    assert settled.given_up == (GivenUp(dead.id, "slack", dead.error),)
    assert dead.error.startswith("unsettled: ValueError")
    assert settled.lost == ()


def test_a_database_that_is_away_makes_no_dead_letters(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", UNKNOWN))
    leased = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next
    results: list[Result] = [(delivery, Receipt("m")) for delivery in leased]

    def away() -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(helpdesk.database.engine, "connect", away)
        with pytest.raises(ConnectionError):
            helpdesk.desk.dispatcher.settle_one_by_one(results)
    helpdesk.desk.dispatcher.exchange(results, 0, CHANNELS)
    with helpdesk.begin() as work:
        assert work.deliveries.listed(("dead", "waiting"), 10) == ()
