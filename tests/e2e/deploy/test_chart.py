"""The Helm chart, rendered by Helm's own library and held to Kubernetes' schemas and to its promises."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from pydantic_settings import BaseSettings

from bot.desk.knowledge.library import Library
from bot.runtime.network.outgoing import Proxies
from bot.runtime.secret_files import file_names, secrets_of
from bot.server import plugins
from bot.server.application import SHUTDOWN_SECONDS, Application
from bot.server.plugins import settings_models
from bot.server.settings import Settings, env_names
from bot.storage import connect
from tests.support.e2e.helm import CHART, INFO, helm, lint, merged, rendered
from tests.support.paths import ROOT

MODELS: list[type[BaseSettings]] = [Settings, Proxies, *settings_models().values()]
DATABASE = {"secrets": {"FIRSTLINE_DATABASE_URL": {"secret": "firstline", "key": "database-url"}}}
FULL: dict[str, Any] = {
    "image": {"repository": "images.example.com/firstline", "tag": "1.2.3", "pullPolicy": "Always"},
    "imagePullSecrets": [{"name": "pull"}],
    "replicas": 3,
    "settings": {
        "FIRSTLINE_LANGUAGE": "es",
        "FIRSTLINE_LARGEST_FILE": 25,
        "FIRSTLINE_OFFER_TICKETS": False,
        "NO_PROXY": "10.0.0.0/8",
    },
    "secrets": {
        **DATABASE["secrets"],
        "SLACK_BOT_TOKEN": {"secret": "slack", "key": "bot-token"},
        "HTTPS_PROXY": {"secret": "proxy", "key": "url"},
    },
    "content": {"volume": {"persistentVolumeClaim": {"claimName": "content"}}, "subPath": "desk"},
    "probes": {"readinessPath": "/healthz"},
    "drainSeconds": 10,
    "ingress": {"enabled": True, "className": "nginx", "host": "help.example.com", "tlsSecret": "help-tls"},
    "networkPolicy": {
        "httpsTo": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}],
        "databaseTo": [{"podSelector": {"matchLabels": {"app": "postgresql"}}}],
        "databasePort": 6432,
        "extraEgress": [{"ports": [{"protocol": "TCP", "port": 3128}]}],
    },
    "serviceAccount": {"annotations": {"a": "b"}},
    "podSecurityContext": {"runAsUser": 20000},
    "podAnnotations": {"a": "b"},
    "podLabels": {"team": "help"},
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "help", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
}
FEW: dict[str, Any] = {
    "podDisruptionBudget": {"enabled": False},
    "networkPolicy": {"enabled": False},
    "replicas": 1,
    "drainSeconds": 0,
}
EVERYWHERE = {
    "FIRSTLINE_PUBLIC_URL": "https://help.example.com",
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "secret",
    "MICROSOFT_APP_ID": "app",
    "MICROSOFT_APP_PASSWORD": "password",
    "MICROSOFT_APP_TENANT_ID": "tenant",
}
CASES: dict[str, Mapping[str, Any]] = {"least": {}, "full": FULL, "few": FEW}
KUBERNETES = ("1.27", "1.33", "1.37")
needs_helm = pytest.mark.skipif(helm() is None, reason="Helm's library is not installed: make deploy-tools")
each_case = pytest.mark.parametrize("case", CASES)


@cache
def objects(case: str) -> list[dict[str, Any]]:
    return rendered(merged(DATABASE, CASES[case]))


def one(case: str, kind: str) -> dict[str, Any]:
    (found,) = [each for each in objects(case) if each["kind"] == kind]
    return found


def pods(case: str) -> list[dict[str, Any]]:
    return [one(case, kind)["spec"]["template"] for kind in ("Deployment", "Job")]


def containers(case: str) -> list[dict[str, Any]]:
    return [container for pod in pods(case) for container in pod["spec"]["containers"]]


# --- what Helm and Kubernetes say ---------------------------------------------------------------------


@needs_helm
@each_case
@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_takes_every_object(case: str, version: str) -> None:
    validate = pytest.importorskip("kubernetes_validate", reason="not installed: make deploy-tools").validate
    assert len(objects(case)) >= 4
    for each in objects(case):
        validate(each, version, strict=True)


@needs_helm
def test_helm_refuses_what_the_schema_refuses() -> None:
    assert lint({})[0] > INFO, "no database"
    assert lint(merged(DATABASE, {"replcas": 2}))[0] > INFO


@needs_helm
def test_the_notes_fit_what_was_chosen() -> None:
    full, least = (lint(merged(DATABASE, CASES[case]))[1]["NOTES.txt"] for case in ("full", "least"))
    assert "3 replicas" in full
    assert "FIRSTLINE_PUBLIC_URL to https://help.example.com" in full
    assert "FIRSTLINE_TRUSTED_PROXIES" in full
    assert "port-forward" in least
    assert "content.volume" in least


# --- what a pod may -----------------------------------------------------------------------------------


@needs_helm
@each_case
def test_no_pod_has_a_right_that_it_does_not_need(case: str) -> None:
    for pod in pods(case):
        spec, shared = pod["spec"], pod["spec"]["securityContext"]
        assert spec["automountServiceAccountToken"] is False
        assert (shared["runAsNonRoot"], shared["seccompProfile"]) == (True, {"type": "RuntimeDefault"})
        assert shared["runAsUser"] == (20000 if case == "full" else 10001)
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    for container in containers(case):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert one(case, "ServiceAccount")["automountServiceAccountToken"] is False


@needs_helm
@each_case
def test_secrets_are_files_that_others_cannot_read_and_no_variables(case: str) -> None:
    secrets = merged(DATABASE, CASES[case])["secrets"]
    for pod in pods(case):
        (volume,) = [one for one in pod["spec"]["volumes"] if one["name"] == "secrets"]
        sources = [source["secret"] for source in volume["projected"]["sources"]]
        items = {item["path"]: (one["name"], item["key"]) for one in sources for item in one["items"]}
        assert items == {name: (place["secret"], place["key"]) for name, place in secrets.items()}
        assert volume["projected"]["defaultMode"] == 0o440
        (container,) = pod["spec"]["containers"]
        given = {each["name"]: each["value"] for each in container["env"]}
        folder = next(one["mountPath"] for one in container["volumeMounts"] if one["name"] == "secrets")
        assert {f"{name}_FILE": f"{folder}/{name}" for name in secrets}.items() <= given.items()
        assert not set(secrets) & set(given)
        assert all(isinstance(value, str) for value in given.values())


@needs_helm
@each_case
def test_what_is_written_to_is_a_volume(case: str) -> None:
    (server,) = pods(case)[0]["spec"]["containers"]
    writable = {one["mountPath"] for one in server["volumeMounts"] if not one.get("readOnly")}
    assert writable == {"/var/cache/firstline", "/tmp"}  # noqa: S108  # the place, not a file in it
    for pod in pods(case):
        (container,) = pod["spec"]["containers"]
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes


# --- how it starts, ends and is replaced --------------------------------------------------------------


@needs_helm
@each_case
def test_the_database_is_migrated_before_a_new_version_starts(case: str) -> None:
    job = one(case, "Job")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    (container,) = job["spec"]["template"]["spec"]["containers"]
    (server,) = pods(case)[0]["spec"]["containers"]
    assert container["args"] == ["migrate"]
    assert container["image"] == server["image"]
    # A setting that names a file of the content is read there, too.
    assert content_of(container, job["spec"]["template"]) == content_of(server, pods(case)[0])
    # Before the first installation there is no account and no map of the chart's yet.
    assert "serviceAccountName" not in job["spec"]["template"]["spec"]
    assert "configMap" not in json.dumps(job)


def content_of(container: Mapping[str, Any], pod: Mapping[str, Any]) -> list[Any]:
    """The content's volume in a pod, and where its container has it."""
    parts = (*container["volumeMounts"], *pod["spec"]["volumes"])
    return [part for part in parts if part["name"] == "content"]


@needs_helm
@each_case
def test_a_pod_is_asked_and_has_the_time_to_end(case: str) -> None:
    spec = pods(case)[0]["spec"]
    (server,) = spec["containers"]
    paths = {name: server[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    ready = "/healthz" if case == "full" else "/readyz"
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": ready}
    assert {server[f"{name}Probe"]["httpGet"]["port"] for name in paths} == {server["ports"][0]["name"]}
    drain = merged({"drainSeconds": 5}, CASES[case])["drainSeconds"]
    assert spec["terminationGracePeriodSeconds"] > drain + SHUTDOWN_SECONDS * 2
    assert ("lifecycle" in server) == bool(drain)


@needs_helm
@each_case
def test_the_parts_find_each_other(case: str) -> None:
    labels, job = (pod["metadata"]["labels"] for pod in pods(case))
    chosen: list[Mapping[str, str]] = [one(case, "Service")["spec"]["selector"]]
    chosen.append(one(case, "Deployment")["spec"]["selector"]["matchLabels"])
    if case != "few":
        chosen.append(one(case, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"])
        policy = one(case, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"]
        assert policy.items() <= labels.items()
        assert policy.items() <= job.items(), "the migration needs its database, too"
    for selector in chosen:
        assert selector.items() <= labels.items()
        assert not selector.items() <= job.items(), "nobody sends requests to the migration"
    assert one(case, "Service")["spec"]["ports"][0]["targetPort"] == "http"


# --- whom it reaches ----------------------------------------------------------------------------------


@needs_helm
def test_the_network_is_open_where_it_is_needed() -> None:
    least, full = (one(case, "NetworkPolicy")["spec"] for case in ("least", "full"))
    for policy in (least, full):
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        (rule,) = policy["ingress"]
        assert rule["ports"] == [{"protocol": "TCP", "port": "http"}]
    ports = [[port["port"] for port in rule["ports"]] for rule in least["egress"]]
    assert ports == [[53, 53], [443], [5432]]
    dns, https, database, proxy = full["egress"]
    assert dns["to"][0]["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "kube-system"}
    assert https["to"] == FULL["networkPolicy"]["httpsTo"]
    assert (database["to"], database["ports"][0]["port"]) == (FULL["networkPolicy"]["databaseTo"], 6432)
    assert proxy == FULL["networkPolicy"]["extraEgress"][0]


@needs_helm
def test_an_ingress_exposes_what_is_used_and_no_metrics() -> None:
    assert [each for each in objects("least") if each["kind"] == "Ingress"] == []
    spec = one("full", "Ingress")["spec"]
    (rule,) = spec["rules"]
    paths = {path["path"]: path["pathType"] for path in rule["http"]["paths"]}
    assert paths == exposed_by_nginx()
    assert not {"/", "/metrics", "/readyz", "/healthz"} & set(paths)
    assert spec["tls"] == [{"hosts": ["help.example.com"], "secretName": "help-tls"}]


def exposed_by_nginx() -> dict[str, str]:
    """What the documented proxy lets through without the page, each with how its path is compared."""
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    shown = page.split("```nginx")[1].split("# the page, only with")[0]
    found = re.findall(r"^ +location (= )?(/\S*) ", shown, re.MULTILINE)
    assert len(found) > 5
    return {path: "Exact" if exact else "Prefix" for exact, path in found}


def test_what_platforms_and_readers_fetch_is_exposed(
    library: Library, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in EVERYWHERE.items():
        monkeypatch.setenv(name, value)
    mistakes: list[str] = []
    channels = plugins.configured(plugins.Kind.CHANNEL, demo=False, mistakes=mistakes)
    with closing(connect(database_url)) as database:
        served = Application(Settings(database_url=database_url), database, library, channels).web_app()
    routes = {resource.canonical for resource in served.router.resources()}
    assert {"/slack/events", "/api/messages", "/pictures/{token}"} <= routes
    exposed = exposed_by_nginx()
    hidden = {path for path in routes if path not in exposed and path.partition("{")[0] not in exposed}
    assert (mistakes, hidden) == ([], {"/healthz", "/readyz", "/metrics"})


# --- the values ---------------------------------------------------------------------------------------


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    return found


def faults(values: Mapping[str, Any]) -> list[str]:
    defaults = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    checked = Draft7Validator(schema()).iter_errors(merged(merged(defaults, DATABASE), values))
    return [fault.message for fault in checked]


def test_the_schema_knows_every_secret_and_takes_none_as_a_plain_setting() -> None:
    Draft7Validator.check_schema(schema())
    secrets = sorted(name for model in MODELS for name in secrets_of(model).values())
    files = [name for model in MODELS for name in file_names(model)]
    place = {"secret": "s", "key": "k"}

    assert schema()["definitions"]["secretName"]["enum"] == secrets
    assert faults({"secrets": dict.fromkeys(secrets, place)}) == []
    assert [name for name in (*secrets, *files) if not faults({"settings": {name: "x"}})] == []


def test_the_schema_takes_every_other_setting_but_those_that_the_chart_sets() -> None:
    secrets = {name for model in MODELS for name in secrets_of(model).values()}
    plain = {name for model in MODELS for name in env_names(model)} - secrets
    refused = {name for name in plain if faults({"settings": {name: "x"}})}
    assert refused == {"FIRSTLINE_HOST", "FIRSTLINE_PORT", "FIRSTLINE_CACHE"}


@pytest.mark.parametrize("case", CASES)
def test_the_schema_takes_what_the_other_tests_set(case: str) -> None:
    assert faults(CASES[case]) == []


def maps(node: Mapping[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Where the schema describes a map with names of its own."""
    found = [path] if "properties" in node else []
    for name, child in node.get("properties", {}).items():
        found += maps(child, (*path, name))
    return found


@pytest.mark.parametrize("path", maps(schema()), ids=".".join)
def test_a_misspelt_value_is_refused_wherever_it_stands(path: tuple[str, ...]) -> None:
    values: dict[str, Any] = {"misspelt": 1}
    for name in reversed(path):
        values = {name: values}
    assert any("misspelt" in fault for fault in faults(values))


def described() -> set[str]:
    defaults = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    return set(defaults)


def test_the_schema_and_the_defaults_name_the_same_values() -> None:
    assert described() == set(schema()["properties"]) - {"global"}


WRONG: dict[str, Callable[[], Mapping[str, Any]]] = {
    "no secret's key": lambda: {"secrets": {"SLACK_BOT_TOKEN": {"secret": "s"}}},
    "a secret's value": lambda: {"secrets": {"SLACK_BOT_TOKEN": "xoxb-1"}},
    "an unknown secret": lambda: {"secrets": {"SLACK_BOT_TOKE": {"secret": "s", "key": "k"}}},
    "an ingress without a host": lambda: {"ingress": {"enabled": True}},
    "half a replica": lambda: {"replicas": 0.5},
    "a port": lambda: {"service": {"port": 70000}},
    "another path": lambda: {"probes": {"readinessPath": "/ready"}},
    "a quantity": lambda: {"resources": {"limits": {"memory": "1 GB"}}},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_value_is_refused(wrong: str) -> None:
    assert faults(WRONG[wrong]())


@needs_helm
def test_the_values_that_the_documentation_shows_are_good() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^`desk.yaml`.*?^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    values = yaml.safe_load(shown)
    assert faults(values) == []
    assert {each["kind"] for each in rendered(values)} >= {"Deployment", "Ingress", "Job", "NetworkPolicy"}


def test_the_chart_is_of_this_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert chart["appVersion"] == version
    assert re.fullmatch(r"\d+\.\d+\.\d+", chart["version"])
