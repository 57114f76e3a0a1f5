"""Signing in and out in a real headless Chromium, with the certified provider."""

import pytest
from playwright.async_api import Page, expect

from bot.channels.web.access.accounts import read_grants
from bot.storage import Database
from tests.support.channels.page_site import TOKENS
from tests.support.channels.signing_in import a_page
from tests.support.chromium import a_window, launched, needs_chromium, violations
from tests.support.e2e.running import free_port
from tests.support.fakes.identity.certified import Certified

pytestmark = [pytest.mark.browser, needs_chromium]
ANA = {"name": "Ana Costa", "email": "ana@example.com", "email_verified": True}


async def enter(page: Page, login: str) -> None:
    """Sign in at the provider."""
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill("any")
    await page.locator("button[type=submit]").click()


async def test_somebody_signs_in_asks_signs_out_and_is_out(provider: Certified, sqlite: Database) -> None:
    await provider.tell({"ana": ANA})
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    client = await provider.register(base)
    options = {"employees": "ana@example.com", "name": "Example"}
    grants, _ = read_grants(TOKENS)
    async with (
        a_page(sqlite, provider.issuer, options, client=client, port=port, grants=grants) as site,
        launched() as browser,
    ):
        context = await a_window(browser, locale="es-ES")
        page = await context.new_page()
        failed: list[str] = []
        page.on("pageerror", lambda error: failed.append(str(error)))
        await page.goto(base)
        await expect(page.get_by_text("Tengo un código de acceso")).to_be_visible()
        assert await violations(page) == []
        await page.get_by_role("link", name="Iniciar sesión con Example").click()
        await enter(page, "ana")
        # Back on the page, whose strict cookie came along although the provider sent the browser.
        await expect(page.locator(".me")).to_have_text("Ana Costa")
        assert page.url == f"{base}/"
        await page.locator("#ask-text").fill("my account is locked")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message .heading")).to_have_text("Account locked")
        [session] = [one for one in await context.cookies() if one["name"] == "firstline_session"]
        assert (session["httpOnly"], session["sameSite"]) == (True, "Strict")
        await page.locator("#sign-out").click()
        await page.locator("button[name=logout]").click()  # the provider asks whether it is meant
        await expect(page.get_by_role("link", name="Iniciar sesión con Example")).to_be_visible()
        assert page.url == f"{base}/"
        # Signed out means out: with the old session, and at the provider.
        headers = {"Cookie": f"firstline_session={session['value']}"}
        async with site.site.client.get("/web/conversation", headers=headers) as response:
            assert response.status == 401
        await page.go_back()
        await expect(page.locator("#conversation")).to_have_count(0)
        await page.goto(base)
        await page.get_by_role("link", name="Iniciar sesión con Example").click()
        await expect(page.locator("input[name=login]")).to_be_visible()
        assert failed == []
