"""Puts markup and script into all that people write, and looks in a real browser whether any of it runs."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from playwright.async_api import Browser, Dialog, Page

from bench.attack.attempts import Options, Row, row
from bench.attack.site import ALERTS, ARTICLE, TOKENS, Site, a_site, bearer, propose
from bot.alerts.webhook.webhook import SIGNATURE, sign
from tests.support.chromium import CHROMIUM, a_window, launched
from tests.support.e2e.running import until
from tests.support.fakes.teams import Person
from tests.support.unknown import OTHER, UNKNOWN

NOTHING_RUNS = "markup, script and handlers in names, texts, file names, alerts and an article"
NO_LINK = "links that would run something (javascript:, data:, vbscript:)"
NO_REQUEST = "pictures and frames of elsewhere"
POLICY = "script that got onto the page all the same (Content-Security-Policy)"
ATTACKS = (NOTHING_RUNS, NO_LINK, NO_REQUEST, POLICY)
DRAFT = "a draft, in which somebody types more"
MATTER = {  # of one gap: who asks, and in which words
    "ina": ("how do I calibrate the", "spectrometer in the lab"),
    "tom": ("spectrometer calibration in the", "laboratory, who does it"),
}
RAN = "attack-ran"
ELSEWHERE = "elsewhere.example"
# Each reports by the title of the page, or by a request that nothing else makes.
PAYLOADS = (
    f"<script>document.title='{RAN}'</script>",
    f"<img src=x onerror=\"document.title='{RAN}'\">",
    f"<svg/onload=document.title='{RAN}'>",
    f"<details open ontoggle=document.title='{RAN}'>",
    f"<iframe src=\"javascript:parent.document.title='{RAN}'\"></iframe>",
    f"\"><b onmouseover=document.title='{RAN}' autofocus tabindex=1 onfocus=document.title='{RAN}'>",
    f"'-document.title='{RAN}'-'",
    f"{{{{constructor.constructor('document.title=`{RAN}`')()}}}}",
    f"</textarea></style></title><script>document.title='{RAN}'</script>",
    f"<img src=http://{ELSEWHERE}/x.png> <iframe src=http://{ELSEWHERE}/></iframe>",
    f"[x](javascript:document.title='{RAN}') <javascript:document.title='{RAN}'>",
    f"<a href=javascript:document.title='{RAN}'>x</a> <form action=javascript:alert(1)><button>x</form>",
    f"[y](data:text/html,<script>alert(1)</script>) ![z](http://{ELSEWHERE}/z.png)",
    f"<base href=http://{ELSEWHERE}/> <meta http-equiv=refresh content='0;url=http://{ELSEWHERE}/'>",
    f"<link rel=stylesheet href=http://{ELSEWHERE}/x> <style>*{{background:url(http://{ELSEWHERE}/y)}}</style>",
)
_LINKS = """() => [...document.querySelectorAll('[href], form[action], iframe[src], object, embed')]
    .map((one) => one.href || one.action || one.src || one.data || '')
    .filter((to) => !/^(https?|mailto):/i.test(String(to)))"""
_ON_HANDLERS = """() => [...document.querySelectorAll('*')].flatMap((one) =>
    [...one.attributes].filter((a) => /^on/i.test(a.name)).map((a) => one.tagName + ' ' + a.name))"""
_INLINE = f"""() => {{
    const script = document.createElement('script');
    script.textContent = "document.title = '{RAN}'";
    document.body.append(script);
    const picture = document.createElement('div');
    picture.innerHTML = '<img src=x onerror="document.title = \\'{RAN}\\'">';
    document.body.append(picture);
    // Later: what a debugger evaluates may evaluate more.
    setTimeout(() => new Function("document.title = '{RAN}'")(), 0);
    setTimeout("document.title = '{RAN}'", 0);
}}"""


async def attack(pages: AsyncIterator[tuple[str, Page, Sequence[str]]]) -> list[Row]:
    """Look at each page, which comes with its name and the addresses that it asked for."""
    ran, links, asked, policy = [], [], [], []
    async for name, page, requests in pages:
        await page.wait_for_load_state()
        handlers = await page.evaluate(_ON_HANDLERS)
        title = await page.title()
        ran += [f"{name}: {RAN}" if RAN in title else "", f"{name}: {handlers[:3]}" if handlers else ""]
        found = await page.evaluate(_LINKS)
        links.append(f"{name}: {found[:3]}" if found else "")
        outside = [one for one in requests if ELSEWHERE in one]
        asked.append(f"{name}: {outside[:3]}" if outside else "")
        await page.evaluate(_INLINE)
        await page.wait_for_timeout(200)  # what is to run runs by then
        policy.append(f"{name}: inline script ran" if RAN in await page.title() else "")
    names = (NOTHING_RUNS, NO_LINK, NO_REQUEST, POLICY)
    return [row(name, found) for name, found in zip(names, (ran, links, asked, policy), strict=True)]


async def run(_options: Options) -> list[Row]:
    """Attack a site of its own, where there is a browser."""
    if not await asyncio.to_thread(Path(CHROMIUM).exists):
        why = "there is no Chromium: apt-get install chromium"
        return [Row(name, 0, skipped=why) for name in ATTACKS]
    async with a_site(article="\n\n".join(PAYLOADS)) as site:
        await _plant(site)
        async with _pages(site) as pages:
            read = await attack(pages)
    async with a_site() as site:
        await _ask_in_vain(site)
        async with _written(site) as pages:
            written = await attack(pages)
    return [
        Row(one.attack, one.tried + other.tried, one.through + other.through)
        for one, other in zip(read, written, strict=True)
    ]


def watched(page: Page) -> list[str]:
    """The addresses that a page asks for from now on; a window that it opens counts as one."""
    asked: list[str] = []

    async def dismiss(dialog: Dialog) -> None:
        asked.append(f"{ELSEWHERE}: {dialog.message}")
        await dialog.dismiss()

    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", dismiss)
    return asked


async def _plant(site: Site) -> None:
    slack, teams = site.stage.slack, site.stage.teams
    for number, payload in enumerate(PAYLOADS):
        user = f"UX{number}"
        slack.workspace.add_person(user, payload)
        await slack.say(f"D{user}", user, f"{UNKNOWN} {payload}")
    teams.store.people["mark"] = Person("mark", PAYLOADS[0])
    await teams.says("mark", f"{OTHER} {PAYLOADS[1]}")
    await site.send("POST", "/web/ask", bearer("ina"), json=_asking("my account is locked"))
    for number, payload in enumerate(PAYLOADS):
        await site.send(
            "POST", "/web/ask", bearer("ina"), data=_with_file(f"{OTHER} {number} {payload}", payload)
        )
    body = json.dumps(
        {"key": "x", "title": PAYLOADS[1], "state": "began", "url": "javascript:alert(1)"}
    ).encode()
    now = str(int(datetime.now(UTC).timestamp()))
    for sent in (body, body.replace(b"javascript:alert(1)", b"https://status.example.com")):
        headers = {"Content-Type": "application/json", SIGNATURE: sign(ALERTS.encode(), now, sent)}
        await site.send("POST", "/alerts/webhook", headers, data=sent)
    await until(lambda: len(site.values("tickets", "id")) >= len(PAYLOADS), "the tickets")
    await site.delivered()


async def _ask_in_vain(site: Site) -> None:
    """A gap, and proposed examples; nobody has a hostile name, whose words would be taken out of them."""
    for person, (before, after) in MATTER.items():
        text = f"{before} {PAYLOADS[1]} {after}"
        await site.send("POST", "/web/ask", bearer(person), json=_asking("\n".join((*PAYLOADS, text))))
    await until(lambda: len(site.values("tickets", "id")) == len(MATTER), "the tickets")
    propose(site)
    await site.send("POST", "/gaps/look", bearer("wes"), json={"fewest": str(len(MATTER))})

    async def found() -> bool:
        return "false" in (await site.send("GET", "/gaps/progress", bearer("wes")))[1]

    await until(found, "the gaps")


def _asking(text: str) -> dict[str, str]:
    return {"pane": "ask", "key": f"asked-{abs(hash(text)):020d}", "text": text}


def _with_file(text: str, name: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("body", json.dumps(_asking(text)), content_type="application/json")
    form.add_field("file", b"<script>alert(1)</script>", filename=f"{name}.html", content_type="text/html")
    return form


@asynccontextmanager
async def _pages(site: Site) -> AsyncIterator[AsyncIterator[tuple[str, Page, Sequence[str]]]]:
    links = site.stage.app.application._article_links
    article = site.stage.app.application._library.snapshot.content.article(ARTICLE, "en")
    address = (links.link(article) if article else "") or ""
    path = "/articles/" + address.rpartition("/")[2]
    shown = {
        "the employee's page": ("ina", "/"),
        "the room": ("wes", "/"),
        "a ticket": ("wes", "/web/ticket?ticket=HELP-1001"),
    }
    shown |= {"an article": ("", path), "privacy": ("", "/privacy")}
    async with launched() as browser:
        yield _each(site, browser, shown)


@asynccontextmanager
async def _written(site: Site) -> AsyncIterator[AsyncIterator[tuple[str, Page, Sequence[str]]]]:
    _, gaps = await site.send("GET", "/gaps", bearer("wes"))
    gap = re.search(r'href="(/drafts\?gap=[^"]+)"', gaps)
    if gap is None:
        raise LookupError("there is no gap: nothing would be proved")
    shown = {
        "gaps": ("wes", "/gaps"),
        "examples": ("wes", "/gaps/examples"),
        DRAFT: ("wes", gap[1].replace("&amp;", "&")),
    }
    async with launched() as browser:
        yield _each(site, browser, shown)


async def _type(page: Page) -> None:
    """Type everything hostile into a draft, and wait until it is shown how it would be read."""
    article = page.locator("#article")
    async with page.expect_response(lambda answer: "/drafts/shown" in answer.url) as answered:
        await article.fill("\n\n".join((await article.input_value(), *PAYLOADS)))
    await (await answered.value).finished()


async def _each(
    site: Site, browser: Browser, shown: dict[str, tuple[str, str]]
) -> AsyncIterator[tuple[str, Page, Sequence[str]]]:
    for name, (person, path) in shown.items():
        window = await a_window(browser)
        page = await window.new_page()
        requests = watched(page)
        if person:
            await window.request.post(f"{site.url}/web/sign-in", data={"token": TOKENS[person]})
        answer = await page.goto(site.url + path)
        if answer is None or answer.status != 200:
            raise LookupError(f"{name} is not shown: {answer and answer.status}")
        if name == DRAFT:
            await _type(page)
        shows = await page.content()
        if RAN not in shows and ELSEWHERE not in shows and name != "privacy":
            raise LookupError(f"{name} shows nothing hostile: nothing would be proved")
        yield name, page, requests
        await window.close()
