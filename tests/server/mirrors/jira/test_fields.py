"""Status, priority and assignee in Jira: what is read, when and by whom they changed, and what is written."""

import pytest

from bot.backends.jira.statuses import NoWay
from bot.desk.ports.backends import RemoteState, RemoteTicket
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.mirror import DONE, LIVE, NOBODY, MirrorField
from tests.support.fakes.jira.playing import AGENT, OTHER, Played, playing
from tests.support.fakes.jira.site import STATUSES, US, Issue

STATUS, PRIORITY, ASSIGNEE = MirrorField.STATUS, MirrorField.PRIORITY, MirrorField.ASSIGNEE


async def write(played: Played, issue: Issue, **changes: str) -> RemoteTicket:
    seen = await played.backend.read(issue.id)
    await played.backend.write(issue.id, {MirrorField(name): value for name, value in changes.items()}, seen)
    return await played.backend.read(issue.id)


async def test_a_new_request_is_as_we_made_it() -> None:
    async with playing() as played:
        ticket = await played.backend.read((await played.issue()).id)
        assert {name: held.value for name, held in ticket.fields.items()} == {
            STATUS: LIVE,
            PRIORITY: "normal",
            ASSIGNEE: NOBODY,
        }
        assert ticket.fields[PRIORITY].ours
        assert not ticket.fields[ASSIGNEE].ours  # Jira's own rules may give it to somebody


async def test_each_field_says_when_and_by_whom_it_changed() -> None:
    async with playing() as played:
        issue = await played.issue()
        before = await played.backend.read(issue.id)
        played.clock.move(minutes=1)
        played.site.prioritise(issue, "Highest", AGENT)
        played.clock.move(minutes=1)
        played.site.move(issue, "Resolved", OTHER)
        resolved_at = issue.updated
        played.clock.move(minutes=1)
        played.site.assign(issue, AGENT, OTHER)
        ticket = await played.backend.read(issue.id)
        assert ticket.version > before.version
        assert ticket.fields[PRIORITY].value == "urgent"
        assert (ticket.fields[PRIORITY].by.id, ticket.fields[PRIORITY].ours) == (AGENT, False)
        assert (ticket.fields[STATUS].value, ticket.fields[STATUS].at) == (DONE, resolved_at)
        assert (ticket.fields[ASSIGNEE].value, ticket.assignee.name) == (AGENT, "Eva Ruiz")


async def test_a_step_within_the_work_is_no_change_of_the_status() -> None:
    async with playing() as played:
        issue = await played.issue()
        played.clock.move(minutes=1)
        played.site.move(issue, "In Progress", AGENT)
        played.site.move(issue, "Waiting for customer", AGENT)
        ticket = await played.backend.read(issue.id)
        assert (ticket.fields[STATUS].value, ticket.fields[STATUS].at) == (LIVE, issue.created)


async def test_our_own_account_as_assignee_is_nobody() -> None:
    async with playing() as played:
        issue = await played.issue()
        played.site.assign(issue, US, AGENT)
        ticket = await played.backend.read(issue.id)
        assert (ticket.fields[ASSIGNEE].value, ticket.assignee.id) == (NOBODY, "")


async def test_names_of_statuses_win_over_their_categories() -> None:
    async with playing(done="Waiting for customer", live="Canceled") as played:
        issue = await played.issue()
        played.site.move(issue, "Waiting for customer", AGENT)
        assert (await played.backend.read(issue.id)).fields[STATUS].value == DONE
        played.site.move(issue, "Canceled", AGENT)
        assert (await played.backend.read(issue.id)).fields[STATUS].value == LIVE


async def test_what_is_written_is_read_as_ours() -> None:
    async with playing() as played:
        issue = await played.issue()
        ticket = await write(played, issue, priority="urgent", assignee=AGENT, status=DONE)
        assert (issue.priority, issue.assignee, STATUSES[issue.status][0]) == ("Highest", AGENT, "Resolved")
        assert all(held.ours for held in ticket.fields.values())
        ticket = await write(played, issue, status=LIVE, assignee=NOBODY)
        assert (issue.assignee, STATUSES[issue.status][0]) == (None, "Open")
        assert ticket.fields[STATUS].value == LIVE


async def test_a_step_that_asks_for_a_resolution_gets_the_one_of_the_setting() -> None:
    async with playing() as played:
        issue = await played.issue()
        played.site.asks_resolution = True
        assert (await write(played, issue, status=DONE)).fields[STATUS].value == DONE
    async with playing(resolution="Fixed") as played:
        issue = await played.issue()
        played.site.asks_resolution = True
        with pytest.raises(NoWay) as failed:
            await write(played, issue, status=DONE)
        assert (failed.value.code, failed.value.permanent) == ("jira_transition_asks", True)


async def test_of_two_ends_none_is_guessed() -> None:
    async with playing(done="Closed") as played:
        issue = await played.issue()
        with pytest.raises(NoWay) as failed:
            await write(played, issue, status=DONE, priority="low")
        assert failed.value.code == "jira_transition_unclear"
        assert STATUSES[issue.status][0] == "Open"
        assert issue.priority == "Low"  # what could be written was


async def test_what_changed_meanwhile_is_looked_at_first() -> None:
    async with playing() as played:
        issue = await played.issue()
        seen = await played.backend.read(issue.id)
        played.site.prioritise(issue, "Low", AGENT)
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.write(issue.id, {PRIORITY: "high"}, seen)
        assert failed.value.code == "changed_meanwhile"
        assert issue.priority == "Low"


async def test_somebody_without_an_account_cannot_be_its_assignee() -> None:
    async with playing() as played:
        issue = await played.issue()
        with pytest.raises(DeliveryFailed) as failed:
            await write(played, issue, assignee="557058:nobody")
        assert failed.value.permanent


async def test_a_deleted_request_is_gone_and_one_that_is_hidden_is_not() -> None:
    async with playing() as played:
        issue = await played.issue()
        played.site.blind = True
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.read(issue.id)
        assert failed.value.code == "http_404"
        played.site.blind = False
        played.site.remove(issue)
        assert (await played.backend.read(issue.id)).state is RemoteState.GONE


async def test_an_expired_token_takes_nothing_for_deleted() -> None:
    async with playing() as played:
        issue = await played.issue()
        played.site.expired = True
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.read(issue.id)
        assert (failed.value.code, failed.value.permanent) == ("http_401", False)
        assert played.backend.trouble()
        played.site.expired = False
        await played.backend.read(issue.id)
        assert played.backend.trouble() is None


@pytest.mark.parametrize(
    ("status", "headers", "code", "wait"),
    [
        (429, {"Retry-After": "3", "RateLimit-Reason": "jira-burst-based"}, "http_429_jira-burst-based", 3),
        (
            429,
            {"Retry-After": "99999", "RateLimit-Reason": "jira-per-issue-on-write"},
            "http_429_jira-per-issue-on-write",
            3600,
        ),
        (429, {"Retry-After": "soon"}, "http_429", None),
        (503, {"Retry-After": "12"}, "http_503", 12),
        (500, {}, "http_500", None),
        (502, {"Retry-After": "12"}, "http_502", None),
    ],
)
async def test_a_busy_jira_is_asked_again_when_it_says(
    status: int, headers: dict[str, str], code: str, wait: float | None
) -> None:
    async with playing() as played:
        issue = await played.issue()
        played.site.faults = [(status, headers)]
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.read(issue.id)
        assert (failed.value.code, failed.value.retry_after, failed.value.permanent) == (code, wait, False)
        assert played.backend.trouble()
