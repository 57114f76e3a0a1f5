"""Pictures and tables of an article in a real browser: seen, in both themes, on a phone, and by everybody."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import expect

from bot.channels.web.access.accounts import PERSONAS
from bot.domain.conversations.messages import Prose, Reply
from tests.support.channels.page_host import Desk
from tests.support.channels.page_site import Site, serve
from tests.support.channels.page_windows import IN_CHROMIUM, Open, ask, shot
from tests.support.channels.shown_pictures import PICTURE, SHOWN, ShownPictures
from tests.support.chromium import violations

pytestmark = IN_CHROMIUM
NARROW = {"width": 350, "height": 740}
WIDE_TABLE = "\n".join(
    f"| {' | '.join(cells)} |" for cells in (["Column of words"] * 9, ["---"] * 9, ["`vpn.example.com`"] * 9)
)
SAID = f"{SHOWN}\n\n{WIDE_TABLE}"


@pytest_asyncio.fixture(loop_scope="module")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    Image.new("RGB", (640, 400), "teal").save(tmp_path / "vpn.png")
    pictures = ShownPictures(shown={PICTURE.name: replace(PICTURE, file=tmp_path / "vpn.png")})
    desk = Desk()
    desk.add(PERSONAS[0].conversation, reply=Reply((Prose(SAID),)))
    started = await serve(desk=desk, pictures=pictures, article_page={"vpn": ("The VPN", SAID, "en")}.get)
    yield started
    await started.client.close()


@pytest.mark.parametrize("path", ["/", "/articles/vpn"])
@pytest.mark.parametrize(
    "options",
    [{"viewport": NARROW}, {"color_scheme": "dark", "locale": "es-ES"}],
    ids=["narrow", "dark-es"],
)
async def test_they_are_seen_and_nothing_is_wider_than_the_window(
    site: Site, opened: Open, path: str, options: dict[str, Any]
) -> None:
    page = await opened(site, path, **options)
    if path == "/":  # the first answer to a question puts all that was there at the start anew
        await ask(page, "a chair")
        await expect(page.locator(".mine:not(.waits) .words")).to_have_text("a chair")
    picture = page.get_by_role("img", name="The VPN client's window")
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("complete", True)
    await expect(picture).to_have_js_property("naturalWidth", 640)
    width = page.viewport_size["width"]  # type: ignore[index]  # it was given
    box = await picture.bounding_box()
    assert box is not None
    assert box["x"] > 0
    assert box["x"] + box["width"] <= width
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= width
    wide = page.get_by_role("region", name="Column of words").last
    await wide.focus()
    assert await wide.evaluate("one => one.scrollWidth > one.clientWidth")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("columnheader", name="Site")).to_be_visible()
    assert await violations(page) == []
    await shot(page, f"pictures-{width}-{path.strip('/').replace('/', '-')}")
