"""`firstline preview`: what it shows is what is posted, in a real Chromium, anew at each save."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image
from playwright.async_api import Browser, Page, expect

from bot import wording
from bot.channels.slack.outbound import blocks
from bot.channels.slack.outbound.folding import fold
from bot.channels.teams.outbound import adaptive_card
from bot.cli.authoring.preview.files import PreviewFiles
from bot.cli.authoring.preview.server import PreviewServer
from bot.domain.conversations.messages import Block, More
from bot.domain.errors import NothingToPreview
from bot.server.authoring.preview.answers import Answers
from bot.server.authoring.preview.drawing import mrkdwn
from tests.support.chromium import a_window, launched, needs_chromium, violations
from tests.support.desk.helpdesk import Helpdesk
from tests.support.paths import ROOT

in_chromium = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="module")]
FRONT = "---\ntitle: {title}\nlang: en\nowner: it\n---\n\n"
EVERYTHING = """For **all** of _us_ and ~~nobody~~, with `code` and [a link](https://kb.example.com/x).

## Symptoms

> It says {{DATE(2026-01-01)}} and <!channel> & so on.

![A picture](https://pictures.example.com/a.png)

| one | two |
|---|---|
| 1 | 2 |

---

### Deeper

```sh
  firstline check
```

## Steps

1. First, *this*:
   - a
     - b
       - c
         - d

   ![The window](window.png)
2. Then that.

   | Site | Since |
   |---|---:|
   | *Lima* | **2025** |
"""
HOSTILE = """<script>document.title = "owned"</script> <img src=x onerror="document.title='owned'">

1. [click](javascript:document.title='owned') <b>bold</b> &lt;i&gt; `<u>`
2. ![x](https://outside.example.com/x.png "t")

## More

<iframe src="https://outside.example.com"></iframe> "><svg onload=alert(1)>
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of content with one article."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kb").mkdir()
    write(tmp_path / "kb", "a.md", EVERYTHING)
    Image.new("RGB", (320, 200), "teal").save(tmp_path / "kb" / "window.png")
    return tmp_path / "kb"


def write(folder: Path, name: str, body: str, title: str = "An article") -> None:
    (folder / name).write_text(FRONT.format(title=title) + body, encoding="utf-8")


# --- what is shown is what is posted ----------------------------------------------------------------------


def without_token(block: Block) -> Block:
    return replace(block, token="") if isinstance(block, More) else block


@pytest.mark.parametrize(
    ("asked", "name"),
    [("my account is locked", "account-locked.md"), ("mi cuenta está bloqueada", "account-locked.es.md")],
)
def test_the_preview_says_what_the_desk_says(helpdesk: Helpdesk, asked: str, name: str) -> None:
    helpdesk.say("ana", asked)
    posted = helpdesk.last("ana")
    read = PreviewFiles(ROOT / "kb_articles").read(name)
    (answer,) = Answers(wording.load(), "en", "").answers(read)
    (post,) = answer.posts
    age = slice(0, -1)  # the last line tells the age of the article, and the clocks differ
    assert list(map(without_token, post.reply.blocks))[age] == list(map(without_token, posted.blocks))[age]
    assert [button.label for button in post.reply.buttons] == [button.label for button in posted.buttons]
    folded = fold(post.reply, wording.load().say(post.reply.language, "slack.all_steps"))
    assert post.slack.body == blocks.render(folded, more=wording.load().say("en", "slack.menu")).blocks
    assert post.teams.body == adaptive_card.card(post.reply, wording.load())


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "intents").glob("*.yaml"))[:12])
def test_every_kind_of_file_is_read(name: str) -> None:
    files = PreviewFiles(ROOT / "intents")
    read = files.read(name)
    assert read.intent is not None
    assert not read.problems
    Answers(wording.load(), "en", "").answers(read)


def test_what_is_too_long_is_told(folder: Path) -> None:
    write(
        folder,
        "a.md",
        "A sentence of some words.\n\n" * 30
        + "## Steps\n\n1. Go.\n\n## Rest\n\n"
        + "Words and words. " * 2000,
    )
    (answer,) = Answers(wording.load(), "en", "").answers(PreviewFiles(folder).read("a.md"))
    assert answer.modal is not None
    assert (
        answer.modal.cut
        or any(one.used > one.most for one in answer.modal.measures)
        or answer.posts[0].teams.cut
    )


@pytest.mark.parametrize("name", ["none.md", "kb/x.txt", "empty"])
def test_what_cannot_be_shown_is_told(folder: Path, name: str) -> None:
    Path("empty").mkdir()
    (folder / "x.txt").touch()
    with pytest.raises(NothingToPreview, match="is no content that can be read"):
        PreviewFiles(Path(name))


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("*bold* _italic_ ~struck~", "<strong>bold</strong> <em>italic</em> <s>struck</s>"),
        ("2 * 3 * 4 snake_case_name", "2 * 3 * 4 snake_case_name"),
        ("`*a* &lt;b&gt;`", "<code>*a* &lt;b&gt;</code>"),
        ("```\nx &amp; y\n```", "<pre><code>x &amp; y\n</code></pre>"),
        ("&gt; said\nby", "<blockquote>said</blockquote>by"),
        ("&lt;script&gt; &lt;!channel&gt;", "&lt;script&gt; &lt;!channel&gt;"),
        (
            "<https://a.org/?x=1&amp;y|a *b*>",
            '<a href="https://a.org/?x=1&amp;y" target="_blank" rel="noopener noreferrer">a *b*</a>',
        ),
        ("<javascript:x|y>", "&lt;javascript:x|y&gt;"),
    ],
)
def test_slacks_own_syntax_is_drawn(text: str, drawn: str) -> None:
    assert mrkdwn(text) == drawn


# --- the server -------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="module")
async def origin(folder: Path) -> AsyncIterator[str]:
    client = TestClient(TestServer(PreviewServer(PreviewFiles(folder)).app()))
    await client.start_server()
    yield str(client.make_url("/")).rstrip("/")
    await client.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_only_this_machine_is_answered(origin: str, folder: Path) -> None:
    client = TestClient(TestServer(PreviewServer(PreviewFiles(folder)).app()))
    await client.start_server()
    for path in ("/", "/shown", "/events", "/web/static/preview.js", "/pictures/x", "/none"):
        for headers in ({"Host": "evil.example"}, {"X-Forwarded-For": "10.0.0.1"}, {"Via": "1.1 proxy"}):
            async with client.get(path, headers=headers) as answer:
                assert answer.status == 403
    async with client.get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    for name in ("../secret.md", "/etc/passwd", "..%2fsecret.md", "b.md"):
        async with client.get("/", params={"file": name}) as answer:
            assert "not there any more" in await answer.text()
    for name in ("window.png", "..%2fwindow.png", "0f" * 16):
        async with client.get(f"/pictures/{name}") as answer:
            assert answer.status == 404
    await client.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


Open = Callable[..., Any]


@pytest_asyncio.fixture(loop_scope="module")
async def opened(browser: Browser, origin: str) -> AsyncIterator[Open]:
    """Opens windows, and asserts at the end that none asked another host or broke the policy."""
    contexts, asked, failed = [], [], []

    async def window(path: str = "/", **options: Any) -> Page:
        context = await a_window(browser, **options)
        contexts.append(context)
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("console", lambda line: failed.append(line.text) if line.type == "error" else None)
        await page.goto(origin + path)
        return page

    yield window
    for context in contexts:
        await context.close()
    assert failed == []
    assert [url for url in asked if not url.startswith((origin, "data:"))] == []


class TestInChromium:
    pytestmark = in_chromium

    async def test_everything_that_an_article_may_hold_is_drawn(self, opened: Open) -> None:
        page = await opened()
        await expect(page.locator(".column")).to_have_count(3)
        await expect(page.locator(".unknown")).to_have_count(0)
        for column in ("slack", "teams", "web"):
            shown = page.locator(f".column.{column}")
            await expect(shown.get_by_role("link", name="a link")).to_have_attribute(
                "href", "https://kb.example.com/x"
            )
            await expect(shown).to_contain_text("Then that.")
            await expect(shown.get_by_role("button", name="Get a person")).to_be_visible()
        await page.locator(".t-button", has_text="Read more").click()
        await expect(page.locator(".teams [data-name=more]")).to_contain_text("firstline check")
        await page.locator(".s-modal-opens summary").click()
        await expect(page.locator(".s-modal")).to_contain_text("{{DATE(2026-01-01)}} and <!channel> & so on.")

    async def test_pictures_and_tables_are_drawn_in_each_place(self, opened: Open, folder: Path) -> None:
        page = await opened()
        for column in ("slack", "teams", "web"):
            shown = page.locator(f".column.{column}")
            if column == "teams":
                await shown.get_by_role("button", name="Show all steps").click()
            picture = shown.get_by_role("img", name="The window")
            await picture.first.scroll_into_view_if_needed()
            await expect(picture.first).to_have_js_property("naturalWidth", 320)
            await expect(shown.locator("th", has_text="Since")).to_have_count(1)
            await expect(shown.locator("tr", has_text="Lima").locator("em, .t-italic")).to_have_text("Lima")
        await expect(page.locator(".told")).to_contain_text("FIRSTLINE_PUBLIC_URL")
        Image.new("RGB", (64, 40), "teal").save(folder / "window.png")
        await expect(page.locator(".slack .drawn img")).to_have_js_property("naturalWidth", 64)

    async def test_a_save_is_shown_at_once(self, opened: Open, folder: Path) -> None:
        page = await opened()
        await page.locator(".s-modal-opens summary").click()
        write(folder, "a.md", EVERYTHING.replace("Then that.", "Then something new."), title="Another title")
        for column in ("slack", "teams", "web"):
            await expect(page.locator(f".column.{column}")).to_contain_text("Then something new.")
        await expect(page.locator("h1")).to_have_text("Another title")
        await expect(page.locator(".s-modal-opens")).to_have_attribute("open", "")
        (folder / "a.md").write_text("---\ntitle: [\n---\n")
        await expect(page.locator(".problems .wrong")).to_contain_text("not valid YAML")
        await expect(page.locator(".column")).to_have_count(0)
        write(folder, "b.md", "1. Second.\n", title="Second")
        await expect(page.locator(".files a")).to_have_text(["a.md", "b.md"])
        (folder / "a.md").unlink()
        await expect(page.locator("h1")).to_have_text("Second")

    async def test_nothing_of_a_file_runs(self, opened: Open, folder: Path) -> None:
        write(folder, "a.md", HOSTILE, title="<script>document.title='owned'</script>")
        page = await opened()
        await expect(page.locator(".column")).to_have_count(3)
        assert "owned" not in (await page.title()).replace("<script>document.title='owned'</script>", "")
        assert await page.locator("main script, main iframe, main svg, main [onerror]").count() == 0
        assert await page.locator('a[href^="javascript"]').count() == 0

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "es-ES")])
    async def test_axe_finds_nothing(
        self, opened: Open, folder: Path, scheme: str, width: int, locale: str
    ) -> None:
        write(folder, "b.md", "[to write: x]\n", title="b")
        page = await opened(
            "/?file=a.md", color_scheme=scheme, viewport={"width": width, "height": 844}, locale=locale
        )
        await expect(page.locator(".problems h2")).to_have_text(
            "What firstline check says" if locale == "en-GB" else "Lo que dice firstline check"
        )
        for one in await page.locator("summary").all():
            await one.click()
        assert await violations(page) == []
        assert await page.evaluate("() => document.documentElement.scrollWidth") == width
