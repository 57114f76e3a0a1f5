"""Finds the secrets that a request carries, and compares them in a time that tells nothing."""

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what is not used costs nothing at the start
    from aiohttp import web

HEADER = "X-Firstline-Token"
USER = "firstline"
QUERY = "auth_token"
PLACE = "token"  # the name of the part of a path


class Carrier(StrEnum):
    """Where a sender can put a secret."""

    BEARER = "bearer"
    BASIC = "basic"
    HEADER = "header"
    PATH = "path"
    QUERY = "query"


def carried(request: "web.Request", carriers: Collection[Carrier]) -> list[str]:
    """Every secret that a request carries in one of these places."""
    return [secret for secret in _carried(request, carriers) if secret]


def same(one: str, other: str) -> bool:
    """Whether two secrets are one; takes as long whatever they have in common."""
    # As bytes: what is not ASCII is another secret, and no error.
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _carried(request: "web.Request", carriers: Collection[Carrier]) -> Iterator[str]:
    if Carrier.BEARER in carriers:
        yield authorization(request, "bearer")
    if Carrier.BASIC in carriers:
        user, _, password = _decoded(authorization(request, "basic")).partition(":")
        yield password if user == USER else user and f"{user}:"
    if Carrier.HEADER in carriers:
        yield request.headers.get(HEADER, "").strip()
    if Carrier.PATH in carriers:
        yield request.match_info.get(PLACE, "")
    if Carrier.QUERY in carriers:
        yield request.query.get(QUERY, "")


def authorization(request: "web.Request", kind: str) -> str:
    """What stands behind this scheme in the header `Authorization`; empty where it is another or none."""
    scheme, _, value = request.headers.get("Authorization", "").strip().partition(" ")
    return value.strip() if scheme.lower() == kind else ""


def _decoded(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode("utf-8", "replace")
    except (NotBase64, ValueError):
        return ""
