"""The dashboard and the alerts name what the server exports, and each alert says what to do."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.server.monitoring.metrics import Metrics
from tests.support.paths import ROOT, anchors

DASHBOARD = ROOT / "deploy" / "grafana" / "firstline.json"
RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
RULE_TESTS = RULES.with_name("tests.yml")
OF_EVERY_TARGET = {"job", "instance"}
OF_EVERY_BUCKET = {"le"}
OF_THE_PROCESS = ("process_cpu_seconds_total", "process_resident_memory_bytes")
UNITS = {"short", "s", "ops", "bytes", "percentunit"}
KINDS = {"stat", "timeseries", "bargauge"}
SELECTOR = re.compile(r"\b((?:firstline|process)_\w+|up)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')
GROUPED = re.compile(r"\bby \(([^)]*)\)")
SHOWN = re.compile(r"\{\{\s*(?:\$labels\.)?([a-z_]+)\s*\}\}")

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool: make deploy-tools")


def exported() -> dict[str, set[str]]:
    """Every series that a scrape may have, with its labels."""
    metrics = Metrics()
    # What is of the process is there on Linux alone, where servers run.
    found = {name: set[str]() for name in ("up", *OF_THE_PROCESS)}
    for metric in metrics.registry.collect():
        series = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(metric.type, ("",))
        labels = labels_of(metrics, metric.name)
        for suffix in series:
            found[metric.name + suffix] = labels | (OF_EVERY_BUCKET if suffix == "_bucket" else set())
    return found


def labels_of(metrics: Metrics, name: str) -> set[str]:
    # The registry tells no labels of what has no series yet.
    return set(getattr(metrics.registry._names_to_collectors.get(name), "_labelnames", ()))


def dashboard() -> Any:
    return json.loads(DASHBOARD.read_text(encoding="utf-8"))


def panels() -> list[Any]:
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def rules() -> list[Any]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[tuple[str, str, str]]:
    """Each query with where it stands, and what its legend or summary shows."""
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"], target["legendFormat"]
    for rule in rules():
        yield rule["alert"], rule["expr"], rule["annotations"]["summary"]


def unknown_names(expression: str, shown: str, known: dict[str, set[str]]) -> list[str]:
    """The metrics and labels of a query that no scrape has."""
    wrong, labels = [], OF_EVERY_TARGET | OF_EVERY_BUCKET
    for name, selector in SELECTOR.findall(expression):
        if name not in known:
            wrong.append(name)
            continue
        its = known[name] | OF_EVERY_TARGET
        labels |= its
        wrong += [f"{name}{{{label}}}" for label in MATCHER.findall(selector) if label not in its]
    grouped = [label.strip() for group in GROUPED.findall(expression) for label in group.split(",")]
    wrong += [f"by ({label})" for label in grouped if label not in labels]
    shows = [label for label in SHOWN.findall(shown) if label != "value"]
    return wrong + [f"shown: {label}" for label in shows if grouped and label not in grouped]


def test_each_query_names_what_is_exported() -> None:
    known = exported()
    queries = list(expressions())
    assert len(queries) > 60
    wrong = {where: found for where, query, shown in queries if (found := unknown_names(query, shown, known))}
    assert wrong == {}


def test_a_name_that_nobody_exports_is_seen() -> None:
    query = 'sum by (queue, person) (firstline_tickets{queue="it"}) / firstline_nothing'
    assert unknown_names(query, "{{status}}", exported()) == [
        "firstline_tickets{queue}",
        "firstline_nothing",
        "by (queue)",
        "by (person)",
        "shown: status",
    ]


def test_every_own_metric_is_on_the_dashboard_or_is_told_why_not() -> None:
    queries = " ".join(query for _, query, _ in expressions())
    elsewhere = {
        "firstline_build_info",  # which version, for whoever asks
        "firstline_cache_unwritable",  # a reason of firstline_degraded
        "firstline_content_learned_timestamp_seconds",
        "firstline_promise_judged",
        "firstline_promise_wrong",  # parts of the evidence
        "firstline_source_looked_timestamp_seconds",  # a reason of firstline_degraded, told at once
        "firstline_source_pages",  # how large another system is, for whoever asks
        "firstline_unanswered_questions",
    }
    own = {name for name in exported() if name.startswith("firstline_")}
    named = {name for name in own if name in queries}
    parts = {name for name in own if name.rpartition("_")[0] + "_bucket" in named | {name}}
    assert own - named - parts == elsewhere


def test_the_dashboard_is_one_that_grafana_can_load() -> None:
    page = dashboard()
    assert page["schemaVersion"] >= 39
    assert page["id"] is None
    everything = page["panels"]
    assert len({panel["id"] for panel in everything}) == len(everything)
    assert [row["title"].partition(":")[0] for row in everything if row["type"] == "row"] == [
        "Operator",
        "Desk",
    ]
    variables = {one["name"]: one for one in page["templating"]["list"]}
    assert set(variables) == {"datasource", "job", "queue"}
    assert (variables["datasource"]["type"], variables["datasource"]["query"]) == ("datasource", "prometheus")
    assert {one for _, query, _ in expressions() for one in re.findall(r"\$(\w+)", query)} <= {
        "job",
        "queue",
        "__range",
        "__interval",
        "__rate_interval",
    }


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel["title"])
def test_each_panel_says_what_it_shows(panel: Any) -> None:
    assert panel["type"] in KINDS
    assert panel["title"]
    assert panel["description"].endswith((".", "`."))
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0
    for source in (panel["datasource"], *(target["datasource"] for target in panel["targets"])):
        assert source == {"type": "prometheus", "uid": "${datasource}"}


def test_no_panel_lies_on_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + right, place["y"] + down)
            for right in range(place["w"])
            for down in range(place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_each_alert_has_a_runbook(rule: Any) -> None:
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert anchor == rule["alert"].lower()
    assert anchor in anchors(ROOT / page)
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert rule["for"]
    assert rule["annotations"]["description"]


def test_each_alert_is_tested_where_it_fires_and_where_it_does_not() -> None:
    cases = yaml.safe_load(RULE_TESTS.read_text(encoding="utf-8"))["tests"]
    found = {(one["alertname"], bool(one["exp_alerts"])) for case in cases for one in case["alert_rule_test"]}
    assert found == {(rule["alert"], fires) for rule in rules() for fires in (True, False)}


@needs_promtool
def test_promtool_takes_the_rules_and_their_tests() -> None:
    assert PROMTOOL is not None
    for command in (["check", "rules", RULES.name], ["test", "rules", RULE_TESTS.name]):
        done = subprocess.run(
            [PROMTOOL, *command], cwd=RULES.parent, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_promtool_takes_what_is_exported(tmp_path: Path) -> None:
    assert PROMTOOL is not None
    metrics = Metrics()
    metrics.desk.prepare(("it",))
    done = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=metrics.text(), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
