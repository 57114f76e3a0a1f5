"""Confluence's pages as articles: what is read, what is left out, and what goes."""

from datetime import date

import pytest

from bot.domain.errors import SourceUnavailable
from bot.knowledge.collection import Collection
from bot.knowledge.wiki.folder import STATE
from bot.knowledge.wiki.port import Reason
from tests.support.fakes.wikis.confluence import FakePage
from tests.support.fakes.wikis.wiki_site import WikiSite, add, article, held, reasons

# --- a page as an article ---------------------------------------------------------------------------------


async def test_a_page_is_an_article_with_its_address_owner_and_date(site: WikiSite) -> None:
    labels = ("lang-es", "review-by-2027-01-31", "vpn")
    add(site, FakePage("7", "Use the VPN", "<p>Open <strong>it</strong>.</p>", labels=labels))

    pulled = await site.pull()

    assert (pulled.held, pulled.written, pulled.left_out) == (1, 1, {})
    found = article(site, "7")
    assert found.title == "Use the VPN"
    assert found.body == "Open **it**."
    assert found.language == "es"
    assert found.url == f"{site.settings.url}/wiki/spaces/IT/pages/7"
    assert found.owner == "ana@example.com"
    assert found.updated == date(2026, 11, 2)
    assert found.review_by == date(2027, 1, 31)
    assert found.tags == ("vpn",)


async def test_the_text_tells_the_language_where_no_label_does(site: WikiSite) -> None:
    add(site, FakePage("1", "A", "<p>En la oficina.</p>"), FakePage("2", "B", "<p>At home.</p>"))
    await site.pull()
    assert [article(site, page).language for page in ("1", "2")] == ["es", "en"]


async def test_an_owner_who_hides_the_address_is_named(site: WikiSite) -> None:
    site.fake.people = {"acc-1": {"displayName": "Ana Ruiz"}}
    add(site, FakePage("1", "A"), FakePage("2", "B", owner="acc-unknown"))
    await site.pull()
    assert [article(site, page).owner for page in ("1", "2")] == ["Ana Ruiz", None]


async def test_versions_in_other_languages_are_not_missed(site: WikiSite) -> None:
    add(site, FakePage("1", "A", "<p>En la oficina.</p>"), FakePage("2", "B", "<p>At home.</p>"))
    await site.pull()
    assert [problem.message for problem in Collection([site.source]).load().problems] == []


async def test_what_a_page_is_called_does_no_harm(site: WikiSite) -> None:
    titles = ["--- a: b", "'\"&*!|>%@`", "x\n---\nid: other", "<script>alert(1)</script>", "#[a](b)"]
    add(site, *(FakePage(str(number), title) for number, title in enumerate(titles, 1)))
    await site.pull()
    assert [article(site, str(number)).title for number in range(1, 6)] == [
        " ".join(title.split()) for title in titles
    ]


# --- lists, pages of lists, and refusals ------------------------------------------------------------------


async def test_every_page_of_a_long_list_is_read(site: WikiSite) -> None:
    site.fake.most = 7
    add(site, *(FakePage(str(number), f"Page {number}") for number in range(1, 61)))
    pulled = await site.pull()
    assert pulled.held == 60
    assert held(site) == {str(number) for number in range(1, 61)}


async def test_where_it_is_told_to_wait_it_waits_as_long_and_goes_on(site: WikiSite) -> None:
    add(site, FakePage("1", "A"))
    site.fake.failures.extend([(429, {"Retry-After": "17"}), (503, {"Retry-After": "3"}), (500, {})])
    pulled = await site.pull()
    assert pulled.held == 1
    assert [wait for wait in site.waits if wait >= 3][:2] == [17.0, 3.0]


async def test_where_it_is_told_to_wait_long_the_next_look_waits(site: WikiSite) -> None:
    site.fake.failures.append((429, {"Retry-After": "900"}))
    with pytest.raises(SourceUnavailable) as failure:
        await site.pull()
    assert (failure.value.code, failure.value.retry_after) == ("busy", 900.0)


async def test_a_token_that_ran_out_takes_nothing_away(site: WikiSite) -> None:
    add(site, FakePage("1", "A"))
    await site.pull()
    site.fake.failures.append((401, {}))
    with pytest.raises(SourceUnavailable) as failure:
        await site.look_at_all()
    assert failure.value.code == "unauthorized"
    assert held(site) == {"1"}


async def test_who_is_let_in_as_nobody_takes_nothing_away(site: WikiSite) -> None:
    add(site, FakePage("1", "A"))
    await site.pull()
    site.fake.anonymous = True
    with pytest.raises(SourceUnavailable) as failure:
        await site.look_at_all()
    assert failure.value.code == "unauthorized"
    assert held(site) == {"1"}


async def test_a_next_page_that_lies_elsewhere_is_not_asked(site: WikiSite) -> None:
    add(site, *(FakePage(str(number), "A") for number in range(1, 40)))
    original = site.fake._listed

    def elsewhere(request: object, rows: object, **given: object) -> object:
        answer = original(request, rows, **given)  # type: ignore[arg-type]
        if "Link" in answer.headers:
            answer.headers["Link"] = '<https://evil.example/wiki/api/v2/pages>; rel="next"'
        return answer

    site.fake._listed = elsewhere  # type: ignore[method-assign,assignment]
    with pytest.raises(SourceUnavailable) as failure:
        await site.pull()
    assert failure.value.code == "foreign_address"


async def test_a_space_that_is_not_there_is_named_and_its_pages_go(site: WikiSite) -> None:
    add(site, FakePage("1", "A"))
    await site.pull()
    site.fake.spaces = {}
    pulled = await site.look_at_all()
    assert pulled.faults == ("there is no space 'IT' that our account may see",)
    assert held(site) == set()


# --- who may read -----------------------------------------------------------------------------------------


async def test_only_what_everybody_may_read_is_read(site: WikiSite) -> None:
    add(
        site,
        FakePage("1", "Open"),
        FakePage("2", "For one", readers=("acc-9",)),
        FakePage("3", "For a group", groups=("g-board",)),
        FakePage("4", "Below it", parent="3"),
        FakePage("5", "Far below it", parent="4"),
        FakePage("6", "Beside it", parent="1"),
        FakePage("7", "Kept out", labels=("no-firstline",)),
    )
    pulled = await site.pull()
    assert held(site) == {"1", "6"}
    told = reasons(dict(pulled.left_out))
    assert {page for page, reason in told.items() if reason == Reason.RESTRICTED.sentence} == set("2345")
    assert told["7"] == Reason.LABEL.sentence
    bodies = [query["id"] for _, _, query in site.fake.asked if "body-format" in query]
    assert bodies == ["1,6"]  # the words of the others were never sent for


async def test_a_folder_above_counts_too(site: WikiSite) -> None:
    site.fake.folders = {
        "90": FakePage("90", "Board", groups=("g-board",)),
        "91": FakePage("91", "In it", parent="90", parent_type="folder"),
        "92": FakePage("92", "Open"),
    }
    add(
        site,
        FakePage("1", "A", parent="91", parent_type="folder"),
        FakePage("2", "B", parent="92", parent_type="folder"),
        FakePage("3", "C", parent="2"),
    )
    await site.pull()
    assert held(site) == {"2", "3"}


async def test_what_nobody_tells_of_is_left_out(site: WikiSite) -> None:
    add(site, FakePage("1", "A", parent="90", parent_type="folder"), FakePage("2", "B"))
    site.fake.folders = {"90": FakePage("90", "F")}
    site.fake.on_request = lambda path: site.fake.folders.clear() if "restriction" in path else None
    pulled = await site.pull()
    assert held(site) == {"2"}
    assert reasons(dict(pulled.left_out)) == {"1": Reason.UNKNOWN.sentence}


async def test_a_page_that_the_search_does_not_know_yet_is_asked_about(site: WikiSite) -> None:
    add(site, FakePage("1", "A"), FakePage("2", "B", readers=("acc-9",)))
    site.fake.unsearchable = {"1", "2"}
    await site.pull()
    assert held(site) == {"1"}


async def test_what_everybody_may_read_again_comes_back(site: WikiSite) -> None:
    add(site, FakePage("1", "A"))
    await site.pull()
    site.fake.pages["1"].readers = ("acc-9",)
    await site.look_at_all()
    assert held(site) == set()
    site.fake.pages["1"].readers = ()
    await site.look_at_all()
    assert held(site) == {"1"}


# --- what changes -----------------------------------------------------------------------------------------


async def test_only_what_changed_is_read_again(site: WikiSite) -> None:
    add(site, *(FakePage(str(number), f"Page {number}") for number in range(1, 51)))
    await site.pull()
    site.fake.edit("9", "<p>New.</p>")
    site.fake.asked.clear()

    pulled = await site.pull()

    assert (pulled.written, pulled.removed, pulled.whole) == (1, 0, False)
    assert article(site, "9").body == "New."
    assert [query["id"] for _, _, query in site.fake.asked if "body-format" in query] == ["9"]
    assert len(site.fake.asked) <= 7


async def test_a_new_page_that_not_everybody_may_read_is_not_read(site: WikiSite) -> None:
    add(site, FakePage("1", "A", groups=("g",)), FakePage("2", "B"))
    await site.pull()
    add(
        site,
        FakePage("3", "C", parent="1"),
        FakePage("4", "D", readers=("x",)),
        FakePage("5", "E", parent="2"),
    )
    pulled = await site.pull()
    assert not pulled.whole
    assert held(site) == {"2", "5"}


async def test_a_look_at_which_nothing_changed_writes_nothing(site: WikiSite) -> None:
    add(site, FakePage("1", "A"), FakePage("2", "Empty", "<p> </p>"), FakePage("3", "Kept", readers=("x",)))
    await site.pull()
    before = (site.folder / STATE).stat()
    for look in (site.pull, site.look_at_all):
        pulled = await look()
        assert (pulled.written, pulled.removed, pulled.held) == (0, 0, 1)
    after = (site.folder / STATE).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert site.fake.count("/api/v2/pages") > 0


@pytest.mark.parametrize("how", ["deleted", "archived", "moved"])
async def test_what_is_gone_goes(site: WikiSite, how: str) -> None:
    add(site, FakePage("1", "A"), FakePage("2", "B"))
    await site.pull()
    if how == "deleted":
        del site.fake.pages["1"]
    elif how == "archived":
        site.fake.pages["1"].status = "archived"
    else:
        site.fake.pages["1"].space = "999"
    pulled = await site.look_at_all()
    assert (pulled.removed, held(site)) == (1, {"2"})


async def test_a_page_moved_below_one_that_is_not_for_all_goes(site: WikiSite) -> None:
    add(site, FakePage("1", "A"), FakePage("2", "B", groups=("g",)))
    await site.pull()
    site.fake.pages["1"].parent = "2"
    await site.look_at_all()
    assert held(site) == set()


async def test_another_label_or_owner_is_noticed_without_a_new_version(site: WikiSite) -> None:
    site.fake.people["acc-2"] = {"displayName": "Bo"}
    add(site, FakePage("1", "A"))
    await site.pull()
    site.fake.pages["1"].labels = ("printer",)
    site.fake.pages["1"].owner = "acc-2"
    await site.look_at_all()
    assert (article(site, "1").tags, article(site, "1").owner) == (("printer",), "Bo")


async def test_very_many_changes_are_found_by_a_whole_look(site: WikiSite) -> None:
    add(site, *(FakePage(str(number), "A") for number in range(1, 40)))
    await site.pull()
    for number in range(1, 40):
        site.fake.edit(str(number), f"<p>New {number}.</p>")
    pulled = await site.pull()
    assert (pulled.whole, pulled.written) == (True, 39)


async def test_a_page_that_goes_while_it_is_read_is_no_fault(site: WikiSite) -> None:
    add(site, FakePage("1", "A"), FakePage("2", "B"))

    def delete(path: str) -> None:
        if path.endswith("/pages") and len(site.fake.asked) > 4:
            site.fake.pages.pop("1", None)

    site.fake.on_request = delete
    await site.pull()
    site.fake.on_request = lambda path: None
    await site.look_at_all()
    assert held(site) == {"2"}
