"""Requests in further shapes that the systems' documents name: begun and ended rightly, or told."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bot.server import plugins
from bot.server.plugins import Kind
from tests.support.clock import Clock
from tests.support.e2e.running import until
from tests.support.fakes.alerts import received, recorded

Json = dict[str, Any]


def azure(service: str, signal: str, context: Json, **essentials: Any) -> Json:
    """An alert in the common schema; its id is another one for each."""
    told = {
        "alertId": f"/subscriptions/1/providers/Microsoft.AlertsManagement/alerts/{context['eventDataId']}",
        "alertRule": "The tenant's own health",
        "severity": "Sev4",
        "signalType": signal,
        "monitorCondition": "Fired",
        "monitoringService": service,
        "alertTargetIDs": ["/subscriptions/1/resourcegroups/desk/providers/microsoft.compute/vms/vpn"],
        "originAlertId": "12345678-1234-1234-1234-1234567890ab",
        "firedDateTime": "2026-03-02T08:58:00Z",
        "description": "",
        "essentialsVersion": "1.0",
        "alertContextVersion": "1.0",
    }
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {"essentials": told | essentials, "alertContext": context},
    }


def service_health(stage: str, event: str) -> Json:
    properties = {
        "title": "Sign-in fails in Spain",
        "service": "Microsoft Entra ID",
        "region": "Spain Central",
        "incidentType": "Incident",
        "trackingId": "8KJ0-P7G",
        "impactStartTime": "2026-03-02T08:50:00Z",
        "impactedServices": '[{"ImpactedRegions":[{"RegionName":"Spain Central"}]}]',
        "stage": stage,
    }
    context = {
        "channels": 1,
        "eventSource": 2,
        "level": 3,
        "eventDataId": event,
        "operationName": "Microsoft.ServiceHealth/incident/action",
        "properties": properties,
        "status": "Resolved" if stage == "Resolved" else "Active",
    }
    return azure("ServiceHealth", "Activity Log", context)


def resource_health(now: str, event: str) -> Json:
    properties = {
        "title": "Rebooted",
        "currentHealthStatus": now,
        "type": "Downtime",
        "cause": "PlatformInitiated",
    }
    context = {
        "eventSource": "ResourceHealth",
        "eventDataId": event,
        "properties": properties,
        "status": "Updated",
    }
    return azure("Resource Health", "Activity Log", context)


def administrative() -> Json:
    context = {
        "authorization": {"action": "Microsoft.Compute/virtualMachines/restart/action"},
        "caller": "ana@acme.example",
        "eventDataId": "e1",
        "eventSource": "Administrative",
        "level": "Informational",
        "status": "Accepted",
        "subStatus": "",
        "properties": {"eventCategory": "Administrative"},
    }
    return azure("Activity Log - Administrative", "Activity Log", context)


def composite(state: str) -> Json:
    alarm = {
        "AlarmName": "Office offline",
        "AlarmDescription": "Both tunnels are down",
        "AWSAccountId": "123456789012",
        "NewStateValue": state,
        "NewStateReason": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a transitioned to ALARM",
        "StateChangeTime": "2026-03-02T08:59:10.123+0000",
        "Region": "EU (Ireland)",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:Office offline",
        "OldStateValue": "OK",
        "AlarmRule": "ALARM(a) AND ALARM(b)",
        "TriggeringChildren": [{"Arn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"}],
    }
    return {**recorded("cloudwatch", "began"), "Message": json.dumps(alarm)}


def other_notice() -> Json:
    return {**recorded("cloudwatch", "began"), "Message": json.dumps({"source": "aws.health", "detail": {}})}


def old_alarm() -> Json:
    """An alarm without its ARN, as older accounts send it."""
    alarm = json.loads(recorded("cloudwatch", "began")["Message"])
    del alarm["AlarmArn"]
    return {**recorded("cloudwatch", "began"), "Message": json.dumps(alarm)}


def google(**incident: Any) -> Json:
    whole = recorded("google_monitoring", "began")
    kept = {name: value for name, value in (whole["incident"] | incident).items() if value is not ...}
    return {"incident": kept, "version": "1.2"}


def grafana(*alerts: Mapping[str, Any], **group: Any) -> Json:
    whole = recorded("grafana", "began")
    first = whole["alerts"][0]
    return {**whole, **group, "alerts": [{**first, **alert} for alert in alerts]}


def fifty(ended: int) -> Json:
    """Fifty alerts of one group, of which the last are over."""
    group = recorded("alertmanager", "began")
    one = group["alerts"][0]
    statuses = ["firing"] * (50 - ended) + ["resolved"] * ended
    alerts = [{**one, "status": status, "fingerprint": f"{n:016x}"} for n, status in enumerate(statuses)]
    return {**group, "alerts": alerts, "truncatedAlerts": 7}


def splunk(**result: Any) -> Json:
    whole = recorded("splunk", "began")
    return {**whole, "result": whole["result"] | result}


def new_relic(**values: Any) -> Json:
    return recorded("new_relic", "began") | values


B, E = "began", "ended"
ISSUE, TUNNEL, ARN = "7f3c2d10-5b1e-4a55-9a6b-3f0c1f6b8a21", "c6eadffa33fcdf37", "Office offline"
INCIDENT, QUEUE = "0.mx1tq3r8y2kd", "Mail queue does not empty"
SHAPES: Sequence[tuple[str, list[Json], list[tuple[str, str]]]] = [
    ("new_relic", [new_relic(), new_relic(state="RESOLVED")], [(ISSUE, B), (ISSUE, E)]),
    (
        "new_relic",
        [new_relic(state="ACKNOWLEDGED", owner="Ana", closedAt=None), new_relic(state="CLOSED", closedAt="")],
        [(ISSUE, B), (ISSUE, E)],
    ),
    (
        "new_relic",
        [
            {
                "issueId": "9",
                "issueTitle": ["Two conditions", "of one"],
                "state": "activated",
                "priority": None,
            }
        ],
        [("9", B)],
    ),
    ("cloudwatch", [composite("ALARM"), composite("OK")], [(ARN, B), (ARN, E)]),
    ("cloudwatch", [composite("INSUFFICIENT_DATA")], []),
    ("cloudwatch", [old_alarm()], [("123456789012:EU (Ireland):VPN tunnel down", B)]),
    (
        "azure_monitor",
        [service_health(stage, f"e{n}") for n, stage in enumerate(("Active", "Active", "Resolved", "RCA"))],
        [("servicehealth:8KJ0-P7G", B), ("servicehealth:8KJ0-P7G", E)],
    ),
    (
        "azure_monitor",
        [resource_health("Unavailable", "e1"), resource_health("Available", "e2")],
        [("microsoft.compute/vms/vpn", B), ("microsoft.compute/vms/vpn", E)],
    ),
    ("azure_monitor", [administrative()], [("alerts/e1", B)]),
    (
        "google_monitoring",
        [google(documentation=...), google(documentation=..., state="closed", ended_at=1772442900)],
        [(INCIDENT, B), (INCIDENT, E)],
    ),
    (
        "google_monitoring",
        [google(metric=..., resource=None, condition_name="", policy_name="Uptime")],
        [(INCIDENT, B)],
    ),
    (
        "google_monitoring",
        [google(documentation={}, started_at="1772441900", severity="No severity")],
        [(INCIDENT, B)],
    ),
    ("alertmanager", [fifty(0)], [(f"{n:016x}", B) for n in range(50)]),
    ("alertmanager", [fifty(20)], [(f"{n:016x}", B if n < 30 else E) for n in range(50)]),
    ("alertmanager", [{**fifty(0), "alerts": []}], []),
    (
        "grafana",
        [
            grafana(
                {"imageURL": "https://grafana.example.com/a.png"}, images=[{"url": "https://x.example/a.png"}]
            )
        ],
        [(TUNNEL, B)],
    ),
    (
        "grafana",
        [grafana({"values": None, "valueString": ""}, state="no_data", status="firing")],
        [(TUNNEL, B)],
    ),
    (
        "grafana",
        [grafana({}, {"status": "resolved", "fingerprint": "2"}, state="ok", status="firing")],
        [(TUNNEL, B), ("2", E)],
    ),
    ("splunk", [splunk(host=["mail-1", "mail-2"], _raw="x\ny", count="41")], [(QUEUE, B)]),
    (
        "splunk",
        [
            splunk(
                firstline_state=["ended", "ended"], firstline_key=[QUEUE, "another"], severity=["high", "low"]
            )
        ],
        [(QUEUE, E)],
    ),
    ("splunk", [{**splunk(), "result": None, "results_link": None}], [(QUEUE, B)]),
]


@pytest.mark.parametrize(("name", "requests", "expected"), SHAPES)
async def test_a_shape_is_read(
    name: str,
    requests: list[Json],
    expected: list[tuple[str, str]],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with received(plugins.packages(Kind.ALERTS)[name], clock, monkeypatch) as door:
        if name == "cloudwatch":  # the first message only tells which certificate is to be fetched
            await door.post(requests[0])
            await until(lambda: door.internet.asked, "the certificate")
        for request in requests:
            status, text = await door.post(request)
            assert status == 200, text
        read = [(alert.key, alert.state.value) for alert in door.alerts]
        assert door.source.trouble() is None
    assert len(read) == len(expected)
    for (key, state), (ending, wanted) in zip(read, expected, strict=True):
        assert (key.endswith(ending), state) == (True, wanted), read


NO_ALERTS: Sequence[tuple[str, Json, str]] = [
    ("new_relic", {"message": "Test"}, "'state or issue.state' is missing"),
    ("cloudwatch", other_notice(), "is missing; subscribe without raw message delivery"),
    (
        "azure_monitor",
        {"schemaId": "Microsoft.Insights/activityLogs", "data": {"status": "Activated"}},
        "common",
    ),
    ("google_monitoring", {"incident": None, "version": "test"}, "'incident.state' is missing"),
    ("alertmanager", {"version": "4", "status": "firing"}, "'alerts' is missing"),
    ("grafana", {"ruleName": "Tunnel", "state": "alerting", "evalMatches": []}, "'alerts' is missing"),
    ("splunk", {"result": {}, "search_name": None}, "search_name"),
]


@pytest.mark.parametrize(("name", "request_", "told"), NO_ALERTS)
async def test_what_is_no_alert_says_what_is_missing(
    name: str, request_: Json, told: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with received(plugins.packages(Kind.ALERTS)[name], clock, monkeypatch) as door:
        if name == "cloudwatch":
            await door.post(request_)
            await until(lambda: door.internet.asked, "the certificate")
        status, text = await door.post(request_)
        assert (status, told in text) == (400, True), text
        assert door.taken == []
