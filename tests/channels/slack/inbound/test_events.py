"""What Slack sends, as utterances."""

import pytest

from bot.channels.slack.directory import Profile
from bot.domain.conversations.messages import (
    Addressed,
    ConversationRef,
    Outcome,
    OutcomeKind,
    Quotation,
)
from bot.domain.people import Identity
from tests.support.channels.slack_stage import Stage, Starter
from tests.support.fakes.slack import SlackFake


async def test_a_direct_message(stage: Stage) -> None:
    event = await stage.slack.say("DU1", "U1", "My <https://vpn.example|VPN> is down &amp; slow")
    said = stage.host.last
    assert said.addressed is Addressed.DIRECT
    assert said.text == "My VPN (https://vpn.example) is down & slow"
    assert said.conversation == ConversationRef("slack", "T1", "DU1", event["ts"], private=True)
    assert said.sender == Identity("slack", "T1", "U1")
    assert said.link == ""
    assert said.keys[0] == f"slack:T1:message:DU1:{event['ts']}"
    assert said.keys[1].startswith("slack:T1:event:Ev")
    assert said.at.timestamp() == pytest.approx(float(event["ts"]))


async def test_a_reply_in_a_dm_stays_in_its_thread(stage: Stage) -> None:
    first = await stage.slack.say("DU1", "U1", "hello")
    await stage.slack.say("DU1", "U1", "again", thread_ts=first["ts"])
    assert (stage.host.last.addressed, stage.host.last.conversation.thread) == (
        Addressed.DIRECT,
        first["ts"],
    )


async def test_a_mention_is_received_once(stage: Stage) -> None:
    event = await stage.slack.say("C1", "U1", "<@UBOT>: wifi &lt;gone&gt;")
    assert len(stage.host.utterances) == 1
    said = stage.host.last
    assert (said.addressed, said.text, said.to_others) == (Addressed.MENTION, "wifi <gone>", False)
    assert said.conversation == ConversationRef("slack", "T1", "C1", event["ts"], private=False)
    assert said.link == f"https://acme.slack.com/archives/C1/p{event['ts'].replace('.', '')}"


async def test_an_app_mention_alone_knows_its_channel_the_next_time(stage: Stage) -> None:
    for number in (1, 2):
        event = stage.slack.written("C1", "U1", f"<@UBOT> help {number}")
        event.pop("channel_type")
        await stage.slack.event(event | {"type": "app_mention"})
        await stage.looked_up()
    first, second = stage.host.utterances
    assert (first.addressed, first.link) == (Addressed.MENTION, "")
    assert second.link.startswith("https://acme.slack.com/archives/C1/p")


async def test_no_link_leads_into_a_private_channel(stage: Stage) -> None:
    await stage.slack.say("GPRIV", "U1", "<@UBOT> help")
    assert (stage.host.last.link, stage.host.last.conversation.private) == ("", False)


async def test_a_help_channel_is_overheard_at_its_top_level(stage: Stage) -> None:
    event = await stage.slack.say("CHELP", "U1", "printer?")
    await stage.slack.say("CHELP", "U2", "me too", thread_ts=event["ts"])
    await stage.slack.say("C1", "U1", "no help channel")
    assert [(u.addressed, u.text) for u in stage.host.utterances] == [
        (Addressed.HELP, "printer?"),
        (Addressed.THREAD, "me too"),
    ]
    assert stage.host.last.conversation.thread == event["ts"]


async def test_words_to_somebody_else(stage: Stage) -> None:
    await stage.slack.say("CHELP", "U1", "<@U2|bob> and <@U9> and <#C1|general> <!here> can you?")
    assert stage.host.last.to_others
    assert stage.host.last.text == "@bob and @U9 and #general @here can you?"


async def test_a_mentioned_person_is_shown_by_the_name_we_know(stage: Stage) -> None:
    await stage.slack.say("DU2", "U2", "hello")
    await stage.looked_up()
    await stage.slack.say("CHELP", "U1", "<@U2> look")
    assert stage.host.last.text == "@Bob look"


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
async def test_peoples_messages_of_other_kinds(stage: Stage, subtype: str) -> None:
    await stage.slack.say("DU1", "U1", "", subtype=subtype, files=[{"id": "F1"}, {"id": "F2"}])
    assert (stage.host.last.files, stage.host.last.text) == (2, "")


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "bot_message", "bot_id": "B9"},
        {"bot_id": "B9"},
        {"user": "UBOT"},
        {"user": "USLACKBOT"},
        {"subtype": "message_changed", "message": {"text": "x", "user": "U1"}},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"subtype": "some_future_kind"},
    ],
)
async def test_what_is_never_matched(stage: Stage, more: dict[str, object]) -> None:
    event = stage.slack.written("DU1", "U1", "hello <@UBOT>") | more
    assert (await stage.slack.event(event)).status == 200
    assert stage.host.utterances == []


async def test_names_and_languages_are_looked_up_behind_the_event(stage: Stage) -> None:
    await stage.slack.say("DU1", "U1", "one")
    await stage.looked_up()
    await stage.slack.say("DU1", "U1", "two")
    first, second = stage.host.utterances
    assert (first.sender_name, first.locale) == ("U1", None)
    assert (second.sender_name, second.locale) == ("Ana", "es-ES")
    assert len(stage.slack.called("users.info")) == 1


async def test_a_guest_is_known_the_second_time_and_after_a_restart(stage: Stage, start: Starter) -> None:
    stage.slack.workspace.add_person("UGUEST", "Gus", guest=True)
    for text in ("one", "two"):
        await stage.slack.say("DUGUEST", "UGUEST", text)
        await stage.looked_up()
    assert [u.stranger for u in stage.host.utterances] == [False, True]
    again: Stage = await start(memory=stage.memory)
    await again.slack.say("DUGUEST", "UGUEST", "three")
    assert again.host.last.stranger
    allowing: Stage = await start(memory=stage.memory, FIRSTLINE_SLACK_ALLOW_GUESTS="true")
    await allowing.slack.say("DUGUEST", "UGUEST", "four")
    assert not allowing.host.last.stranger


@pytest.mark.parametrize(
    ("around", "stranger"),
    [
        ({"enterprise_id": "E1", "is_ext_shared_channel": False}, False),
        ({"context_enterprise_id": "E1", "is_ext_shared_channel": False}, False),
        ({"enterprise_id": "E1", "is_ext_shared_channel": True}, True),
        ({"enterprise_id": "E1"}, True),
        ({"enterprise_id": "E2", "is_ext_shared_channel": False}, True),
        ({"is_ext_shared_channel": False}, True),
    ],
)
async def test_who_joined_another_workspace_of_the_organisation_first_is_ours(
    slack: SlackFake, start: Starter, around: dict[str, object], stranger: bool
) -> None:
    slack.workspace.enterprise = "E1"
    stage: Stage = await start()
    event = slack.written("C1", "U1", "hello <@UBOT>", user_team="T2", team="T2")
    await slack.send_json(slack.envelope(event) | around)
    whose = "T2" if stranger else "T1"
    assert (stage.host.last.sender, stage.host.last.stranger) == (Identity("slack", whose, "U1"), stranger)


@pytest.mark.parametrize(
    ("teams", "stranger"), [(["T2", "T1"], False), (["T2"], True), (["T1"], True), ([], True)]
)
async def test_a_profile_names_every_workspace_of_a_person(
    slack: SlackFake, start: Starter, teams: list[str], stranger: bool
) -> None:
    slack.workspace.enterprise = "E1"
    slack.workspace.users["U1"] |= {
        "team_id": "T2",
        "enterprise_user": {"id": "U1", "enterprise_id": "E1", "teams": teams},
    }
    stage: Stage = await start()
    values = {"command": "/firstline", "text": "vpn", "user_id": "U1", "team_id": "T2", "trigger_id": "t.1"}
    assert (await slack.send_form(values)).status == 200
    assert stage.host.last.stranger
    await stage.looked_up()
    assert (await slack.send_form(values | {"trigger_id": "t.2"})).status == 200
    assert stage.host.last.stranger is stranger


async def test_a_person_of_another_workspace_keeps_it(stage: Stage) -> None:
    await stage.slack.say("C1", "U8", "<@UBOT> hi", user_team="T2", team="T2")
    assert (stage.host.last.sender, stage.host.last.stranger) == (Identity("slack", "T2", "U8"), True)
    assert stage.host.last.conversation.tenant == "T1"


OURS = {"team_id": "T1", "is_enterprise_install": False}
THEIRS = {"team_id": "T2", "user_id": "UBOT", "is_bot": True}
WHOLE = {"enterprise_id": "E9", "team_id": "T1", "is_enterprise_install": True}


@pytest.mark.parametrize(
    ("named", "heard"),
    [
        (
            {"team_id": "T2", "authorizations": [OURS]},
            True,
        ),  # a channel that another workspace shares with us
        ({"team_id": "T1", "authorizations": []}, True),
        ({"team_id": "T1", "authorizations": None}, True),
        ({"team_id": "T1", "authorizations": [THEIRS, OURS]}, True),
        ({"team_id": "T1", "authorizations": [THEIRS]}, False),
        ({"team_id": "T2", "authorizations": [THEIRS]}, False),
        ({"team_id": "T2", "authorizations": []}, False),
        ({"team_id": "", "authorizations": []}, False),
        ({"team_id": "T1", "authorizations": [WHOLE]}, False),
    ],
)
@pytest.mark.parametrize("kind", ["message", "app_mention", "app_home_opened", "member_joined_channel"])
async def test_an_event_of_another_workspace_is_not_ours(
    stage: Stage, kind: str, named: dict[str, object], heard: bool
) -> None:
    stage.host.refreshed.clear()
    event = stage.slack.written("CROOM", "U1", "hello <@UBOT>") | {"type": kind}
    sent = stage.slack.envelope(event) | named
    assert (await stage.slack.send_json(sent)).status == 200
    assert bool(stage.host.utterances or stage.host.refreshed) is heard


async def test_who_acts_in_another_workspace_is_a_stranger(stage: Stage) -> None:
    values = {"command": "/firstline", "text": "vpn", "user_id": "U1", "team_id": "T2", "trigger_id": "t.1"}
    assert (await stage.slack.send_form(values)).status == 200
    assert (stage.host.last.sender, stage.host.last.stranger) == (Identity("slack", "T2", "U1"), True)
    clicked = stage.slack.interaction("message_action", "U1") | {
        "team": {"id": "T2"},
        "user": {"id": "U1", "name": "ana"},
        "callback_id": "get_help",
        "channel": {"id": "C1"},
        "message": {"ts": "1.0", "text": "my vpn", "user": "U1"},
    }
    assert (await stage.slack.send_interaction(clicked)).status == 200
    assert (stage.host.last.sender, stage.host.last.stranger) == (Identity("slack", "T2", "U1"), True)


async def test_the_home_tab(stage: Stage) -> None:
    assert (await stage.slack.open_home("U1")).status == 200
    assert stage.host.last.addressed is Addressed.HOME
    assert stage.host.last.conversation == ConversationRef("slack", "T1", "home:U1", "")
    await stage.slack.open_home("U1", tab="about")
    assert len(stage.host.utterances) == 1


async def test_the_messages_tab_is_a_chat_that_was_opened(stage: Stage) -> None:
    assert (await stage.slack.open_home("U1", tab="messages")).status == 200
    assert stage.host.last.addressed is Addressed.OPENED
    assert stage.host.last.conversation == ConversationRef("slack", "T1", "DU1", "")


async def test_the_roster_is_refreshed_when_the_room_changes(stage: Stage) -> None:
    stage.host.refreshed.clear()
    for kind, channel in (("joined", "CROOM"), ("left", "CROOM"), ("joined", "C1")):
        event = {"type": f"member_{kind}_channel", "user": "U1", "channel": channel, "team": "T1"}
        assert (await stage.slack.event(event)).status == 200
    assert stage.host.refreshed == ["slack", "slack"]


# --- commands and shortcuts ---------------------------------------------------------------------------


async def test_a_command_is_answered_in_a_dm(stage: Stage) -> None:
    answer = await stage.slack.command("U2", "my VPN &amp; wifi", trigger="t.1")
    assert answer.json["response_type"] == "ephemeral"
    assert "direct message" in answer.json["text"]
    said = stage.host.last
    assert (said.addressed, said.text, said.keys) == (
        Addressed.DIRECT,
        "my VPN & wifi",
        ("slack:T1:trigger:t.1",),
    )
    assert said.conversation == ConversationRef("slack", "T1", "@U2", "new:t.1")


async def test_a_command_speaks_the_language_of_the_profile(stage: Stage) -> None:
    await stage.slack.say("DU1", "U1", "hola")
    await stage.looked_up()
    assert "mensaje directo" in (await stage.slack.command("U1", "vpn")).json["text"]


async def test_a_command_with_the_word_payload_is_not_lost(stage: Stage) -> None:
    # Bolt takes any form with this word in it for an interaction, and reads nothing from it.
    answer = await stage.slack.command("U1", "what is a payload?")
    assert (answer.status, stage.host.last.text) == (200, "what is a payload?")


@pytest.mark.parametrize("word", ["for", "para", "FOR"])
async def test_a_command_for_somebody_else(stage: Stage, word: str) -> None:
    answer = await stage.slack.command("UENG", f"{word} <@U2|bob> the VPN <@U1|ana> drops", trigger="t.2")
    assert "bob" in answer.json["text"]
    said = stage.host.last
    assert said.behalf is not None
    assert said.behalf.identity == Identity("slack", "T1", "U2")
    assert said.behalf.name == "bob"
    assert said.behalf.conversation == ConversationRef("slack", "T1", "@U2", "new:t.2")
    assert (said.sender.external_id, said.text) == ("UENG", "the VPN @ana drops")


async def test_a_command_that_only_begins_like_one_for_somebody_else(stage: Stage) -> None:
    await stage.slack.command("U1", "for two days the VPN drops")
    assert (stage.host.last.behalf, stage.host.last.text) == (None, "for two days the VPN drops")


async def test_the_message_shortcut(stage: Stage) -> None:
    event = stage.slack.written("C1", "U2", "<@U1> the printer is on fire")
    answer = await stage.slack.message_shortcut("U1", event)
    said = stage.host.last
    assert (answer.status, said.addressed) == (200, Addressed.DIRECT)
    assert said.sender.external_id == "U1"
    assert (said.text, said.quotations) == ("", (Quotation("@U2", "@U1 the printer is on fire"),))
    assert said.conversation.space == "@U1"
    assert said.conversation.thread.startswith("new:")


async def test_the_global_shortcut_asks_in_a_modal(stage: Stage) -> None:
    assert (await stage.slack.global_shortcut("U2")).status == 200
    assert stage.host.utterances == []
    (view,) = stage.slack.workspace.views.values()
    answer = await stage.slack.submit("U2", view, question="my <b>screen</b> &amp; *keyboard*")
    assert (answer.status, answer.text) == (200, "")
    said = stage.host.last
    assert (said.addressed, said.conversation.space) == (Addressed.DIRECT, "@U2")
    assert said.text == "my <b>screen</b> &amp; *keyboard*"
    await stage.slack.submit("U2", view, question="my <b>screen</b> &amp; *keyboard*")
    assert len(stage.host.utterances) == 1


async def test_a_question_of_forty_thousand_characters_and_odd_ones(stage: Stage) -> None:
    await stage.slack.say("DU1", "U1", "a\0b\ud800c" + "x" * 50_000)
    assert stage.host.last.text.startswith("a\ufffdb\ufffdcxxx")
    assert len(stage.host.last.text) == 40_000


async def test_a_profile_of_an_older_time_is_read_again(slack: SlackFake, stage: Stage) -> None:
    stage.workspace.directory._profiles["U2"] = Profile("Old name", read_at=0.0)
    await slack.say("DU2", "U2", "one")
    await stage.looked_up()
    await slack.say("DU2", "U2", "two")
    assert [u.sender_name for u in stage.host.utterances] == ["Old name", "Bob"]


async def test_a_private_notice_takes_the_place_of_the_commands_line(stage: Stage) -> None:
    from bot.domain.conversations.messages import Line, Reply

    notice = Reply((Line("Only engineers may *ask* for others."),), summary="Only engineers")
    stage.host.answers.append(Outcome(OutcomeKind.REFUSED, notice=notice))
    answer = await stage.slack.command("U1", "for <@U2|bob> x")
    assert stage.host.last.inline
    assert answer.json["blocks"][0]["text"]["text"] == "Only engineers may *ask* for others."


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"is_email_confirmed": True}, ("ana@example.com",)),
        ({}, ()),
        ({"is_email_confirmed": False}, ()),
        ({"is_email_confirmed": True, "is_restricted": True}, ()),
        ({"is_email_confirmed": True, "is_stranger": True}, ()),
    ],
)
async def test_only_an_address_that_slack_confirmed_is_told_and_it_is_not_kept(
    slack: SlackFake, stage: Stage, more: dict[str, object], told: tuple[str, ...]
) -> None:
    user = slack.workspace.users["U1"]
    user |= {**more, "tz": "Europe/Madrid"}
    user["profile"] |= {"email": "ana@example.com"}
    await slack.say("DU1", "U1", "one")
    await stage.looked_up()
    await slack.say("DU1", "U1", "two")
    assert stage.host.addresses == [(Identity("slack", "T1", "U1"), told)]
    assert "example.com" not in "".join(stage.memory.kept.values())
    assert stage.host.last.zone == "Europe/Madrid"
