"""The report for developers: all that they need, and nothing of the room's."""

from bot.desk.tickets.developer_report import DeveloperReport
from bot.domain.conversations.messages import OutcomeKind, Prose
from tests.support.desk.claimed_tickets import card, claimed
from tests.support.desk.helpdesk import Helpdesk, text_of
from tests.support.desk.outcomes import form_of, send
from tests.support.desk.records import kinds


def report(helpdesk: Helpdesk, number: int = 1, limit: int = 0, language: str = "en") -> str:
    """A ticket's report."""
    with helpdesk.begin() as work:
        ticket = work.tickets.get(number)
        assert ticket is not None
        maker = DeveloperReport(helpdesk.words, helpdesk.library)
        return maker.markdown(work, ticket, language, limit)


def told(helpdesk: Helpdesk) -> str:
    """A claimed ticket with everything: words before and after, details, and a reply."""
    ticket = claimed(helpdesk, "# my flurbostat *fizzes* <b>\nwith green goo")
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "ask_details"))
    details = {"ask0": "FL-2000 | blue", "ask3": "1. open it\n2. wait"}
    helpdesk.click("ana", helpdesk.button(helpdesk.last("ana"), "details"), inputs=details)
    helpdesk.clock.move(minutes=5)
    form = form_of(helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "canned")))
    text = form_of(send(helpdesk, "eva", form, reply="restart-please"))
    send(helpdesk, "eva", text, text="Please `restart` it")
    helpdesk.clock.move(seconds=9)
    helpdesk.say("ana", "did not change a thing", thread="1.0")
    return ticket


def test_it_has_what_developers_ask_for(helpdesk: Helpdesk) -> None:
    told(helpdesk)
    text = report(helpdesk)
    lines = text.splitlines()
    assert lines[0] == "# HELP-1001: \\# my flurbostat \\*fizzes\\* \\<b\\>"
    headings = [line for line in lines if line.startswith("## ")]
    assert headings == ["## Environment", "## Steps to reproduce", "## What was tried", "## Transcript"]
    assert "- **Device and program**: FL-2000 \\| blue" in lines
    assert "- **Channel**: Slack" in lines
    assert "> 1\\. open it\\\n> 2\\. wait" in text
    transcript = text.partition("## Transcript")[2]
    assert "**Ana**" in transcript
    assert "did not change a thing" in transcript
    assert "Please \\`restart\\` it" in transcript
    assert transcript.index("flurbostat") < transcript.index("Please") < transcript.index("did not change")


def test_nothing_of_the_room_is_in_it(helpdesk: Helpdesk) -> None:
    ticket = told(helpdesk)
    rooms = [text_of(reply) for reply in helpdesk.in_space("CROOM") if reply is not card(helpdesk, ticket)]
    text = report(helpdesk)
    assert rooms
    for line in rooms:
        assert line.splitlines()[0] not in text.replace("\\", "")


def test_another_matter_of_the_same_chat_is_not_in_it(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password", channel="web")
    helpdesk.clock.move(hours=1)
    claimed(helpdesk, channel="web")
    assert "password" not in report(helpdesk)


def test_what_is_not_known_is_said(helpdesk: Helpdesk) -> None:
    claimed(helpdesk)
    assert "Not known yet" in report(helpdesk)
    assert "- nothing yet" in report(helpdesk)
    assert "## Pasos para reproducirlo" in report(helpdesk, language="es")


def test_a_long_one_is_cut_from_its_oldest_end(helpdesk: Helpdesk) -> None:
    claimed(helpdesk)
    for number in range(30):
        helpdesk.clock.move(minutes=3)
        helpdesk.say("ana", f"line {number} " + "x" * 100, thread="1.0")
    whole, cut = report(helpdesk), report(helpdesk, limit=3000)
    assert "line 0 " in whole
    assert len(cut) <= 3000
    assert "line 0 " not in cut
    assert "line 29 " in cut
    assert "--markdown" in cut


def test_a_press_brings_it_to_the_presser_alone(helpdesk: Helpdesk) -> None:
    ticket = told(helpdesk)
    button = helpdesk.button(card(helpdesk, ticket), "report")
    before = kinds(helpdesk)
    outcome = helpdesk.click("eric", button)
    assert outcome.notice is not None
    prose = next(block for block in outcome.notice.blocks if isinstance(block, Prose))
    assert report(helpdesk).rstrip() in prose.markdown
    assert prose.markdown.startswith("```\n")
    private = [shown for shown in helpdesk.screen.values() if shown.private_to is not None]
    assert [shown.private_to.external_id for shown in private if shown.private_to] == ["eric"]
    assert kinds(helpdesk) == before


def test_where_the_response_itself_is_shown_it_is_a_text_to_copy(helpdesk: Helpdesk) -> None:
    ticket = told(helpdesk)
    button = helpdesk.button(card(helpdesk, ticket), "report")
    form = form_of(helpdesk.click("eric", button, inline=True))
    assert form.fields[0].copyable
    assert form.fields[0].initial == report(helpdesk)
    assert send(helpdesk, "eric", form).kind == OutcomeKind.DONE
    assert helpdesk.click("ana", button, inline=True).kind == OutcomeKind.REFUSED
