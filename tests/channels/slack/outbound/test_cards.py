"""Every kind of card that the desk makes, as Slack's blocks: whole, and taken by Slack."""

import json
from datetime import timedelta
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.channels.slack.outbound.blocks import render
from bot.channels.slack.outbound.modals import form_view
from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Outcome, OutcomeKind, Reply
from bot.domain.tickets.outage import Alert, AlertState
from bot.storage import Database
from bot.wording import load
from tests.support.clock import Clock
from tests.support.desk.claimed_tickets import claimed, resolved
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.desk.outcomes import form_of, send
from tests.support.desk.service_requests import FAR, LAPTOP, with_service_requests
from tests.support.fakes.slack import message_problems, view_problems
from tests.support.unknown import OTHER, SPANISH, UNKNOWN

WORDING = load()

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock)


def shown(reply: Reply) -> Any:
    """A card as Slack gets it; what is drawn by lot is left out."""
    rendered = render(reply)
    assert message_problems(rendered.blocks) == []
    return {"text": rendered.text, "blocks": without_tokens(rendered.blocks)}


def modal(reply: Reply) -> Any:
    """A form as Slack gets it."""
    view = form_view(reply, ROOM, WORDING)
    assert view_problems(view) == []
    return {
        "title": view["title"]["text"],
        "submit": view["submit"]["text"],
        "blocks": without_tokens(view["blocks"]),
    }


def without_tokens(part: Any) -> Any:
    """The same blocks with `…` for the opaque ids of buttons."""
    if isinstance(part, list):
        return [without_tokens(one) for one in part]
    if not isinstance(part, dict):
        return part
    changed = {key: without_tokens(value) for key, value in part.items()}
    value = changed.get("value")
    if isinstance(value, str) and value.startswith('["'):
        action, _, argument = json.loads(value)
        changed["value"] = json.dumps([action, "…", argument], ensure_ascii=False)
    return changed


def pressed(desk: Helpdesk, action: str, ticket: str = "HELP-1001") -> Outcome:
    """Eva presses a button of a card, or of its menu."""
    return desk.click("eva", desk.button(desk.card(ticket), action), conversation=ROOM)


def resolve_it(desk: Helpdesk) -> None:
    """Eva resolves HELP-1001 with a note."""
    resolve = desk.button(desk.card("HELP-1001"), "resolve")
    desk.click("eva", resolve, inputs={"note": "Tightened it"}, conversation=ROOM)


def test_an_open_card(
    database: Database, library: Library, clock: Clock, snapshot: SnapshotAssertion
) -> None:
    desk = Helpdesk(database, with_service_requests(library), clock)
    desk.say("ana", FAR)
    assert shown(desk.card("HELP-1001")) == snapshot


def test_a_claimed_card_has_a_menu(desk: Helpdesk, snapshot: SnapshotAssertion) -> None:
    assert shown(desk.card(claimed(desk))) == snapshot


def test_a_resolved_card_and_what_the_employee_reads(desk: Helpdesk, snapshot: SnapshotAssertion) -> None:
    assert shown(desk.card(resolved(desk))) == snapshot(name="room")
    told = desk.last("ana")
    assert shown(told) == snapshot(name="employee")
    desk.click("ana", desk.button(told, "rate", "2"), conversation=desk.direct("ana", thread="1.0"))
    assert shown(desk.last("ana")) == snapshot(name="rated")
    assert shown(desk.card("HELP-1001")) == snapshot(name="room, rated")


def test_a_spanish_rating(desk: Helpdesk, snapshot: SnapshotAssertion) -> None:
    claimed(desk, SPANISH)
    desk.click("eva", desk.button(desk.card("HELP-1001"), "resolve"), inputs={"note": "Ya está"})
    assert shown(desk.last("ana")) == snapshot


def test_a_merged_card(desk: Helpdesk, snapshot: SnapshotAssertion) -> None:
    claimed(desk)
    desk.say("olga", OTHER)
    send(desk, "eva", form_of(pressed(desk, "merge")), ticket="1002")
    assert shown(desk.card("HELP-1001")) == snapshot(name="merged")
    assert shown(desk.in_space("CROOM")[1]) == snapshot(name="other")


def test_an_outage(desk: Helpdesk, snapshot: SnapshotAssertion) -> None:
    claimed(desk)
    form = form_of(pressed(desk, "group"))
    assert modal(form) == snapshot(name="form")
    send(desk, "eva", form, title="Flurbostats fizz", notice_en="We are on it.", notice_es="Estamos en ello.")
    sign = next(reply for reply in desk.in_space("CROOM") if "outage" in reply.summary.lower())
    assert shown(sign) == snapshot(name="sign")
    assert shown(desk.last("ana")) == snapshot(name="employee")


def test_an_alert(desk: Helpdesk, clock: Clock, snapshot: SnapshotAssertion) -> None:
    began = clock() - timedelta(minutes=2)
    told = Alert("vpn-1", "VPN <!here> gateway", AlertState.BEGAN, began, "https://status.example.com/1")
    desk.desk.alerts.alerted("Splunk", told)
    desk.deliver()
    assert shown(desk.in_space("CROOM")[-1]) == snapshot


def test_a_checklist(desk: Helpdesk, snapshot: SnapshotAssertion) -> None:
    claimed(desk)
    pressed(desk, "ask_details")
    asked = desk.last("ana")
    assert shown(asked) == snapshot(name="asked")
    place = desk.direct("ana", thread="1.0")
    form = form_of(desk.click("ana", desk.button(asked, "details"), conversation=place))
    assert modal(form) == snapshot(name="form")


def test_a_service_request(
    database: Database, library: Library, clock: Clock, snapshot: SnapshotAssertion
) -> None:
    desk = Helpdesk(database, with_service_requests(library), clock)
    desk.say("ana", LAPTOP)
    opened = desk.last("ana")
    assert shown(opened) == snapshot(name="employee")
    assert shown(desk.card("HELP-1001")) == snapshot(name="room")
    form = form_of(desk.click("ana", desk.button(opened, "details")))
    assert modal(form) == snapshot(name="form")


def test_a_ready_reply(desk: Helpdesk, snapshot: SnapshotAssertion) -> None:
    form = form_of(pressed(desk, "canned", claimed(desk)))
    assert modal(form) == snapshot(name="pick")
    assert modal(form_of(send(desk, "eva", form, reply="restart-please"))) == snapshot(name="text")


def test_a_report_for_developers(desk: Helpdesk, snapshot: SnapshotAssertion) -> None:
    notice = pressed(desk, "report", claimed(desk)).notice
    assert notice is not None
    assert shown(notice) == snapshot


STATES = ("open", "claimed", "resolved", "rated", "merged", "other")


@pytest.mark.parametrize("state", STATES)
def test_no_card_shows_a_button_that_is_refused_to_everybody(desk: Helpdesk, state: str) -> None:
    desk.say("ana", UNKNOWN, thread="1.0")
    if state != "open":
        pressed(desk, "claim")
    if state in ("resolved", "rated"):
        resolve_it(desk)
    if state == "rated":
        rate = desk.button(desk.last("ana"), "rate", "1")
        desk.click("ana", rate, conversation=desk.direct("ana", thread="1.0"))
    if state in ("merged", "other"):
        desk.say("olga", OTHER)
        send(desk, "eva", form_of(pressed(desk, "merge")), ticket="1002")
    card = desk.in_space("CROOM")[1] if state == "other" else desk.card("HELP-1001")
    # To release and to claim come last.
    for button in sorted((*card.menu, *card.buttons), key=lambda one: one.action == "release"):
        assert state != "merged", "a card for which another one stands offers nothing"
        outcomes = [desk.click(who, button, conversation=ROOM) for who in ("eva", "eric")]
        assert [one for one in outcomes if one.kind is not OutcomeKind.REFUSED], button.action
