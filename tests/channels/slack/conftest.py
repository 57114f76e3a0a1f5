"""A Slack channel between the fake Slack and a recording host."""

from collections.abc import AsyncIterator, Sequence

import pytest
from aiohttp import web

from bot.channels.slack.channel import SlackChannel
from tests.support.channels.empty_host import Memory
from tests.support.channels.slack_stage import Recorder, Stage, Starter, make_host, settings_from, until
from tests.support.fakes.slack import SlackFake
from tests.support.patience import PATIENCE


@pytest.fixture
async def slack() -> AsyncIterator[SlackFake]:
    async with SlackFake() as fake:
        fake.workspace.add_person("U1", "Ana", locale="es-ES")
        fake.workspace.add_person("U2", "Bob")
        fake.workspace.add_person("UENG", "Eve")
        fake.workspace.add_channel("C1", members=("U1", "U2", "UENG"))
        fake.workspace.add_channel("CHELP", members=("U1", "U2"))
        fake.workspace.add_channel("GPRIV", private=True, members=("U1", "U2"))
        fake.workspace.add_channel("CROOM", private=True, members=("UENG",))
        yield fake


@pytest.fixture
async def start(slack: SlackFake, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Starter]:
    """Start channels with the given settings; everything is stopped at the end."""
    monkeypatch.setattr(
        "bot.channels.slack.inbound.endpoint.MODAL_TIME", PATIENCE
    )  # triggers have a clock of their own
    open_: list[tuple[SlackChannel, web.AppRunner]] = []

    async def begin(
        *, wait: bool = True, memory: Memory | None = None, without: Sequence[str] = (), **more: str
    ) -> Stage:
        recorder, kept = Recorder(), memory or Memory()
        values = slack.environment(FIRSTLINE_SLACK_ROOM="CROOM", FIRSTLINE_SLACK_HELP_CHANNELS="CHELP")
        values = {name: value for name, value in (values | more).items() if name not in without}
        channel = SlackChannel(settings_from(values), make_host(recorder, kept), first_wait=0.02)
        app = web.Application()
        channel.mount(app)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        open_.append((channel, runner))
        slack.target = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        await channel.start()
        if wait:
            await until(lambda: channel.trouble() is None)
        return Stage(slack, recorder, kept, channel)

    yield begin
    for channel, runner in open_:
        await channel.stop()
        await runner.cleanup()


@pytest.fixture
async def stage(start: Starter) -> Stage:
    began: Stage = await start()
    return began
