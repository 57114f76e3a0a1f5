"""What every monitoring system's package must keep to, and a package that somebody else brings."""

import json
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alerts.mapping import AlertReader, NotAnAlert, table_in
from bot.alerts.receiver import LARGEST
from bot.domain.tickets.outage import Alert, AlertState
from bot.server import plugins
from bot.server.plugins import Kind
from tests.support.clock import START, Clock
from tests.support.e2e.running import until
from tests.support.fakes.alerts import REQUESTS, SECRET, Door, path_for, received, recorded

SYSTEMS = [name for name in plugins.packages(Kind.ALERTS) if name != "webhook"]
TITLES = {
    "alertmanager": "The tunnel to Bilbao is down",
    "azure_monitor": "Sign-in of the mail is slow",
    "cloudwatch": "VPN tunnel down",
    "google_monitoring": "Print server: CPU above 90 %",
    "grafana": "The tunnel to Bilbao is down",
    "mapped": "files-1: Disk of files-1 is 95 % full",
    "new_relic": "VPN gateway answers slower than 2 s for at least 5 minutes on 'vpn-gw-madrid'",
    "splunk": "Mail queue does not empty",
}
# A whole package, in its folder `toy`; beside it lies its table.
TOY = '''
"""The alerts of Toy."""
from pathlib import Path
from bot.alerts.vendor import TokenSettings, Vendor, reading
class Settings(TokenSettings):
    """The secret that the requests carry."""
    model_config = reading("FIRSTLINE_TOY_")
vendor = Vendor(Path(__file__).parent, "Toy")
configured, mistakes, build, doctor = vendor.configured, vendor.mistakes, vendor.build, vendor.doctor
'''
TABLE = 'key = "id"\ntitle = "what"\nstate = "now"\nbegan = "bad"\nended = "good"\n'
TOY_REQUESTS = {
    "began": {"id": "1", "what": "It is broken", "now": "bad"},
    "ended": {"id": "1", "what": "It is broken", "now": "good"},
}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package in a scratch folder, as another distribution would bring it."""
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "__init__.py").write_text(TOY, encoding="utf-8")
    (folder / "mapping.toml").write_text(TABLE, encoding="utf-8")
    package = sys.modules[Kind.ALERTS.value]
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    yield
    sys.modules.pop(f"{Kind.ALERTS.value}.toy", None)


@pytest.fixture(params=[*SYSTEMS, "toy"])
def system(request: pytest.FixtureRequest) -> str:
    """Each system's name."""
    if request.param == "toy":
        request.getfixturevalue("toy")
    return str(request.param)


@pytest.fixture
async def door(system: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    async with received(packaged(system), clock, monkeypatch) as made:
        if system == "cloudwatch":  # the first message only tells which certificate is to be fetched
            assert (await made.post(request_of(system, "began")))[0] == 503
            await until(lambda: made.internet.asked, "the certificate")
        made.checked.clear()
        yield made


def packaged(name: str) -> ModuleType:
    return plugins.packages(Kind.ALERTS)[name]


def request_of(system: str, name: str) -> dict[str, Any]:
    return TOY_REQUESTS[name] if system == "toy" else recorded(system, name)


def test_each_has_recorded_requests() -> None:
    assert {path.name for path in REQUESTS.iterdir()} == set(SYSTEMS) == set(TITLES)


async def test_an_alert_begins_once_and_ends(door: Door) -> None:
    began = request_of(door.name, "began")
    status, text = await door.post(began)
    assert (status, json.loads(text)["status"]) == (200, "taken")
    door.clock.move(minutes=1)
    await door.post(began)
    door.clock.move(minutes=20)
    assert (await door.post(request_of(door.name, "ended")))[0] == 200
    keys = {alert.key for alert in door.alerts}
    states = [alert.state for alert in door.alerts]
    assert len(keys) == 1
    assert (states[0], states[-1]) == (AlertState.BEGAN, AlertState.ENDED)
    assert door.alerts[0].at <= door.alerts[-1].at <= door.clock()
    assert door.alerts[0].title == TITLES.get(door.name, "It is broken")
    assert door.source.trouble() is None
    assert set(door.checked) == {""}


async def test_who_proves_nothing_is_refused(door: Door) -> None:
    began = request_of(door.name, "began")
    assert (await door.post(began, proved=False))[0] == 401
    assert door.taken == []
    assert "" not in door.checked


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer another-secret-of-theirs",
        "Bearer ñ",
        "Basic !",
        "Basic Zmlyc3RsaW5lOng=",
        "Bearer",
        "x" * 4000,
    ],
)
async def test_another_secret_is_refused(door: Door, authorization: str) -> None:
    began = request_of(door.name, "began")
    status, text = await door.post(began, proved=False, headers={"Authorization": authorization})
    assert (status, door.taken) == (401, [])
    assert SECRET not in text


async def test_another_secret_in_the_path_is_refused(door: Door) -> None:
    path = f"{path_for(door.name).removesuffix(f'/{SECRET}')}/another-secret-of-theirs"
    status, text = await door.post(request_of(door.name, "began"), proved=False, path=path)
    assert (status, door.taken) == (401, [])
    assert "another-secret-of-theirs" not in text


async def test_what_was_not_committed_is_a_failure(door: Door) -> None:
    door.failing = True
    assert (await door.post(request_of(door.name, "began")))[0] == 500
    door.failing = False
    assert (await door.post(request_of(door.name, "began")))[0] == 200


async def test_what_is_too_large_is_refused(door: Door) -> None:
    assert (await door.post(b" " * (LARGEST + 1), proved=door.name != "cloudwatch"))[0] == 413
    async with door.client.get(path_for(door.name)) as answer:
        assert answer.status == 405


async def test_what_is_no_alert_is_told_and_is_a_trouble_until_one_is(door: Door) -> None:
    body = {**recorded("cloudwatch", "began"), "Message": "Hello"} if door.name == "cloudwatch" else {}
    status, text = await door.post(body)
    assert (status, "missing" in text) == (400, True)
    assert "could not be read" in (door.source.trouble() or "")
    assert door.counted == {"unread": 1}
    await door.post(request_of(door.name, "began"))
    assert door.source.trouble() is None
    assert door.counted == {"unread": 1, "taken": 1}


async def test_it_is_remembered_when_it_was_heard(door: Door) -> None:
    await door.post(request_of(door.name, "began"))
    await until(lambda: door.memory.values, "the memory")
    ((_, key), value), *others = door.memory.values.items()
    assert (key, value, others) == ("heard", door.clock().isoformat(), [])


def test_a_weak_secret_is_a_mistake(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = packaged(system)
    prefix = module.Settings.model_config["env_prefix"]
    monkeypatch.setenv(f"{prefix}TOKEN", "short ñ")
    monkeypatch.setenv(f"{prefix}TOKENS", "zabbix:short")
    monkeypatch.setenv(f"{prefix}TOPICS", "arn:aws:sns:alarms")
    told = module.mistakes(module.Settings())
    assert told
    assert all(mistake.startswith(f"{prefix}TO") or f"{prefix}TABLES" in mistake for mistake in told)


# --- whatever comes ----------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a document."""
    yield path
    inner: Iterable[tuple[Any, Any]] = document.items() if isinstance(document, dict) else ()
    for step, value in enumerate(document) if isinstance(document, list) else inner:
        yield from places(value, (*path, step))


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A document with another value at a place."""
    if not path:
        return value
    step, *rest = path
    inner = put(document[step], tuple(rest), value)
    if isinstance(document, dict):
        return {**document, step: inner}
    return [*document[:step], inner, *document[step + 1 :]]


def unwrapping(name: str) -> Callable[[Any], Any]:
    if name == "cloudwatch":
        from bot.alerts.cloudwatch.sns import alarm_of

        return alarm_of
    vendor = getattr(packaged(name), "vendor", None)
    return vendor.unwrap if vendor is not None else lambda document: document


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name != "mapped"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=json_values)
def test_whatever_stands_somewhere_is_read_or_told(name: str, data: st.DataObject, value: Any) -> None:
    document = recorded(name, data.draw(st.sampled_from(["began", "ended"])))
    document = put(document, data.draw(st.sampled_from(list(places(document)))), value)
    reader = AlertReader(
        table_in(REQUESTS.parents[2] / f"bot/alerts/{name}/mapping.toml"), 0, unwrapping(name)
    )
    alerts: tuple[Alert, ...] = ()
    with suppress(NotAnAlert):
        alerts = reader.read(json.dumps(document).encode(), START).alerts
    for alert in alerts:
        assert alert.key
        assert alert.title
        assert len(alert.key) <= 200
        assert alert.at <= START
        assert alert.url.startswith(("https://", "http://")) or alert.url == ""
