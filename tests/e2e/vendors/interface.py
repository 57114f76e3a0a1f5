"""The interface of a vendor, as its own OpenAPI files tell it: what is wrong with a request."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

Json = dict[str, Any]
Fits = Callable[[Json, Any], bool]  # whether a value is what a schema says
METHODS = ("get", "put", "post", "delete", "patch")
LOST = "x-lost"  # stands in the place of a reference that leads to nothing: whatever comes is taken


@dataclass(frozen=True, slots=True)
class Request:
    """Request as it reached the vendor; the names of headers are small."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def media_type(self) -> str:
        """The content's type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def kind(self) -> str:
        """The method, and the path without its numbers."""
        return f"{self.method} {re.sub('(?<=/)[0-9]+(?=/|$)', '{}', self.path)}"


@dataclass(frozen=True, slots=True)
class Told:
    """Word of a file on a request: its operation, what is wrong, and what of the body it does not tell."""

    operation: str
    faults: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """Operation of a file, with the JSON Schema of each media type that its body may have."""

    name: str
    path: re.Pattern[str]
    literal: int  # characters of the path that are not in braces: the most of them is meant
    parameters: Sequence[Json]
    body: Json | None


class Interface:
    """Interface by one or several files; a reference that leads to nothing in them is `LOST`."""

    def __init__(self, files: Sequence[Path]) -> None:
        documents = {f"urn:{file.name}": _read(file) for file in files}
        found = [one for document in documents.values() for one in _operations(document)]
        self._operations = sorted(found, key=lambda one: -one.literal)
        resources = ((uri, DRAFT202012.create_resource(document)) for uri, document in documents.items())
        self._registry: Registry[Any] = Registry().with_resources(resources)

    def check(self, request: Request) -> Told | None:
        """Say what is wrong with a request; None where no file knows its path."""
        method = f"{request.method} "
        fitting = (
            one
            for one in self._operations
            if one.name.startswith(method) and one.path.fullmatch(request.path)
        )
        found = next(fitting, None)
        if found is None:
            return None
        faults = [*_faults_in_query(found, request, self._fits), *_faults_in_headers(found, request)]
        untold = [f"a parameter ({one[LOST]})" for one in found.parameters if LOST in one]
        if found.body is not None:
            faults += self._faults_in_body(found.body, request, untold)
        return Told(found.name, tuple(faults), tuple(untold))

    def _fits(self, schema: Json, value: Any) -> bool:
        return Draft202012Validator(schema, registry=self._registry).is_valid(value)

    def _faults_in_body(self, body: Json, request: Request, untold: list[str]) -> Iterator[str]:
        kinds: Json = body.get("content", {})
        if not request.body:
            if body.get("required"):
                yield "the body is missing"
            return
        kind = next((one for one in kinds if re.fullmatch(_pattern(one), request.media_type)), None)
        if kind is None:
            if kinds:
                yield f"the body is {request.media_type or 'of no type'}, and not {' or '.join(kinds)}"
            return
        schema = kinds[kind].get("schema")
        if schema is None or request.media_type != "application/json":
            return
        document = json.loads(request.body)
        for error in Draft202012Validator(schema, registry=self._registry).iter_errors(document):
            yield _told_of(error)
        untold += sorted(set(self._unknown(document, schema, "")))

    def _unknown(self, value: Any, schema: Any, place: str) -> Iterator[str]:
        """Yield the parts of a body that a schema takes without a word on them."""
        schema = self._resolved(schema)
        if LOST in schema:
            yield f"{place or 'the body'} ({schema[LOST]})"
        elif isinstance(value, list):
            for one in value:
                yield from self._unknown(one, schema.get("items") or {}, f"{place}[]")
        elif isinstance(value, dict):
            named = self._properties(schema)
            for name, inner in value.items():
                where = f"{place}.{name}".lstrip(".")
                if name in named:
                    yield from self._unknown(inner, named[name], where)
                else:
                    yield where

    def _properties(self, schema: Json) -> Json:
        named = dict(schema.get("properties") or {})
        for part in ("allOf", "anyOf", "oneOf"):
            for one in schema.get(part, ()):
                named |= self._properties(self._resolved(one))
        return named

    def _resolved(self, schema: Any) -> Json:
        while isinstance(schema, dict) and "$ref" in schema:
            schema = self._registry.resolver().lookup(schema["$ref"]).contents
        return schema if isinstance(schema, dict) else {}


# --- reading a file ----------------------------------------------------------------------------------------


def _read(file: Path) -> Json:
    text = file.read_text(encoding="utf-8")
    whole: Json = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    plain: Json = _plain(whole, whole, f"urn:{file.name}")
    return plain


def _plain(node: Any, whole: Json, uri: str) -> Any:
    """Return a document as JSON Schema has it, with references that are whole and lead somewhere."""
    if isinstance(node, list):
        return [_plain(one, whole, uri) for one in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        there = _target(whole, reference) is not None
        return {"$ref": f"{uri}{reference}"} if there else {LOST: reference.removeprefix("#/components/")}
    made = {name: _plain(value, whole, uri) for name, value in node.items()}
    return _newer(made) if str(whole["openapi"]).startswith("3.0") else made


def _operations(document: Json) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if not isinstance(item.get(method), dict):
                continue
            operation, whole = item[method], _base(document) + path
            given = [*item.get("parameters", ()), *operation.get("parameters", ())]
            pattern = "".join(
                "[^/]+" if part.startswith("{") else re.escape(part)
                for part in re.split(r"(\{[^}]*\})", whole)
            )
            body = operation.get("requestBody")
            yield Operation(
                f"{method.upper()} {whole}",
                re.compile(pattern),
                len(re.sub(r"\{[^}]*\}", "", whole)),
                [_followed(document, one) for one in given],
                _followed(document, body) if body else None,
            )


def _base(document: Json) -> str:
    servers = document.get("servers") or [{}]
    return urlsplit(re.sub(r"\{[^}]*\}", "x", str(servers[0].get("url", "")))).path.rstrip("/")


def _target(document: Json, reference: str) -> Any:
    node: Any = document
    for step in reference.partition("#/")[2].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _followed(document: Json, node: Json) -> Json:
    while "$ref" in node:
        node = _target(document, node["$ref"])
    return node


def _pattern(media_type: str) -> str:
    return re.escape(media_type.lower()).replace(r"\*", ".*")


def _newer(schema: Json) -> Json:
    """Return a schema of OpenAPI 3.0 as JSON Schema says it."""
    if schema.get("nullable") is True:
        schema = {name: value for name, value in schema.items() if name != "nullable"}
        return {"anyOf": [schema, {"type": "null"}]}
    for bound, name in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(bound), bool):
            strict = schema.pop(bound)
            if strict and name in schema:
                schema[bound] = schema.pop(name)
    return schema


# --- what is wrong -----------------------------------------------------------------------------------------


def _told_of(error: ValidationError) -> str:
    place = ".".join(map(str, error.absolute_path)) or "the body"
    causes = "; ".join(one.message[:100] for one in error.context or ())
    return f"{place}: {error.message[:200]}" + (f" ({causes})" if causes else "")


def _faults_in_headers(operation: Operation, request: Request) -> Iterator[str]:
    for one in operation.parameters:
        if one.get("in") == "header" and one.get("required") and one["name"].lower() not in request.headers:
            yield f"the header {one['name']} is missing"


def _faults_in_query(operation: Operation, request: Request, fits: Fits) -> Iterator[str]:
    known = {one["name"]: one for one in operation.parameters if one.get("in") == "query"}
    given: dict[str, list[str]] = {}
    for name, value in request.query:
        given.setdefault(name, []).append(value)
    for name, values in given.items():
        parameter = known.get(name) or known.get(name.partition("[")[0])
        if parameter is not None:
            yield from _faults_in_value(parameter, values, fits)
        elif not any(LOST in one for one in operation.parameters):
            yield f"?{name} is unknown"
    for name, parameter in known.items():
        if parameter.get("required") and name not in given:
            yield f"?{name} is missing"


def _faults_in_value(parameter: Json, values: list[str], fits: Fits) -> Iterator[str]:
    schema = parameter.get("schema") or {}
    name, kind = parameter["name"], schema.get("type")
    if kind == "array":
        # Atlassian's file says it in words alone.
        commas = not parameter.get("explode", True) or "comma-separated" in parameter.get("description", "")
        listed = ",".join(values).split(",") if commas else values
        items = schema.get("items") or {}
        yield from (fault for one in listed for fault in _faults_in_text(name, items, one, fits))
    elif kind != "object":
        yield from _faults_in_text(name, schema, values[-1], fits)
        if len(values) > 1:
            yield f"?{name} is given {len(values)} times"


def _faults_in_text(name: str, schema: Json, text: str, fits: Fits) -> Iterator[str]:
    readings: list[Any] = [text]
    if re.fullmatch(r"-?\d+", text):
        readings.append(int(text))
    if text in ("true", "false"):
        readings.append(text == "true")
    if not any(fits(schema, one) for one in readings):
        yield f"?{name}={text[:60]} is none of what it may be: {json.dumps(schema)[:160]}"
