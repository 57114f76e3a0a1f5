"""Suggested prompts, and the line that says that an answer is being looked for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.channels.slack.client import make_client, make_session
from bot.channels.slack.outbound import agent_view
from bot.channels.slack.outbound.agent_view import AgentView
from bot.desk.ports.content import Example
from bot.domain.conversations.messages import ConversationRef, Outcome, OutcomeKind
from tests.support.channels.empty_host import Memory
from tests.support.channels.slack_stage import Recorder, Stage, Starter, make_host, until
from tests.support.fakes.slack import SlackFake

PROMPTS, STATUS = "assistant.threads.setSuggestedPrompts", "assistant.threads.setStatus"
CHAT, EXAMPLES = ConversationRef("slack", "T1", "DU1"), ("Why does my VPN drop?", "x" * 100)
ANSWERED = Outcome(OutcomeKind.ANSWERED)


def example(text: str) -> Example:
    return Example("target", "Title", text, "en")


@dataclass
class Shown:
    """What is awaited and suggested."""

    view: AgentView
    thread: ConversationRef
    awaited: Callable[[ConversationRef], bool] = lambda _: True
    examples: tuple[str, ...] = EXAMPLES


@pytest.fixture
async def shown(slack: SlackFake, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shown]:
    monkeypatch.setattr(agent_view, "SLOW", 0.0)
    monkeypatch.setattr(agent_view, "SETTLED", 0.0)
    slack.workspace.dm("U1")
    ts = slack.written("DU1", "U1", "my vpn drops")["ts"]
    session = make_session()
    client = make_client(slack.token, slack.api_url, session)
    made = Shown(None, replace(CHAT, thread=ts))  # type: ignore[arg-type]  # set below
    host = replace(
        make_host(Recorder(), Memory()),
        examples=lambda _language, most: tuple(example(one) for one in made.examples[:most]),
        awaited=lambda ref: made.awaited(ref),
    )
    made.view = AgentView(lambda: client, host)
    yield made
    await made.view.close()
    await session.close()


async def done(shown: Shown) -> None:
    await until(lambda: not shown.view._tasks)


async def test_prompts_stand_at_the_top_of_a_chat(slack: SlackFake, shown: Shown) -> None:
    shown.view.opened(CHAT, "en")
    await done(shown)
    set_ = slack.workspace.prompts["DU1"]
    assert set_["title"] == "How can I help?"
    assert [prompt["message"] for prompt in set_["prompts"]] == list(EXAMPLES)
    assert [len(prompt["title"]) for prompt in set_["prompts"]] == [21, 75]
    assert "thread_ts" not in slack.called(PROMPTS)[0]


async def test_prompts_are_set_again_only_where_they_changed(slack: SlackFake, shown: Shown) -> None:
    for examples in (EXAMPLES, EXAMPLES, (), EXAMPLES[:1]):
        shown.examples = examples
        shown.view.opened(CHAT, "en")
        await done(shown)
    assert len(slack.called(PROMPTS)) == 2


async def test_what_slack_refuses_is_left_alone(slack: SlackFake, shown: Shown) -> None:
    slack.workspace.scopes.remove("assistant:write")
    for chat in ("DU1", "DU2"):
        shown.view.opened(replace(CHAT, space=chat), "en")
        await done(shown)
    assert len(slack.called(PROMPTS)) == 1
    shown.view.asked(shown.thread, ANSWERED, "en")  # the other method is not concerned
    await until(lambda: slack.called(STATUS))


async def test_what_failed_once_is_tried_again(slack: SlackFake, shown: Shown) -> None:
    slack.fail(PROMPTS, status=500)
    for _ in range(2):
        shown.view.opened(CHAT, "en")
        await done(shown)
    assert "DU1" in slack.workspace.prompts


async def test_a_slow_answer_is_announced(slack: SlackFake, shown: Shown) -> None:
    shown.view.asked(shown.thread, ANSWERED, "es")
    await done(shown)
    assert slack.workspace.statuses == {("DU1", shown.thread.thread): "está buscando una respuesta…"}


@pytest.mark.parametrize(
    "outcome",
    [Outcome(OutcomeKind.IGNORED), Outcome(OutcomeKind.ADDED), replace(ANSWERED, repeated=True)],
)
async def test_nothing_is_announced_where_nothing_is_looked_for(
    slack: SlackFake, shown: Shown, outcome: Outcome
) -> None:
    shown.view.asked(shown.thread, outcome, "en")
    shown.view.asked(replace(shown.thread, thread="new:1"), ANSWERED, "en")
    await done(shown)
    assert slack.called(STATUS) == []


async def test_an_answer_that_is_there_is_not_announced(
    slack: SlackFake, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_view, "SLOW", 3600.0)
    shown.view.asked(shown.thread, ANSWERED, "en")
    shown.view.said(shown.thread)
    await done(shown)
    monkeypatch.setattr(agent_view, "SLOW", 0.0)
    shown.awaited = lambda _: False  # another replica was faster
    shown.view.asked(shown.thread, ANSWERED, "en")
    await done(shown)
    assert slack.called(STATUS) == []


async def test_a_line_that_came_after_the_answer_is_taken_away(slack: SlackFake, shown: Shown) -> None:
    def overtaken(_: ConversationRef) -> bool:
        return not slack.called(STATUS)

    shown.awaited = overtaken
    shown.view.asked(shown.thread, ANSWERED, "en")
    await done(shown)
    assert [call["status"] for call in slack.called(STATUS)] == ["is looking for an answer…", ""]


async def test_an_own_answer_overtakes_the_line(slack: SlackFake, shown: Shown) -> None:
    def said(ref: ConversationRef) -> bool:
        # The answer is posted right after this look, while the line is on its way.
        asyncio.get_running_loop().call_soon(shown.view.said, ref)
        return True

    shown.awaited = said
    shown.view.asked(shown.thread, ANSWERED, "en")
    await done(shown)
    assert slack.workspace.statuses == {("DU1", shown.thread.thread): ""}


async def test_who_has_too_much_to_do_does_not_announce_it_to_everybody(
    slack: SlackFake, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[ConversationRef] = []

    def look(ref: ConversationRef) -> bool:
        looked.append(ref)
        return len(looked) <= agent_view.MOST_TOLD

    shown.awaited = look
    for number in range(5 * agent_view.MOST_TOLD):
        ts = slack.written("DU1", "U1", f"question {number}")["ts"]
        shown.view.asked(replace(shown.thread, thread=ts), ANSWERED, "en")
    await done(shown)
    told = [call for call in slack.called(STATUS) if call["status"]]
    assert len(told) == agent_view.MOST_TOLD
    assert len(looked) <= 2 * agent_view.MOST_TOLD, "the database is not asked for the others"
    slack.workspace.statuses.clear()
    shown.awaited = lambda _: True
    shown.view.asked(shown.thread, ANSWERED, "en")
    await done(shown)
    assert slack.workspace.statuses, "whoever asks afterwards is told again"


async def test_a_question_is_acknowledged_before_anything_is_called(
    start: Starter, slack: SlackFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_view, "SLOW", 0.0)
    stage: Stage = await start()
    view: Any = stage.workspace.agent_view
    view._host = replace(view._host, awaited=lambda _: True)
    stage.host.answers = [ANSWERED]
    slack.workspace.dm("U2")
    before = len(slack.workspace.calls)
    event = slack.written("DU2", "U2", "my vpn drops")
    assert (await slack.event(event)).status == 200
    await until(lambda: slack.called(STATUS))
    assert {name for name, _ in slack.workspace.calls[before:]} <= {STATUS, "users.info"}


async def test_a_chat_that_is_opened_gets_its_prompts(start: Starter, slack: SlackFake) -> None:
    stage: Stage = await start()
    view: Any = stage.workspace.agent_view
    view._host = replace(view._host, examples=lambda language, _: (example(language),))
    slack.workspace.dm("U2")
    await slack.open_home("U2", tab="messages")
    await until(lambda: slack.workspace.prompts)
    assert slack.workspace.prompts["DU2"]["prompts"] == [{"title": "en", "message": "en"}]
