"""Presses buttons that are somebody else's, are no longer there, or were made up."""

from collections.abc import Sequence
from itertools import product

from bench.attack.attempts import Options, Row, row
from bench.attack.site import PLANTED, Site, a_site, bearer, claim_of, plant
from tests.support.e2e import microsoft
from tests.support.e2e.running import until
from tests.support.fakes.slack import pressable

FORGED = "every action with every token, in the employee's pane"
FORGED_ROOM = "every action with every token, in the room of the page"
SLACK = "Slack: an engineer's button, pressed by others"
TEAMS = "Teams: an engineer's button, pressed by others"
OWN = "Slack: an employee's button, pressed by others"
STALE = "buttons of a card that is out of date"
FILES = "under somebody else's card, and their messages changed"
ATTACKS = (FORGED, FORGED_ROOM, SLACK, TEAMS, OWN, STALE, FILES)
STRANGERS = ("tom", "una")  # an employee, and an engineer by their token who is on no list
ARGUMENTS = ("", "2", "urgent", "UTOM", "HELP-1001")
INPUTS = dict.fromkeys("note comment title notice_en notice_es who rank why ask0 into".split(), "forged")


async def attack(site: Site) -> list[Row]:
    """Press all there is as who may not; a row for each kind."""
    return [
        row(FORGED, await forged(site, STRANGERS, "ask")),
        row(FORGED_ROOM, await forged(site, STRANGERS, "room")),
        row(SLACK, await in_slack(site)),
        row(TEAMS, await in_teams(site)),
        row(OWN, await employees(site)),
        row(FILES, await messages(site)),
        row(STALE, await stale(site)),
    ]


async def run(_options: Options) -> list[Row]:
    """Attack a site of its own."""
    async with a_site() as site:
        await plant(site)
        return await attack(site)


async def forged(site: Site, people: Sequence[str], pane: str) -> list[str]:
    """Every action of the desk with every token that there is, and with what nobody offers."""
    actions = site.stage.app.application.desk.intake._buttons._rules
    known = [*site.values("tickets", "token"), *site.values("episodes", "token")]
    aimed = [*product(known, ARGUMENTS), ("new", ""), ("1", ""), ("", "")]
    return [
        await _pressed(site, person, pane, action, token, argument)
        for person, action, (token, argument) in product(people, actions, aimed)
    ]


async def _pressed(site: Site, person: str, pane: str, action: str, token: str, argument: str) -> str:
    before = site.state()
    status, said = await site.press(person, pane, action, token, argument=argument, inputs=INPUTS)
    shows = "shows what somebody else wrote" if PLANTED in said else ""
    changed = site.changed(before)
    if status >= 500 or shows or changed:
        return f"{action} by {person} ({pane}) was answered {status}: {shows or changed}"
    return ""


async def in_slack(site: Site, people: Sequence[str] = ("UMAL", "UTOM", "UANA")) -> list[str]:
    """Somebody who is no engineer claims in the room."""
    slack, found = site.stage.slack, []
    for person in people:
        before = site.state()
        answer = await slack.click(person, "CROOM", site.card["ts"], claim_of(site.card))
        found.append(_judged(site, before, answer.status, f"claim by {person}"))
    return found


async def in_teams(site: Site, people: Sequence[str] = ("ana", "bob")) -> list[str]:
    """Somebody who is no engineer claims in the room."""
    card, found = await microsoft.shown(site.stage.teams, microsoft.ROOM, PLANTED), []
    for person in people:
        before = site.state()
        status, _ = await site.stage.teams.clicks(person, card, "Claim")
        found.append(_judged(site, before, status, f"claim by {person}"))
    return found


async def employees(site: Site, people: Sequence[str] = ("UTOM", "UMAL", "UEVA")) -> list[str]:
    """An answer in a channel that everybody reads: its buttons are its asker's."""
    slack, found = site.stage.slack, []
    await slack.say("CHELP", "UANA", "<@UBOT> I forgot my password")
    await until(lambda: slack.posts("CHELP"), "an answer")
    answer = slack.posts("CHELP")[0]
    for button in pressable(answer):
        if ":more" in button["action_id"]:
            continue  # reading on is for every reader
        for person in people:
            before = site.state()
            sent = await slack.click(person, "CHELP", answer["ts"], button)
            found.append(_judged(site, before, sent.status, f"{button['action_id']} by {person}"))
    return found


async def messages(site: Site, people: Sequence[str] = STRANGERS) -> list[str]:
    """Somebody writes under a card of others, or edits and deletes what others wrote."""
    token, found = site.values("tickets", "token")[1], []
    for person in people:
        for path, body in (
            ("/web/ask", {"pane": "room", "under": token, "text": "forged"}),
            ("/web/change", {"pane": "ask", "change": "edited", "message": "planted-question", "text": "f"}),
            ("/web/change", {"pane": "ask", "change": "deleted", "message": "planted-question"}),
            ("/web/change", {"pane": "ask", "change": "deleted", "message": "planted-file-one"}),
        ):
            before = site.state()
            sent = {"key": f"changed-{site.number():08d}", **body}
            status, _ = await site.send("POST", path, bearer(person), json=sent)
            found.append(_judged(site, before, status, f"{path} by {person}"))
    return found


async def stale(site: Site) -> list[str]:
    """The engineer's own buttons, once the ticket is over."""
    slack, found = site.stage.slack, []
    old, claim, token = dict(site.card), claim_of(site.card), site.values("tickets", "token")[0]
    for action, status in (("claim", "claimed"), ("resolve", "resolved")):
        await site.press("wes", "room", action, token, inputs={"note": "done"})
        await _becomes(site, status)
        await site.delivered()
        for person in ("UERIC", "UEVA"):
            before = site.state()
            answer = await slack.click(person, "CROOM", old["ts"], claim, message=old)
            found.append(_judged(site, before, answer.status, f"a claim of what is {status}"))
    for action in ("claim", "release", "resolve", "cancel"):
        before = site.state()
        answered, _ = await site.press("wes", "room", action, token, inputs={"note": "again"})
        found.append(_judged(site, before, answered, f"{action} of what is resolved"))
    return found


async def _becomes(site: Site, status: str) -> None:
    await until(lambda: site.values("tickets", "status")[0] == status, f"a ticket that is {status}")


def _judged(site: Site, before: dict[str, tuple[str, ...]], status: int, what: str) -> str:
    changed = site.changed(before)
    return f"{what} was answered {status} and changed {changed}" if changed or status >= 500 else ""
