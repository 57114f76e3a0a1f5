"""The main job over signed HTTP: Slack's fake on one side, the whole application on the other."""

import asyncio

from tests.support.e2e.running import delivered, until
from tests.support.e2e.slack import button, buttons, posted, words
from tests.support.fakes.slack import SlackFake
from tests.support.unknown import UNKNOWN


async def test_from_the_question_to_the_resolution(slack: SlackFake) -> None:
    question = await slack.say("DUANA", "UANA", UNKNOWN)
    told = await posted(slack, "DUANA", "HELP-1001")
    assert question["ts"] == told["thread_ts"]
    card = await posted(slack, "CROOM", UNKNOWN)
    assert "thread_ts" not in card
    assert (await slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))).status == 200
    claimed = await posted(slack, "DUANA", "Eva is now working on HELP-1001")
    assert question["ts"] == claimed["thread_ts"]
    card = await posted(slack, "CROOM", "Claimed")
    await delivered(slack.target)
    assert len(slack.posts("CROOM")) == 1
    await slack.click("UEVA", "CROOM", card["ts"], button(card, "resolve"))
    view = await until(lambda: next(iter(slack.workspace.views.values()), None), "the modal")
    answer = await slack.submit("UEVA", view, note="Tightened <!channel> the *valve*")
    assert answer.status == 200
    resolved = await posted(slack, "DUANA", "Eva has resolved HELP-1001")
    assert "valve" in words(resolved)
    assert "<!channel>" not in words(resolved)
    final = await posted(slack, "CROOM", "Resolved")
    assert [one["text"]["text"] for one in buttons(final)] == ["Details", "Make an article"]


async def test_an_answer_begins_with_its_steps_and_opens_the_rest(slack: SlackFake) -> None:
    await slack.say("DUANA", "UANA", "mi cuenta está bloqueada")
    answer = await posted(slack, "DUANA", "No sigas probando")
    await delivered(slack.target)
    assert slack.posts("DUANA") == [answer]
    labels = [one["text"]["text"] for one in buttons(answer)]
    assert labels == ["Hablar con una persona", "Ver todos los pasos", "Solucionado", "No me sirve"]
    assert "Síntomas" not in words(answer)
    assert (await slack.click("UANA", "DUANA", answer["ts"], button(answer, "more"))).status == 200
    (view,) = slack.workspace.views.values()
    assert "Síntomas" in str(view["blocks"])
    await slack.click("UANA", "DUANA", answer["ts"], button(answer, "solved"))
    await posted(slack, "DUANA", "Marcado como solucionado")
    await delivered(slack.target)
    assert len(slack.posts("DUANA")) == 2, "the rest was not posted"


async def test_exactly_one_of_five_presses_wins(slack: SlackFake) -> None:
    await slack.say("DUANA", "UANA", UNKNOWN)
    card = await posted(slack, "CROOM", UNKNOWN)
    claim = button(card, "claim")
    engineers = ["UEVA", "UERIC", "UEVA", "UERIC", "UERIC"]
    answers = await asyncio.gather(
        *(slack.click(user, "CROOM", card["ts"], claim, message=card) for user in engineers)
    )
    assert {200} == {answer.status for answer in answers}
    await until(lambda: len(slack.workspace.ephemerals) == 4, "four private lines")
    await delivered(slack.target)
    assert len(slack.workspace.ephemerals) == 4
    told = [m for m in slack.posts("DUANA") if "is now working on" in words(m)]
    assert len(told) == 1


async def test_somebody_else_is_told_no_in_private(slack: SlackFake) -> None:
    await slack.say("DUANA", "UANA", UNKNOWN)
    card = await posted(slack, "CROOM", UNKNOWN)
    await slack.click("UMAL", "CROOM", card["ts"], button(card, "claim"))
    await posted(slack, "DUMAL", "Only engineers in this room")
    await delivered(slack.target)
    assert "Open" in words(slack.posts("CROOM")[0])


async def test_a_minute_of_trouble_loses_and_doubles_nothing(slack: SlackFake) -> None:
    slack.fail("chat.postMessage", status=500, times=2)
    slack.fail("chat.postMessage", status=429, error="ratelimited", retry_after=1, times=2)
    await slack.say("DUANA", "UANA", UNKNOWN)
    await posted(slack, "DUANA", "HELP-1001")
    await posted(slack, "CROOM", UNKNOWN)
    await delivered(slack.target)
    assert len(slack.posts("DUANA")) == 1
    assert len(slack.posts("CROOM")) == 1


async def test_a_lost_receipt_is_found_by_its_metadata(slack: SlackFake) -> None:
    slack.fail("chat.postMessage", status=500, times=2, after=True)
    await slack.say("DUANA", "UANA", UNKNOWN)
    await posted(slack, "DUANA", "HELP-1001")
    card = await posted(slack, "CROOM", UNKNOWN)
    await slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))
    await posted(slack, "DUANA", "is now working on")
    await delivered(slack.target)
    assert len(slack.posts("DUANA")) == 2
    assert len(slack.posts("CROOM")) == 1


async def test_a_mention_arrives_twice_and_is_answered_once(slack: SlackFake) -> None:
    await slack.say("CHELP", "UANA", "<@UBOT> I forgot my password")
    answer = await posted(slack, "CHELP", "assword")
    await slack.click("UTOM", "CHELP", answer["ts"], button(answer, "person"))
    await until(lambda: slack.workspace.ephemerals, "a private line")
    await slack.click("UANA", "CHELP", answer["ts"], button(answer, "solved"))
    solved = await posted(slack, "CHELP", "Marked as solved")
    assert solved["ts"] == answer["ts"]
    await delivered(slack.target)
    assert len([m for m in slack.posts("CHELP") if buttons(m) or m["ts"] == answer["ts"]]) == 1


async def test_the_home_tab_lists_and_withdraws(slack: SlackFake) -> None:
    await slack.say("DUANA", "UANA", UNKNOWN)
    await posted(slack, "DUANA", "HELP-1001")
    await slack.open_home("UANA")
    home = await until(lambda: slack.workspace.homes.get("UANA"), "the Home tab")
    assert "HELP-1001" in words(home)
    await slack.press_at_home("UANA", button(home, "cancel"))
    await until(lambda: "cancelled" in words(slack.workspace.homes["UANA"]), "the new state")
    await posted(slack, "CROOM", "Cancelled")


async def test_a_command_is_answered_in_a_dm_and_goes_on_there(slack: SlackFake) -> None:
    answer = await slack.command("UANA", UNKNOWN, channel="CHELP")
    assert answer.status == 200
    told = await posted(slack, "DUANA", "HELP-1001")
    await delivered(slack.target)  # the thread is ours when its first post has its receipt
    await slack.say("DUANA", "UANA", "it is loud too", thread_ts=told["ts"])
    added = await posted(slack, "CROOM", "added to HELP-1001")
    assert "it is loud too" in words(added)
    assert added["thread_ts"] == slack.posts("CROOM")[0]["ts"]


async def test_an_engineer_opens_a_ticket_for_somebody(slack: SlackFake) -> None:
    await slack.command("UEVA", "for <@UTOM|tom> the beamer is dead", channel="CROOM")
    await posted(slack, "DUTOM", "Eva has opened HELP-1001 for you")
    card = await posted(slack, "CROOM", "the beamer is dead")
    assert "tom" in words(card)


async def test_help_from_a_message_is_private_to_who_pressed(slack: SlackFake) -> None:
    message = await slack.say("CHELP", "UANA", "nice weather, everybody")
    await slack.message_shortcut("UTOM", message | {"text": UNKNOWN})
    await posted(slack, "DUTOM", "HELP-1001")
    await delivered(slack.target)
    assert "DUANA" not in slack.workspace.channels or slack.posts("DUANA") == []
    assert slack.posts("CHELP") == []


async def test_a_chat_that_is_opened_guides(slack: SlackFake) -> None:
    slack.workspace.dm("UANA")
    assert (await slack.open_home("UANA", tab="messages")).status == 200
    hello = await posted(slack, "DUANA", "Write to me in your own words")
    assert "thread_ts" not in hello
    prompts = await until(lambda: slack.workspace.prompts.get("DUANA"), "the prompts")
    asked = prompts["prompts"][0]["message"]
    assert asked in words(hello)
    question = await slack.say("DUANA", "UANA", asked)
    answer = await until(lambda: slack.posts("DUANA")[1:], "the answer")
    assert answer[0]["thread_ts"] == question["ts"]
    await slack.open_home("UANA", tab="messages")
    await delivered(slack.target)
    assert len(slack.posts("DUANA")) == 2


async def test_a_slow_answer_is_announced_until_it_comes(slack: SlackFake) -> None:
    status = "assistant.threads.setStatus"
    slack.fail("chat.postMessage", status=429, error="ratelimited", retry_after=1, times=2)
    await slack.say("DUANA", "UANA", UNKNOWN)
    await posted(slack, "DUANA", "HELP-1001")
    await until(lambda: slack.called(status), "the status")
    assert slack.called(status)[0]["status"] == "is looking for an answer…"
    await until(lambda: not any(slack.workspace.statuses.values()), "no status")
