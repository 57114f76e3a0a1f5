"""Buttons, forms and the modals they open."""

from dataclasses import replace

import pytest

from bot.domain.conversations.messages import (
    MORE,
    SHOW_DETAILS,
    Addressed,
    Button,
    Click,
    ConversationRef,
    Details,
    Facts,
    Field,
    Heading,
    Line,
    Outcome,
    OutcomeKind,
    Prose,
    Reply,
    ShowTicket,
)
from tests.support.channels.slack_stage import Stage
from tests.support.fakes.slack.workspace import Json

RESOLVE = Button("resolve", "Resolve with this very long label", "tok-1", "arg", with_fields=True)
CARD = Reply(
    (Line("What should Ana read?"), Prose("**Steps** and [a link](https://x.example)")),
    buttons=(RESOLVE,),
    fields=(
        Field("note", "Note for the employee", hint="What was done", multiline=True),
        Field("code", "Code", multiline=False, required=False),
    ),
    summary="Resolve HELP-1042 for somebody",
    language="es",
)
FORM = Outcome(OutcomeKind.FORM, card=CARD)


def button(action: str = "claim", argument: str = "") -> Json:
    return {
        "type": "button",
        "action_id": f"firstline:{action}:0",
        "value": f'["{action}","tok-1","{argument}"]',
        "text": {"type": "plain_text", "text": "x"},
    }


async def test_a_button_in_the_room(stage: Stage) -> None:
    answer = await stage.slack.click("UENG", "CROOM", "17.1", button(argument="2"), trigger="t.1")
    said = stage.host.last
    assert (answer.status, answer.text) == (200, "")
    assert (said.addressed, said.click) == (Addressed.CLICK, Click("claim", "tok-1", "2"))
    assert said.keys == ("slack:T1:trigger:t.1",)
    # A private answer in a thread would not be seen by who pressed in the channel.
    assert said.conversation == ConversationRef("slack", "T1", "CROOM", "", private=False)
    assert not said.inline


@pytest.mark.parametrize(
    ("channel", "message", "thread"),
    [
        ("DU1", {"ts": "17.1"}, "17.1"),
        ("DU1", {"ts": "17.2", "thread_ts": "17.1"}, "17.1"),
        ("C1", {"ts": "17.2", "thread_ts": "17.1"}, "17.1"),
        ("C1", {"ts": "17.1", "thread_ts": "17.1"}, ""),
    ],
)
async def test_where_a_button_was_pressed(stage: Stage, channel: str, message: Json, thread: str) -> None:
    await stage.slack.click("U1", channel, message["ts"], button(), message=message)
    place = stage.host.last.conversation
    assert (place.space, place.thread, place.private) == (channel, thread, channel == "DU1")


async def test_a_button_of_the_home_tab(stage: Stage) -> None:
    await stage.slack.press_at_home("U1", button("cancel"))
    said = stage.host.last
    assert (said.addressed, said.conversation.space) == (Addressed.HOME, "home:U1")
    assert said.click == Click("cancel", "tok-1")


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "button", "action_id": "somebody_elses", "value": "x"},
        {"type": "button", "action_id": "firstline:claim:0", "value": '{"a": 1}'},
        {"type": "button", "action_id": "firstline:claim:0"},
    ],
)
async def test_an_unknown_button_reaches_the_core(stage: Stage, odd: Json) -> None:
    assert (await stage.slack.click("U1", "CROOM", "1.1", odd)).status == 200
    assert stage.host.last.click == Click("unknown", "")


async def test_a_button_that_is_a_link_is_acknowledged_alone(stage: Stage) -> None:
    link = button() | {"url": "https://x.example"}
    assert (await stage.slack.click("U1", "CROOM", "1.1", link)).status == 200
    assert stage.host.utterances == []


async def test_the_rest_of_an_article_is_read_in_a_modal(stage: Stage) -> None:
    notice = Reply((Heading("Unlock"), Prose("1. **Wait**\n\n" + "Then go on. " * 400)), summary="Unlock")
    stage.host.answers.append(Outcome(OutcomeKind.DONE, notice=notice))
    assert (await stage.slack.click("UENG", "CROOM", "17.1", button(MORE, "account-locked"))).status == 200
    assert (stage.host.last.click, stage.host.last.inline) == (Click(MORE, "tok-1", "account-locked"), True)
    (view,) = stage.slack.workspace.views.values()
    assert "*Wait*" in str(view["blocks"])
    assert "submit" not in view


async def test_what_a_card_folds_away_is_read_in_a_modal(stage: Stage) -> None:
    shown = Details("Details", "tok-1", (Facts((("Language", "Spanish"),)), Line("Matched words: *chair*")))
    card = Reply((Heading("A chair"), shown), summary="A chair")
    stage.host.answers.append(Outcome(OutcomeKind.DONE, card=card, shows=ShowTicket(1)))
    assert (await stage.slack.click("UENG", "CROOM", "17.1", button(SHOW_DETAILS))).status == 200
    assert (stage.host.last.click, stage.host.last.inline) == (Click(SHOW_DETAILS, "tok-1"), True)
    (view,) = stage.slack.workspace.views.values()
    assert "Spanish" in str(view["blocks"])
    assert "Matched words: *chair*" in str(view["blocks"])
    assert "A chair" not in str(view["blocks"])


async def test_a_form_is_opened_and_comes_back(stage: Stage) -> None:
    stage.host.answers.append(FORM)
    assert (await stage.slack.click("UENG", "CROOM", "17.1", button("resolve"))).status == 200
    (view,) = stage.slack.workspace.views.values()
    assert view["title"]["text"] == "Resolve HELP-1042 for s…"
    assert len(view["submit"]["text"]) <= 24
    assert view["close"]["text"] == "Cancelar"
    assert [b["optional"] for b in view["blocks"] if b["type"] == "input"] == [False, True]
    answer = await stage.slack.submit("UENG", view, note="Fixed <b> & *done*")
    said = stage.host.last
    assert (answer.status, answer.text) == (200, "")
    assert said.click == Click("resolve", "tok-1", "arg", inputs={"note": "Fixed <b> & *done*", "code": ""})
    assert (said.addressed, said.inline) == (Addressed.CLICK, True)
    assert (said.conversation.space, said.conversation.private) == ("CROOM", False)
    assert said.keys[0].startswith(f"slack:T1:view:{view['id']}:{view['hash']}:")


async def test_a_form_sent_twice_is_one_and_a_corrected_one_another(stage: Stage) -> None:
    stage.host.answers.append(FORM)
    await stage.slack.click("UENG", "CROOM", "17.1", button("resolve"))
    (view,) = stage.slack.workspace.views.values()
    stage.host.answers.append(FORM)
    refused = await stage.slack.submit("UENG", view, note=" ")
    assert refused.json == {
        "response_action": "errors",
        "errors": {"field:note": "Please check this field."},
    }
    await stage.slack.submit("UENG", view, note="better")
    await stage.slack.submit("UENG", view, note="better")
    notes = [u.click.inputs["note"] for u in stage.host.utterances if u.click and u.click.inputs]
    assert notes == [" ", "better"]


async def test_a_refused_form_says_why_in_its_place(stage: Stage) -> None:
    stage.host.answers.append(FORM)
    await stage.slack.click("UENG", "CROOM", "17.1", button("resolve"))
    (view,) = stage.slack.workspace.views.values()
    notice = Reply((Line("*Eve* has it <!channel>"),), summary="Eve has it")
    stage.host.answers.append(Outcome(OutcomeKind.REFUSED, notice=notice))
    answer = await stage.slack.submit("UENG", view, note="x")
    from tests.support.fakes.slack import markup_in, view_problems

    assert answer.json["response_action"] == "update"
    assert view_problems(answer.json["view"]) == []
    assert markup_in(answer.json["view"]) == []
    assert "*Eve* has it" in answer.json["view"]["blocks"][0]["text"]["text"]


async def test_a_trigger_that_is_gone_makes_no_repeats(stage: Stage) -> None:
    stage.host.answers += [FORM, FORM]
    trigger = stage.slack.workspace.trigger("UENG")
    stage.slack.workspace.advance(4)
    answer = await stage.slack.click("UENG", "CROOM", "17.1", button("resolve"), trigger=trigger)
    assert answer.status == 200
    assert stage.slack.workspace.views == {}
    assert (await stage.slack.click("UENG", "CROOM", "17.1", button("resolve"), trigger="no.1")).status == 200


@pytest.mark.parametrize("failure", [{"status": 500}, {"error": "ratelimited"}, {"error": "internal_error"}])
async def test_a_form_that_cannot_be_opened_is_a_failure(stage: Stage, failure: Json) -> None:
    stage.host.answers.append(FORM)
    stage.slack.fail("views.open", **failure)
    assert (await stage.slack.click("UENG", "CROOM", "17.1", button("resolve"))).status == 500


async def test_somebody_elses_form_is_acknowledged(stage: Stage) -> None:
    view: Json = {"id": "V1", "hash": "h", "blocks": [], "private_metadata": "{}", "callback_id": "other"}
    assert (await stage.slack.submit("U1", view | {"type": "modal"})).status == 200
    assert (await stage.slack.submit("U1", view)).status == 400
    assert stage.host.utterances == []


async def test_a_form_leads_to_the_next_one_in_the_same_place(stage: Stage) -> None:
    stage.host.answers.append(FORM)
    await stage.slack.click("UENG", "CROOM", "17.1", button("resolve"))
    (view,) = stage.slack.workspace.views.values()
    assert FORM.card is not None
    button_of_next = replace(FORM.card.buttons[0], argument="second")
    stage.host.answers.append(replace(FORM, card=replace(FORM.card, buttons=(button_of_next,))))
    answer = await stage.slack.submit("UENG", view, note="first")
    assert answer.json["response_action"] == "update"
    (view,) = stage.slack.workspace.views.values()
    await stage.slack.submit("UENG", view, note="then")
    said = stage.host.last
    assert said.click is not None
    assert (said.click.argument, said.click.inputs) == ("second", {"note": "then", "code": ""})
    assert said.conversation.space == "CROOM"
