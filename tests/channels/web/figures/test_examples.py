"""Proposed examples on the page: shown in full, approved as they were shown, by whoever may."""

from bot.desk.ports.content import (
    DraftsGo,
)
from bot.domain.errors import ArticleNotWritten, ExampleNotFound
from tests.support.channels.page_site import Serve
from tests.support.fakes.authoring import got, page, sent


async def test_proposals_are_shown_in_full_and_approved_by_what_was_shown(served: Serve) -> None:
    site, _ = await page(served)
    shown = (await got(site, "/gaps/examples", "nora"))[1]
    assert "before: 2, with the others" in shown
    ticks = [number for number in range(9) if f'type="checkbox" value="{number}" checked' in shown]
    assert ticks == [3, 4], "what has no words any more is not approved"
    assert 'data-numbers="[5]"' in shown
    _, said = await sent(site, "/gaps/examples/approve", "nora")
    assert "Approved: 2." in said["html"]
    assert "drafts/learned-3" in said["html"]
    _, said = await sent(site, "/gaps/examples/take-back", "nora")
    assert "Answers follow within a minute" in said["html"]


async def test_an_engineer_approves_nothing_of_other_queues(served: Serve) -> None:
    site, written = await page(served, queues=frozenset({"hr"}))
    assert ["of it" in (await got(site, "/gaps/examples", who))[1] for who in ("maya", "nora")] == [
        False,
        True,
    ]
    for who in ("maya", "nora"):
        await sent(site, "/gaps/examples/approve", who)
    assert [queues for _, _, queues in written.examples.decided] == [frozenset({"hr"}), None]


async def test_where_the_server_may_only_read_nothing_is_approved_on_the_page(served: Serve) -> None:
    site, _ = await page(served, goes=DraftsGo.DOWNLOAD)
    shown = (await got(site, "/gaps/examples"))[1]
    assert "data-decide" not in shown
    assert "checkbox" not in shown
    assert "firstline examples approve" in shown


async def test_what_is_wrong_with_a_decision_is_told(served: Serve) -> None:
    site, written = await page(served)
    for numbers in (None, [], [True], ["3"], [0], [1] * 1001, [2**63], 3):
        for path in ("/gaps/examples/approve", "/gaps/examples/take-back"):
            assert (await sent(site, path, body={"numbers": numbers}))[0] == 400, (path, numbers)
    assert written.examples.decided == []
    written.examples.refusal = ExampleNotFound("gone")
    for path in ("/gaps/examples/approve", "/gaps/examples/take-back"):
        status, said = await sent(site, path)
        assert (status, "Somebody else has decided" in said["refused"]) == (409, True)
    written.examples.refusal = ArticleNotWritten("There is no article in it.")
    _, said = await sent(site, "/gaps/examples/approve", **{"Accept-Language": "es"})
    assert said["refused"] == "No contiene ningún artículo."
    written.examples.full = True
    assert (await sent(site, "/gaps/examples/look"))[0] == 503
