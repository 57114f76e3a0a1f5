"""The pane of the employee in a real headless Chromium: questions, answers, and who asks."""

import re

from playwright.async_api import expect

from bot.channels.web.access.accounts import read_grants
from bot.domain.conversations.messages import Button, ConversationRef, Line, More, Prose, Reply, Small
from tests.support.channels.page_site import ANA_TOKEN, TOKENS, Site, serve
from tests.support.channels.page_windows import IN_CHROMIUM, Open, ask
from tests.support.chromium import violations

pytestmark = IN_CHROMIUM
EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> & <b>bold</b>"


async def test_ask_answer_solved(site: Site, opened: Open) -> None:
    page = await opened(site)
    await page.get_by_role("button", name="My account is locked").click()
    answer = page.locator(".message.theirs:not(.waits)")
    await expect(answer).to_contain_text("Unlock it yourself")
    await expect(answer.locator(".prose ol > li")).to_have_count(3)
    await expect(page.locator("#ask-text")).to_have_value("")
    await page.get_by_role("button", name="Solved").click()
    await expect(page.locator(".message.theirs:not(.waits)").last).to_contain_text("Glad it works.")
    assert [str(said.click.action) for said in site.desk.received if said.click] == ["solved"]


async def test_a_choice_carries_its_place(site: Site, opened: Open) -> None:
    page = await opened(site)
    await ask(page, "the vpn")
    await page.get_by_role("button", name="VPN on macOS").click()
    await expect(page.get_by_role("heading", name="VPN on macOS")).to_be_visible()


async def test_a_failure_keeps_the_words_and_the_key(site: Site, opened: Open) -> None:
    page = await opened(site)
    site.desk.prepared = [OSError("away")]
    await page.locator("#ask-text").fill("a chair")
    await page.locator("#ask-text").press("Enter")
    await expect(page.locator("#ask-told")).to_contain_text("That did not work")
    await expect(page.locator("#ask-text")).to_have_value("a chair")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".row")).to_have_count(1)
    await expect(page.locator("#ask-told")).to_be_empty()
    first, second = site.desk.received
    assert first.keys == second.keys
    await ask(page, "a chair")
    await expect(page.locator(".row")).to_have_count(2)
    assert site.desk.received[2].keys != first.keys


async def test_nothing_is_sent_for_nothing(site: Site, opened: Open) -> None:
    page = await opened(site)
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#ask-told")).to_have_text(re.compile("Write your question first"))
    assert site.desk.received == []


async def test_a_lost_connection_is_told_and_comes_back(site: Site, opened: Open) -> None:
    page = await opened(site)
    await expect(page.locator("#lost")).to_be_hidden()
    site.desk.unreadable = True
    await expect(page.locator("#lost")).to_contain_text("Connection lost")
    site.desk.unreadable = False
    await expect(page.locator("#lost")).to_be_hidden()
    await site.post("/web/ask", text="a chair")
    await expect(page.locator(".card")).to_have_count(1)


async def test_what_comes_later_is_seen_without_scrolling(site: Site, opened: Open) -> None:
    """Who has read everything sees the next message; one that is longer than the pane from its top."""
    page = await opened(site)
    await ask(page, "my chair squeaks")
    newest = page.locator(".message.theirs:not(.waits)").last
    await expect(newest).to_contain_text("I have opened")
    [held] = site.desk.held.values()
    for number in range(12):
        text = f"Word number {number}.\nIt is about the chair.\nThat is all."
        site.desk.add(held.back, reply=Reply((Line(text), Line("Until later."))))
        await expect(newest).to_contain_text(f"Word number {number}.")
        await expect(newest).to_be_in_viewport(ratio=1)
    site.desk.add(held.back, reply=Reply(tuple(Line(f"Step {step}") for step in range(60))))
    await expect(newest).to_contain_text("Step 59")
    await expect(newest.get_by_text("Step 0", exact=True)).to_be_in_viewport(ratio=1)
    await expect(newest.get_by_text("Step 59", exact=True)).not_to_be_in_viewport()


async def test_who_has_asked_nothing_themselves_sees_the_newest_first(site: Site, opened: Open) -> None:
    ana = ConversationRef("web", "", "ana")
    for number in range(30):
        site.desk.add(ana, reply=Reply((Line(f"Maya has opened ticket {number} for you."),)))
    page = await opened(site)
    await expect(page.locator(".message:not(.waits)").last).to_be_in_viewport(ratio=1)


LONG = "\n".join(
    f"{number}. Look at lamp number {number}, and switch it off and on again." for number in range(40)
)
ANSWER = Reply(
    (
        Prose(LONG),
        More("Read more", "## Symptoms\n\n- It is *dark*.", "e", "a"),
        Small("The lamp"),
    ),
    (Button("solved", "Solved", "e", style="primary"), Button("person", "Get a person", "e")),
)


async def test_under_an_answer_of_any_length_the_buttons_are_seen(site: Site, opened: Open) -> None:
    page = await opened(site)
    ana = ConversationRef("web", "", "ana")
    site.desk.add(ana, reply=ANSWER)
    answer = page.locator(".message.theirs:not(.waits)").last
    await expect(answer.get_by_text("lamp number 0,")).to_be_in_viewport()
    for name in ("Solved", "Get a person"):
        await expect(answer.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    await expect(answer.get_by_text("It is dark.")).to_be_hidden()
    await answer.get_by_text("Read more").click()
    await expect(answer.get_by_text("It is dark.")).to_be_visible()
    assert await violations(page) == []
    site.desk.add(ana, reply=Reply((Line("And then?"),)))
    await expect(page.get_by_text("And then?")).to_be_visible()
    first = page.locator(".message.theirs:not(.waits)").first
    await expect(first.get_by_text("It is dark.")).to_be_visible()  # what was opened stays open


async def test_another_persona_is_chosen_for_this_window(site: Site, opened: Open) -> None:
    page = await opened(site)
    await ask(page, "a chair")
    await page.locator("#ask-text").fill("kept")
    await page.get_by_label("You are").first.select_option("carmen")
    await expect(page.get_by_text("Hello, Carmen Ruiz.")).to_be_visible()
    await expect(page.locator("#ask-text")).to_have_value("kept")
    await expect(page.get_by_role("button", name="Mi cuenta está bloqueada")).to_be_visible()
    assert "as=carmen" in page.url
    await page.get_by_role("link", name="Español").click()
    await expect(page.get_by_text("Hola, Carmen Ruiz.")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "es"


async def test_markup_in_words_and_notes_is_shown_literally(site: Site, opened: Open) -> None:
    page = await opened(site)
    await ask(page, EVIL)
    await expect(page.locator(".mine:not(.waits) .words")).to_have_text(EVIL)
    await expect(page.locator(".card .words")).to_have_text(EVIL)
    await page.get_by_role("button", name="Claim").click()
    await page.locator("summary", has_text="Resolve").click()
    await page.get_by_label("Note for the employee").fill(EVIL)
    await page.get_by_role("button", name="Resolve").click()
    await expect(page.locator(".message:not(.waits)").last.locator("blockquote")).to_have_text(EVIL)
    site.desk.add(ConversationRef("web", "", "ana"), author=EVIL, text="hello")
    await expect(page.locator(".message:not(.waits)").last.locator("bdi")).to_have_text(EVIL)
    assert "owned" not in await page.title()
    assert await page.locator("#main img[src='x'], #main script, #main b").count() == 0


async def test_a_token_signs_in_and_out(opened: Open) -> None:
    site = await serve(grants=read_grants(TOKENS)[0], anonymous=False)
    try:
        page = await opened(site)
        assert await violations(page) == []
        await page.get_by_label("Token").fill("not-a-token-at-all-1")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("status")).to_contain_text("not recognised")
        await page.get_by_label("Token").fill(ANA_TOKEN)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="Ask for help")).to_be_visible()
        await expect(page.locator("#pane-room")).to_have_count(0)
        await ask(page, "my account is locked")
        await expect(page.locator(".message.theirs:not(.waits)")).to_contain_text("Unlock it yourself")
        assert await violations(page) == []
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("Token")).to_be_visible()
    finally:
        await site.client.close()
