"""The webhook of Zendesk: who is believed, and what is done of it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot import wording
from bot.backends import zendesk
from bot.desk.ports.backends import BackendHost
from bot.domain.errors import StorageUnavailable
from tests.support.clock import Clock
from tests.support.fakes.mirrors.zendesk import FakeZendesk
from tests.support.fakes.mirrors.zendesk_desk import settings_at

PATH = "/mirrors/zendesk"
SIGNATURE = "X-Zendesk-Webhook-Signature"


class Door:
    """The route over a desk that only notes what it is told."""

    def __init__(self, clock: Clock) -> None:
        self.there = FakeZendesk(clock)
        self.told: list[str] = []
        self.checked: list[str] = []
        self.away = False
        host = BackendHost(
            wording.load(),
            clock,
            "en",
            "",
            changed=self._changed,
            checked=lambda _name, reason: self.checked.append(reason),
        )
        app = web.Application()
        zendesk.build(settings_at("http://127.0.0.1:9"), host).mount(app)
        self.client = TestClient(TestServer(app))

    async def _changed(self, _name: str, remote_ids: Sequence[str]) -> None:
        if self.away:
            raise StorageUnavailable("away")
        self.told += remote_ids

    async def post(self, body: bytes, headers: dict[str, str]) -> int:
        async with self.client.post(PATH, data=body, headers=headers) as answer:
            return answer.status


async def test_what_is_signed_is_taken_once(clock: Clock) -> None:
    door = Door(clock)
    async with door.client:
        body, headers = door.there.signed(17)
        assert [await door.post(body, headers) for _ in range(3)] == [200, 200, 200]
        assert door.told == ["17"]
        assert door.checked == ["", "", ""]


async def test_what_could_not_be_kept_may_come_again(clock: Clock) -> None:
    door = Door(clock)
    async with door.client:
        body, headers = door.there.signed(17)
        door.away = True
        assert await door.post(body, headers) == 500
        door.away = False
        assert await door.post(body, headers) == 200
        assert door.told == ["17"]


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_what_is_old_or_of_the_future_is_refused(clock: Clock, minutes: int) -> None:
    door = Door(clock)
    async with door.client:
        body, headers = door.there.signed(17, clock() + timedelta(minutes=minutes))
        assert await door.post(body, headers) == 401
        assert door.checked == ["age"]
        assert door.told == []


async def test_what_is_not_signed_is_refused(clock: Clock) -> None:
    door = Door(clock)
    async with door.client:
        body, headers = door.there.signed(17)
        for changed in (
            {**headers, SIGNATURE: "AAAA"},
            {name: value for name, value in headers.items() if name != SIGNATURE},
            {**headers, SIGNATURE: "é"},
        ):
            assert await door.post(body, changed) == 401
        assert await door.post(body + b" ", headers) == 401
        assert door.told == []


@pytest.mark.parametrize("named", ["", "1; drop", "-1", "9" * 30, None, {}])
async def test_only_a_number_names_a_ticket(clock: Clock, named: object) -> None:
    door = Door(clock)
    async with door.client:
        body, headers = door.there.signed(named)  # type: ignore[arg-type]  # what nobody should send
        assert await door.post(body, headers) == 200
        assert door.told == []


def test_without_a_secret_there_is_no_route(clock: Clock) -> None:
    app = web.Application()
    host = BackendHost(wording.load(), clock, "en", "")
    zendesk.build(settings_at("http://127.0.0.1:9", zendesk_webhook_secret=SecretStr("")), host).mount(app)
    assert not app.router.resources()


def test_every_mistake_is_told_at_once() -> None:
    found = zendesk.mistakes(
        settings_at(
            "ftp://x",
            zendesk_email="desk",
            zendesk_token=SecretStr(""),
            zendesk_webhook_secret=SecretStr("short"),
        )
    )
    assert [one.partition(":")[0] for one in found] == [
        "FIRSTLINE_ZENDESK_URL",
        "FIRSTLINE_ZENDESK_EMAIL",
        "FIRSTLINE_ZENDESK_TOKEN",
        "FIRSTLINE_ZENDESK_WEBHOOK_SECRET",
    ]
    assert zendesk.mistakes(settings_at("https://acme.zendesk.com")) == []
    assert zendesk.mistakes(settings_at("http://acme.zendesk.com")) != []
