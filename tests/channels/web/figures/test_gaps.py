"""Gaps and drafts on the page: who may, from where, and what is answered to what is wrong."""

from dataclasses import replace

import pytest

from bot.desk.ports.content import (
    DraftsGo,
    ExamplesView,
    GapsView,
)
from tests.support.channels.page_site import Serve
from tests.support.fakes.authoring import AT, EVIL, GETS, POSTS, REPORT, ROLES, TEXTS, got, page, sent


async def test_engineers_and_managers_alone_see_gaps_and_write(served: Serve) -> None:
    site, written = await page(served)
    for path in GETS:
        assert [(await got(site, path, who))[0] for who in ROLES] == [200, 200, 403], path
        async with site.client.get(path) as response:
            assert response.status == 401, path
    for path in POSTS:
        assert [(await sent(site, path, who))[0] for who in ROLES] == [200, 200, 403], path
        async with site.client.post(path, json=POSTS[path], headers={"Origin": site.origin}) as response:
            assert response.status == 401, path
    assert [str(by) for _, _, by in written.approvals] == ["web:nora", "web:maya"]
    assert written.examples.decided == [
        (numbers, who, None) for numbers in ([3, 4], [5]) for who in ("web:nora", "web:maya")
    ]
    assert written.examples.looks == 2


async def test_nothing_is_taken_from_another_site(served: Serve) -> None:
    site, written = await page(served)
    for path in POSTS:
        assert (await sent(site, path, Origin="https://evil.example"))[0] == 403, path
    assert (written.looked, written.approvals) == ([], [])
    assert (written.examples.looks, written.examples.decided) == (0, [])


async def test_the_way_to_the_gaps_stands_where_somebody_may_go_it(served: Serve) -> None:
    site, _ = await page(served)
    assert ['href="/gaps"' in (await got(site, "/", who))[1] for who in ROLES] == [True, True, False]


async def test_what_people_wrote_is_text_everywhere(served: Serve) -> None:
    site, _ = await page(served)
    for path in GETS:
        text = (await got(site, path))[1]
        assert EVIL not in text, path
    assert "&lt;script&gt;" in (await got(site, "/gaps"))[1]
    assert EVIL not in (await sent(site, "/drafts/shown"))[1]["html"]


@pytest.mark.parametrize("language", ["en", "es"])
async def test_no_sentence_is_missing(served: Serve, language: str) -> None:
    failed = GapsView(REPORT, AT, 5, outdated=True, running=(1, 9), failed="why")
    site, written = await page(served, view=failed)
    full = written.examples.view_now
    for view in (full, replace(full, running=(1, 9), failed="why"), ExamplesView((), ())):
        written.examples.view_now = view
        text = (await got(site, "/gaps/examples", **{"Accept-Language": language}))[1]
        assert "examples." not in text
    written.examples.view_now = full
    for goes in DraftsGo:
        written.goes = goes
        for path in GETS:
            status, text = await got(site, path, **{"Accept-Language": language})
            assert status == 200, path
            assert "web.gaps" not in text
            assert "web.draft" not in text
            assert "examples." not in text


async def test_gaps_are_looked_for_when_nobody_has_yet(served: Serve) -> None:
    site, written = await page(served, view=GapsView())
    assert (await got(site, "/gaps"))[0] == 200
    assert written.looked == [5]
    written.view = GapsView(failed="no memory")
    assert (await got(site, "/gaps"))[0] == 200
    assert written.looked == [5], "what failed is not begun again by a look"


async def test_what_is_wrong_is_told(served: Serve) -> None:
    site, written = await page(served)
    for path in ("/drafts", "/drafts?gap=x", "/drafts?gap=7&lang=xx", "/drafts?gap=-1"):
        assert (await got(site, path))[0] == 400, path
    assert (await got(site, "/drafts?gap=8"))[0] == 404
    assert (await got(site, "/drafts/replayed?name=other"))[0] == 404
    assert (await sent(site, "/gaps/look", body={"fewest": "1"}))[0] == 400
    assert (await sent(site, "/drafts/shown", body={"article": " "}))[0] == 400
    assert (await sent(site, "/drafts/shown", body={"article": 3}))[0] == 400
    assert (await sent(site, "/drafts/approve", body=TEXTS))[0] == 400
    assert (await sent(site, "/drafts/approve", body={"source": "x" * 101, **TEXTS}))[0] == 400
    written.refusal = "article.md:1: no title"
    for path in ("/drafts/approve", "/drafts/replay"):
        assert await sent(site, path) == (409, {"refused": "article.md:1: no title"})
    written.full, written.refusal = True, ""
    for path in ("/gaps/look", "/drafts/replay"):
        assert (await sent(site, path))[0] == 503, path


async def test_after_an_approval_the_other_language_is_asked_for(served: Serve) -> None:
    site, _ = await page(served)
    _, said = await sent(site, "/drafts/approve", body={**POSTS["/drafts/approve"], "ticket": "HELP-1001"})
    assert "drafts/a" in said["html"]
    assert "/drafts?ticket=HELP-1001&amp;lang=es&amp;version=a" in said["html"]


async def test_an_engineer_reads_nothing_of_other_queues(served: Serve) -> None:
    site, written = await page(served, queues=frozenset({"hr"}))
    told = (await got(site, "/gaps"))[1]
    assert "calibrating" not in told
    assert "queues that are not yours: 1" in told
    assert "calibrating" in (await got(site, "/gaps", "nora"))[1], "managers read of all"
    for path in ("/drafts?gap=7", "/drafts?ticket=HELP-1001"):
        assert [(await got(site, path, who))[0] for who in ("maya", "nora")] == [404, 200]
    written.queues = frozenset({"it"})
    assert "calibrating" in (await got(site, "/gaps"))[1]


async def test_why_a_draft_is_refused_is_said_in_the_page_s_language(served: Serve) -> None:
    site, written = await page(served)
    missing = "There is no article in it."
    written.refusal = f"article.md:3: {missing}\nintent.yaml:4: {missing}"
    for language, said in (("en", missing), ("es", "No contiene ningún artículo.")):
        for path in ("/drafts/approve", "/drafts/replay"):
            status, answer = await sent(site, path, **{"Accept-Language": language})
            assert (status, answer["refused"]) == (409, f"article.md:3: {said}\nintent.yaml:4: {said}")
    written.view = GapsView(failed="the process that computes ended; see that there is enough memory")
    assert (
        "comprueba que haya memoria suficiente" in (await got(site, "/gaps", **{"Accept-Language": "es"}))[1]
    )
