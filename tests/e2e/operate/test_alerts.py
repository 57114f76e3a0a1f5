"""The alerts of every system through the whole server: the room, the metrics, /readyz, the log, doctor."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.desk.knowledge.library import Library
from bot.server import plugins
from bot.server.plugins import Kind
from tests.support.e2e.doctor import examined
from tests.support.e2e.running import Running, ready, running, until
from tests.support.fakes.alerts import SECRET, path_for, recorded, settings_for

METRICS = "a-token-of-the-metrics"
# CloudWatch's certificate is not fetched here; the webhook's own tests are elsewhere.
SYSTEMS = [name for name in plugins.packages(Kind.ALERTS) if name not in ("cloudwatch", "webhook")]
PATH = f"/alerts/splunk/{SECRET}"


@pytest.fixture
async def app(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> AsyncIterator[Running]:
    """A server to which every system may post."""
    environment = {
        "FIRSTLINE_WEB_TOKENS": "token-of-the-engineer-eva=eva:engineer",
        "FIRSTLINE_METRICS_TOKEN": METRICS,
        "FIRSTLINE_DATABASE_URL": database_url,
    }
    for name in plugins.packages(Kind.ALERTS):
        environment |= settings_for(plugins.packages(Kind.ALERTS)[name])
    async with running(monkeypatch, library, database_url, environment) as made:
        await until(lambda: ready(made.url), "readiness")
        yield made


async def post(app: Running, path: str, body: object, **headers: str) -> tuple[int, str]:
    """Post something; the status and the answer."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{app.url}{path}", data=json.dumps(body), headers=headers) as answer,
    ):
        return answer.status, await answer.text()


async def read(app: Running, path: str) -> str:
    """Read what stands at a path that only operators may read."""
    headers = {"Authorization": f"Bearer {METRICS}"}
    async with aiohttp.ClientSession() as session, session.get(f"{app.url}{path}", headers=headers) as answer:
        return await answer.text()


async def test_every_systems_alerts_are_told_and_counted(app: Running) -> None:
    for name in SYSTEMS:
        headers = {"Authorization": aiohttp.encode_basic_auth("firstline", SECRET)}
        assert (await post(app, path_for(name), recorded(name, "began"), **headers))[0] == 200
    with app.application.begin() as work:
        sources = {alert.source for alert in work.outages.lasting_alerts(99)}
    assert sources == {
        "Alertmanager",
        "Azure Monitor",
        "Google Cloud Monitoring",
        "Grafana",
        "New Relic",
        "Splunk",
        "Zabbix",
    }
    metrics = await read(app, "/metrics")
    assert 'firstline_alerts_total{outcome="taken",source="splunk"} 1.0' in metrics
    assert SECRET not in metrics


async def test_a_secret_in_the_path_stands_nowhere_else(
    app: Running, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    told = []
    with caplog.at_level(0), capture_logs() as logged:
        told.append(await post(app, PATH, recorded("splunk", "began")))
        told.append(await post(app, PATH, {"nothing": 1}))
        told.append(await post(app, f"{PATH}/further", {}))
        told.append(await post(app, PATH, " " * 700_000))
        async with aiohttp.ClientSession() as session, session.get(f"{app.url}{PATH}") as answer:
            told.append((answer.status, await answer.text()))
    assert [status for status, _ in told] == [200, 400, 404, 413, 405]
    out, err = capfd.readouterr()
    everywhere = [told, logged, out, err, await read(app, "/metrics"), await read(app, "/readyz")]
    # A client of the test writes down what it calls; the server must not.
    everywhere.append(
        [one.getMessage() for one in caplog.records if not one.name.startswith("aiohttp.client")]
    )
    assert logged
    assert SECRET not in str(everywhere)


async def test_what_is_not_understood_degrades_and_takes_nothing_down(app: Running) -> None:
    async def shown() -> dict[str, str]:
        found: dict[str, str] = json.loads(await read(app, "/readyz"))
        return found

    assert (await post(app, PATH, {}))[0] == 400
    found = await shown()
    assert (found["status"], "could not be read" in found["alerts.splunk"]) == ("degraded", True)
    assert await ready(app.url)
    await post(app, PATH, recorded("splunk", "began"))
    assert (await shown())["alerts.splunk"] == "ok"
    for _ in range(3):
        assert (await post(app, "/alerts/splunk/another", {}))[0] == 401
    assert "compare the secret" in (await shown())["splunk.signatures"]
    assert await ready(app.url)


async def test_doctor_says_where_the_alerts_go_and_when_one_came(
    app: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(app, PATH, recorded("splunk", "began"))
    memory = app.application.begin

    def remembered() -> str | None:
        with memory.reading() as work:
            return work.memory.recall("splunk", "heard")

    await until(remembered, "the memory")
    found = await examined(monkeypatch, {"FIRSTLINE_PUBLIC_URL": "https://help.example.com"}, only="alerts")
    assert "https://help.example.com/alerts/splunk/{token}" in found.one("alerts.splunk.address").remedy
    assert f"{datetime.now(UTC):%Y-}" in found.one("alerts.splunk.heard").seen
    assert "Nothing has come from Grafana" in found.one("alerts.grafana.heard").seen
    assert "Zabbix comes to us" in found.one("alerts.mapped.zabbix.address").seen
    assert SECRET not in str(found.all)
