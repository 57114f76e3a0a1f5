"""Requests in Jira: made once, for whom, and with which words."""

from dataclasses import replace

import pytest

from bot.backends.jira.texts import plain
from bot.domain.errors import DeliveryFailed
from tests.support.fakes.jira.markup import document
from tests.support.fakes.jira.playing import CUSTOMER, NEW, playing
from tests.support.fakes.jira.site import US, Account


async def test_a_request_has_our_number_and_the_words_letter_for_letter() -> None:
    async with playing() as played:
        made = await played.backend.create(NEW, "token", again=False)
        issue = played.site.issues[made.id]
        assert made.url == f"{played.url}/browse/{issue.key}"
        assert "HELP-1042" in issue.fields["summary"]
        assert plain(document(issue.fields["description"])).startswith(NEW.question)
        assert "Ana asked this in chat" in issue.fields["description"]
        assert not played.site.notified
        assert issue.reporter == US


async def test_a_request_whose_making_was_not_told_is_found_and_not_made_again() -> None:
    async with playing() as played:
        played.site.late = [502]
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.create(NEW, "token", again=False)
        assert failed.value.retry_after is None  # else it would count as not done
        assert not failed.value.permanent
        again = await played.backend.create(NEW, "token", again=True)
        assert list(played.site.issues) == [again.id]


@pytest.mark.parametrize("restarted", [False, True])
async def test_while_the_search_is_behind_no_second_request_is_made(restarted: bool) -> None:
    async with playing() as played:
        played.site.late, played.site.behind = [502], True
        with pytest.raises(DeliveryFailed):
            await played.backend.create(NEW, "token", again=False)
        if restarted:
            played.backend._doubted.clear()  # what another process knew
        for _ in range(3):
            with pytest.raises(DeliveryFailed) as failed:
                await played.backend.create(NEW, "token", again=True)
            assert (failed.value.code, failed.value.retry_after) == ("jira_search_behind", None)
            played.clock.move(seconds=15)
        played.site.index()
        again = await played.backend.create(NEW, "token", again=True)
        assert list(played.site.issues) == [again.id]


async def test_a_request_that_never_came_there_is_made_the_second_time() -> None:
    async with playing() as played:
        played.site.faults = [(503, {"Retry-After": "7"})]
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.create(NEW, "token", again=False)
        assert failed.value.retry_after == 7
        made = await played.backend.create(NEW, "token", again=True)
        assert list(played.site.issues) == [made.id]


async def test_another_ticket_with_the_same_words_is_another_request() -> None:
    async with playing() as played:
        one = await played.backend.create(NEW, "token", again=False)
        other = await played.backend.create(NEW, "other", again=False)
        assert one.id != other.id


async def test_the_requester_is_the_customer_with_their_very_address() -> None:
    async with playing(match_addresses=True) as played:
        namesake = Account("qm:mallory", "ana@acme.example", "mallory@evil.example", "customer", True)
        played.site.accounts = {namesake.id: namesake, **played.site.accounts}
        made = await played.backend.create(replace(NEW, address="Ana@acme.example"), "token", again=False)
        assert played.site.issues[made.id].reporter == CUSTOMER


async def test_whoever_has_no_account_or_is_no_customer_is_named_in_our_request() -> None:
    async with playing(match_addresses=True) as played:
        unknown = await played.backend.create(replace(NEW, address="x@acme.example"), "one", again=False)
        agent = await played.backend.create(replace(NEW, address="eva@acme.example"), "two", again=False)
        assert {played.site.issues[made.id].reporter for made in (unknown, agent)} == {US}


async def test_a_request_type_that_asks_for_more_is_refused_for_good() -> None:
    async with playing() as played:
        played.site.required["customfield_10050"] = True
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.create(NEW, "token", again=False)
        assert failed.value.permanent


async def test_names_that_jira_does_not_know_wait_for_the_operator() -> None:
    async with playing() as played:
        played.site.blind = True
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.create(NEW, "token", again=False)
        assert (failed.value.code, failed.value.permanent) == ("jira_no_service_desk", False)
