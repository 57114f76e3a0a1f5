"""How the stand-in of Jira answers: pages, refusals, and issues that are not there."""

from datetime import datetime
from typing import Any

from aiohttp import web

from tests.support.fakes.jira.site import Issue, Site

LONGEST_PAGE = 50


def refuse(status: int, message: str) -> web.HTTPException:
    """A refusal in Jira's words."""
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        409: web.HTTPConflict,
    }
    body = web.json_response({"errorMessages": [message], "errorMessage": message}).text
    return kinds[status](text=body, content_type="application/json")


def found(site: Site, request: web.Request) -> Issue:
    """The issue of a path; none is shown to an account that may not browse."""
    issue = site.issue(request.match_info["issue"])
    if issue is None or site.blind:
        raise refuse(404, "Issue does not exist or you do not have permission to see it.")
    return issue


async def fields_of(request: web.Request, *allowed: str) -> dict[str, Any]:
    """The body of a request, which has no field that Jira does not know."""
    body = await request.json()
    if not isinstance(body, dict) or (unknown := set(body) - set(allowed)):
        raise refuse(400, f"Unrecognized field: {unknown if isinstance(body, dict) else body}")
    return body


def paged(request: web.Request, values: list[Any]) -> web.Response:
    """A page of the service desk's."""
    start = int(request.query.get("start", "0"))
    limit = min(int(request.query.get("limit", str(LONGEST_PAGE))), LONGEST_PAGE)
    page = values[start : start + limit]
    last = start + len(page) >= len(values)
    return web.json_response(
        {"size": len(page), "start": start, "limit": limit, "isLastPage": last, "values": page}
    )


def written(moment: datetime) -> str:
    """A time as Jira writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}+0000"


def date(moment: datetime) -> dict[str, Any]:
    """A time as the service desk writes it."""
    return {
        "jira": written(moment),
        "iso8601": written(moment),
        "epochMillis": int(moment.timestamp() * 1000),
    }
