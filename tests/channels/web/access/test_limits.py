"""What one person or one address may ask of the page, with a clock that is moved by hand."""

import asyncio
import json
from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData

from bot.channels.web.access.accounts import digest_of, read_grants
from bot.channels.web.access.limits import (
    DOWNLOADS,
    READS_AT_ONCE,
    SAME_TOKEN,
    STRANGERS_AT_ONCE,
    UPLOADS,
    Allowance,
)
from bot.desk.ports.page import File
from tests.support.channels.page_site import ANA_TOKEN, MAYA_TOKEN, TOKENS, Serve, Site
from tests.support.clock import Seconds
from tests.support.patience import PATIENCE

GRANTS = read_grants(TOKENS)[0]
ANA, MAYA = ({"Authorization": f"Bearer {token}"} for token in (ANA_TOKEN, MAYA_TOKEN))
SPANISH = {"Accept-Language": "es"}


class Refused:
    """What the host is told, and addresses that a test chooses."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.address = "10.0.0.1"

    def limited(self, channel: str, reason: str, who: str) -> None:
        assert channel == "web"
        assert who
        self.reasons.append(reason)


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def refused() -> Refused:
    return Refused()


@pytest.fixture
async def site(served: Serve, clock: Seconds, refused: Refused) -> Site:
    return await served(
        grants=GRANTS,
        anonymous=False,
        clock=clock,
        allowance=Allowance(wrong_tokens=5, messages_a_minute=3, windows=3, windows_in_all=5),
        address=lambda _: refused.address,
        limited=refused.limited,
        largest_file=100_000,
    )


async def sign_in(site: Site, token: str) -> tuple[int, str]:
    async with site.client.post("/web/sign-in", json={"token": token}) as answer:
        return answer.status, answer.headers.get("Retry-After", "")


async def ask(site: Site, key: str, **headers: str) -> tuple[int, dict[str, Any]]:
    body = {"pane": "ask", "text": "my account is locked", "key": f"{key}-0123456789"}
    async with site.client.post("/web/ask", json=body, headers={**ANA, **headers}) as answer:
        return answer.status, await answer.json()


async def test_wrong_tokens_wait_longer_and_longer(site: Site, clock: Seconds, refused: Refused) -> None:
    found = [await sign_in(site, f"wrong-token-{number:04}") for number in range(200)]
    assert found[:6] == [(403, "")] * 6
    assert found[6:] == [(429, "1")] * 194, "not even looked at"
    assert await sign_in(site, MAYA_TOKEN) == (429, "1")
    assert set(refused.reasons) == {"wrong_tokens"}
    waits = []
    for number in range(5):
        clock.now += 0.001 + float(found[-1][1])
        assert (await sign_in(site, f"another-{number:04}"))[0] == 403
        found.append(await sign_in(site, MAYA_TOKEN))
        waits.append(int(found[-1][1]))
    assert waits == [2, 4, 8, 16, 32]


async def test_whom_it_does_not_concern_notices_nothing(site: Site, refused: Refused) -> None:
    assert (await sign_in(site, ANA_TOKEN))[0] == 200
    for number in range(50):
        await sign_in(site, f"wrong-token-{number:04}")
    assert await site.text("/web/conversation"), "signed in"
    assert (await sign_in(site, ANA_TOKEN))[0] == 200, "known from this address"
    refused.address = "10.0.0.2"
    assert (await sign_in(site, MAYA_TOKEN))[0] == 200, "from another address"


async def test_each_who_signs_in_makes_good_one_wrong_token_of_their_address(served: Serve) -> None:
    tokens = [f"a-token-of-somebody-{number:03}" for number in range(100)]
    grants = read_grants(" ".join(f"{one}=one{number}:employee" for number, one in enumerate(tokens)))[0]
    site = await served(
        grants=grants,
        anonymous=False,
        clock=Seconds(),
        allowance=Allowance(wrong_tokens=5),
        address=lambda _: "10.0.0.1",
    )
    for number, token in enumerate(tokens):
        if number % 2:
            assert (await sign_in(site, f"mistyped-token-{number:03}"))[0] == 403
        assert (await sign_in(site, token))[0] == 200
    found = []
    for number in range(10):
        await sign_in(site, tokens[0])
        found.append((await sign_in(site, f"guessed-token-{number:03}"))[0])
    assert found == [403] * 6 + [429] * 4, "one token of one's own makes no guesses good"


async def test_one_wrong_token_waits_wherever_from_and_counts_once(
    site: Site, clock: Seconds, refused: Refused
) -> None:
    statuses = []
    for number in range(SAME_TOKEN + 3):
        refused.address = f"10.0.1.{number}"
        statuses.append((await sign_in(site, "an-old-token-of-a-script"))[0])
    assert statuses == [403] * (SAME_TOKEN + 1) + [429] * 2
    refused.address = "10.0.0.9"
    for _ in range(20):
        await sign_in(site, "an-old-token-of-a-script")
    assert (await sign_in(site, MAYA_TOKEN))[0] == 200, "a script that repeats itself locks out nobody"


async def test_bearer_tokens_are_limited_alike(site: Site) -> None:
    statuses = []
    for number in range(20):
        headers = {"Authorization": f"Bearer wrong-{number}"}
        async with site.client.get("/web/conversation", headers=headers) as answer:
            statuses.append(answer.status)
    assert statuses == [401] * 6 + [429] * 14


async def test_messages_are_limited_by_person_with_a_word(site: Site, clock: Seconds) -> None:
    statuses = [(await ask(site, f"key-{number}"))[0] for number in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert "again in 20 s" in (await ask(site, "key-x"))[1]["error"]
    assert "dentro de 20 s" in (await ask(site, "key-x", **SPANISH))[1]["error"]
    assert len(site.desk.received) == 3
    body = {"pane": "ask", "text": "help", "key": "key-of-maya-0123"}
    async with site.client.post("/web/ask", json=body, headers=MAYA) as answer:
        assert answer.status == 200, "nobody else is held up"
    clock.now += 20
    assert (await ask(site, "key-y"))[0] == 200


async def test_windows_are_limited_by_person_by_address_and_in_all(site: Site, refused: Refused) -> None:
    async def opened(headers: dict[str, str]) -> Any:
        return await site.client.get("/web/events", headers=headers)

    streams = [await opened(who) for who in (ANA, ANA, ANA, ANA, MAYA, MAYA)]
    refused.address = "10.0.0.2"
    streams += [await opened(MAYA) for _ in range(2)]
    assert [one.status for one in streams] == [200, 200, 200, 429, 200, 429, 200, 503]
    assert refused.reasons == ["windows", "windows_of_address", "windows"]
    for one in streams:
        one.close()
    async with asyncio.timeout(PATIENCE):
        while (again := await opened(ANA)).status != 200:
            again.close()
            # The server notices that a window is gone when it writes to it.
            site.desk.marks += 1
            await asyncio.sleep(0.02)
        again.close()


async def test_strangers_are_limited_by_address_and_who_is_signed_in_is_not(site: Site) -> None:
    for _ in range(STRANGERS_AT_ONCE):
        async with site.client.get("/articles/no") as answer:
            assert answer.status == 404
    for path in ("/articles/signed", "/files/x", "/", "/web/conversation"):
        async with site.client.get(path) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "1"), path
    async with site.client.get("/web/conversation", headers=ANA) as answer:
        assert answer.status == 200


async def test_reading_is_limited_by_person(site: Site) -> None:
    for _ in range(READS_AT_ONCE):
        site.channel._limits.read(GRANTS[0].participant)
    async with site.client.get("/web/conversation", headers=ANA) as answer:
        assert answer.status == 429
    async with site.client.get("/web/conversation", headers=MAYA) as answer:
        assert answer.status == 200


def form(*sizes: int) -> FormData:
    made = FormData()
    body = {"pane": "ask", "text": "see this", "key": "key-of-a-form-0123"}
    made.add_field("body", json.dumps(body), content_type="application/json")
    for size in sizes:
        made.add_field("file", BytesIO(b"x" * size), filename="scan.pdf")
    return made


@pytest.mark.parametrize(
    ("sizes", "status", "said"),
    [
        ((100_000, 100_000), 200, ""),
        ((100_001,), 413, "A file is too large"),
    ],
)
async def test_files_have_a_size(site: Site, sizes: tuple[int, ...], status: int, said: str) -> None:
    async with site.client.post("/web/ask", data=form(*sizes), headers=ANA) as answer:
        assert (answer.status, said in (await answer.json()).get("error", "")) == (status, True)


async def test_files_together_have_a_size_before_they_are_read(served: Serve) -> None:
    site = await served(grants=GRANTS, anonymous=False, largest_file=10 * 1024**2)
    sizes = (9 * 1024**2,) * 3
    async with site.client.post("/web/ask", data=form(*sizes), headers={**ANA, **SPANISH}) as answer:
        assert answer.status == 413
        assert "ocupan demasiado juntos" in (await answer.json())["error"]


async def test_uploads_at_a_time_are_limited_and_their_memory_is_given_back(site: Site) -> None:
    free = asyncio.Event()
    receive = site.desk.receive
    memory = site.channel._api._bodies._memory
    before = memory._left

    async def slow(utterance: Any) -> Any:
        await free.wait()
        return await receive(utterance)

    object.__setattr__(site.host, "receive", slow)
    tasks = [
        asyncio.create_task(site.client.post("/web/ask", data=form(50_000), headers=ANA))
        for _ in range(UPLOADS)
    ]
    async with asyncio.timeout(PATIENCE):
        while memory._left > before - UPLOADS * 50_000:  # noqa: ASYNC110 - two requests, one condition
            await asyncio.sleep(0.01)
    async with site.client.post("/web/ask", data=form(10), headers=ANA) as answer:
        assert answer.status == 429
        assert "files" in (await answer.json())["error"]
    free.set()
    for response in await asyncio.gather(*tasks):
        assert response.status == 200
        response.close()
    assert memory._left == before


async def test_files_that_are_fetched_are_limited(served: Serve, refused: Refused) -> None:
    begun: list[int] = []
    free = asyncio.Event()
    content = b"x" * 1000

    async def run(function: Any, *values: Any) -> Any:
        if values[:1] == (7,):
            begun.append(1)
            await free.wait()
            return File(7, "a.pdf", "application/pdf", 1000, "web", "", content)
        return await asyncio.to_thread(function, *values)

    site = await served(
        grants=GRANTS, anonymous=False, run=run, address=lambda _: refused.address, limited=refused.limited
    )
    tasks = [asyncio.create_task(site.client.get("/web/files/7", headers=ANA)) for _ in range(DOWNLOADS)]
    async with asyncio.timeout(PATIENCE):
        while len(begun) < DOWNLOADS:  # noqa: ASYNC110 - four requests, one condition
            await asyncio.sleep(0.01)
    async with site.client.get("/web/files/7", headers=ANA) as answer:
        assert answer.status == 429
    free.set()
    for response in await asyncio.gather(*tasks):
        assert await response.read() == content
    assert refused.reasons == ["downloads"]


async def test_of_tokens_only_hashes_are_kept(served: Serve) -> None:
    assert GRANTS[0].digest == digest_of(ANA_TOKEN)
    digest = digest_of("a-token-that-nobody-else-has")
    grants, wrong = read_grants(f"sha256:{digest}=ana:employee sha256:{'0' * 63}=tom:employee")
    assert ["sha256" in one for one in wrong] == [True]
    site = await served(grants=grants, anonymous=False)
    assert (await sign_in(site, "a-token-that-nobody-else-has"))[0] == 200
    assert (await sign_in(site, digest))[0] == 403
    [kept] = site.host.sessions.kept  # type: ignore[attr-defined]  # in a dict
    [cookie] = [c.value for c in site.client.session.cookie_jar if c.key == "firstline_session"]
    assert kept == digest_of(cookie)


async def test_signing_out_ends_the_session_everywhere(site: Site) -> None:
    await sign_in(site, ANA_TOKEN)
    [session] = [c.value for c in site.client.session.cookie_jar if c.key == "firstline_session"]
    cookie = {"Cookie": f"firstline_session={session}"}
    async with site.client.post("/web/sign-out", json={}, headers=cookie) as answer:
        assert answer.status == 200
    async with site.client.get("/web/conversation", headers=cookie) as answer:
        assert answer.status == 401, "whoever copied the cookie is out, too"
