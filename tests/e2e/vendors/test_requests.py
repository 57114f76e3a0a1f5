"""Our requests are valid by the vendors' own files, wherever those are at hand."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.desk.knowledge.library import Library
from bot.storage import Database, connect
from tests.e2e.vendors.gateway import recorded
from tests.e2e.vendors.interface import Interface, Request, Told
from tests.e2e.vendors.plays import PLAYS, Stage

FOLDER = os.environ.get("VENDOR_FILES", "")
WHENCE = (
    "VENDOR_FILES names no folder with the OpenAPI files of {}: CONTRIBUTING.md says where they come from"
)
# What a file does not know or has otherwise, and why it is right nevertheless.
RIGHT = {
    "zendesk": {
        "GET /files/{}": "the address of a file's content is Zendesk's own, given with the file",
        "POST /api/v2/uploads: ?filename is unknown": "the page on uploads demands it",
    },
    "jira": {
        "PUT /rest/api/3/issue/{issueIdOrKey}/assignee: accountId: None is not of type 'string'": (
            "the operation's own text says that null leaves an issue to nobody"
        ),
    },
    "confluence": {},
    "graph": {
        "POST /example.onmicrosoft.com/oauth2/v2.0/token": "Entra's, which has no file",
        "GET /v1.0/sites/example.sharepoint.com:/sites/help": "OData's short way to write getByPath",
        "GET /v1.0/sites/{site-id}/pages/microsoft.graph.sitePage: ?$skiptoken is unknown": (
            "it stands in the address that Graph gives for the next page"
        ),
    },
}
FEWEST = {"zendesk": 16, "jira": 28, "confluence": 9, "graph": 2}  # operations that a play must come to
NOTES = """
openapi: 3.0.3
servers: [{url: "https://{site}/api", variables: {site: {default: notes}}}]
paths:
  /notes:
    get:
      parameters:
        - {name: limit, in: query, schema: {$ref: "#/components/schemas/Limit"}}
        - {name: ids, in: query, explode: false, schema: {type: array, items: {type: integer}}}
        - {name: space, in: query, required: true, schema: {type: string}}
    post:
      parameters: [{name: X-Opt-In, in: header, required: true, schema: {type: string}}]
      requestBody: {$ref: "#/components/requestBodies/Note"}
  /notes/mine: {get: {}}
  /notes/{id}:
    get: {parameters: [{$ref: "#/components/parameters/Lost"}]}
components:
  schemas:
    Limit: {type: integer, maximum: 100}
    Note:
      type: object
      required: [text]
      additionalProperties: false
      properties:
        text: {type: string}
        owner: {type: string, nullable: true}
        more: {type: object, properties: {known: {type: string}}}
        lost: {$ref: "#/components/schemas/Lost"}
  requestBodies:
    Note:
      required: true
      content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}
"""
JSON = {"content-type": "application/json; charset=utf-8", "x-opt-in": "yes"}


@pytest.fixture
def notes(tmp_path: Path) -> Interface:
    """A small interface."""
    file = tmp_path / "notes.yml"
    file.write_text(NOTES, encoding="utf-8")
    return Interface([file])


def told(interface: Interface, request: Request) -> Told:
    found = interface.check(request)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ([("space", "1"), ("limit", "100"), ("ids", "1,2")], []),
        ([("space", "1"), ("limit", "101")], ["?limit=101 is none of what it may be"]),
        ([("space", "1"), ("ids", "1,b")], ["?ids=b is none of what it may be"]),
        ([("space", "1"), ("page", "2")], ["?page is unknown"]),
        ([("space", "1"), ("space", "2")], ["?space is given 2 times"]),
        ([], ["?space is missing"]),
    ],
)
def test_a_query_is_looked_at(notes: Interface, query: list[tuple[str, str]], faults: list[str]) -> None:
    found = told(notes, Request("GET", "/api/notes", query)).faults
    assert [fault.partition(":")[0] for fault in found] == faults


@pytest.mark.parametrize(
    ("body", "headers", "fault"),
    [
        (b'{"text": "a", "owner": null}', JSON, ""),
        (b"", JSON, "the body is missing"),
        (b'{"text": "a"}', {"x-opt-in": "", "content-type": "text/plain"}, "the body is text/plain, and not"),
        (b'{"text": "a"}', {"content-type": "application/json"}, "the header X-Opt-In is missing"),
        (b'{"text": 1}', JSON, "text: 1 is not of type 'string'"),
        (b'{"owner": "a"}', JSON, "the body: 'text' is a required property"),
        (b'{"text": "a", "when": 1}', JSON, "the body: Additional properties are not allowed"),
    ],
)
def test_a_body_is_looked_at(notes: Interface, body: bytes, headers: dict[str, str], fault: str) -> None:
    found = told(notes, Request("POST", "/api/notes", (), headers, body)).faults
    assert len(found) == bool(fault)
    assert "".join(found).startswith(fault)


def test_what_a_file_does_not_tell_is_taken_and_named(notes: Interface) -> None:
    body = b'{"text": "a", "lost": {"any": 1}, "more": {"known": "b", "unknown": 1}}'
    found = told(notes, Request("POST", "/api/notes", (), JSON, body))
    assert (found.faults, found.untold) == ((), ("lost (schemas/Lost)", "more.unknown"))
    lost = told(notes, Request("GET", "/api/notes/7", [("any", "1")]))
    assert (lost.faults, lost.untold) == ((), ("a parameter (parameters/Lost)",))
    assert notes.check(Request("DELETE", "/api/notes/7")) is None
    assert notes.check(Request("GET", "/notes/7")) is None


def test_the_path_with_the_fewest_braces_is_meant(notes: Interface) -> None:
    assert told(notes, Request("GET", "/api/notes/mine")).operation == "GET /api/notes/mine"


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A database in a file: what is asked of others is the same over any."""
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    opened = connect(f"sqlite:///{tmp_path / 'firstline.db'}")
    yield opened
    opened.close()


def files_of(vendor: str) -> list[Path]:
    """The files of a vendor, whose names begin with its own."""
    found = sorted(Path(FOLDER).glob(f"{vendor}-*")) if FOLDER else []
    return [path for path in found if path.suffix in (".json", ".yml", ".yaml")]


@pytest.mark.parametrize("vendor", PLAYS)
async def test_what_we_ask_is_valid(
    vendor: str,
    sqlite: Database,
    library: Library,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = files_of(vendor)
    if not files:
        pytest.skip(WHENCE.format(vendor.title()))
    requests: list[Request] = []
    stage = Stage(sqlite, library, tmp_path / "pages")
    await PLAYS[vendor](stage, lambda url: recorded(url, requests))
    interface = Interface(files)
    valid: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    untold: Counter[str] = Counter()
    for request in requests:
        found = interface.check(request)
        if found is None:
            wrong[request.kind] += 1
            continue
        valid[found.operation] += not found.faults
        wrong.update(f"{found.operation}: {fault}" for fault in found.faults)
        untold.update(f"{found.operation}: {what}" for what in found.untold)
    known = RIGHT[vendor]
    with capsys.disabled():
        print(f"\n{vendor}: {len(requests)} requests, {valid.total()} valid in {len(valid)} operations")
        for fault, number in sorted(wrong.items()):
            print(f"  {number} x {fault}: {known.get(fault, 'WRONG')}")
        for what, number in sorted(untold.items()):
            print(f"  {number} x the file does not tell: {what}")
    assert set(wrong) <= set(known), set(wrong) - set(known)
    assert len(valid) >= FEWEST[vendor], sorted(valid)
