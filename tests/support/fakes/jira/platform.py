"""The platform's interface of the stand-in, version 3: issues, transitions, comments, the search."""

import re
from datetime import timedelta
from typing import Any

from aiohttp import web

from tests.support.fakes.jira.answers import fields_of, found, refuse, written
from tests.support.fakes.jira.site import PRIORITIES, PROJECT, STATUSES, US, WAYS, Comment, Issue, Site

ROOT = "/rest/api/3"
LONGEST_PAGE = 50
_UPDATED = re.compile(rf'project = "{PROJECT}" AND updated >= "-(\d+)m" ORDER BY updated ASC')
_TAGGED = re.compile(rf'project = "{PROJECT}" AND description ~ "(\w+)" ORDER BY created ASC')
_EDITED = {"summary", "description", "priority", "reporter"}


def mount(app: web.Application, site: Site) -> None:
    """Add its routes."""
    platform = Platform(site)
    issue = f"{ROOT}/issue/{{issue}}"
    app.add_routes(
        [
            web.get(f"{ROOT}/myself", platform.myself),
            web.get(f"{ROOT}/mypermissions", platform.permissions),
            web.get(f"{ROOT}/status", platform.statuses),
            web.get(f"{ROOT}/priority", platform.priorities),
            web.get(f"{ROOT}/project/{PROJECT}/statuses", platform.project_statuses),
            web.get(f"{ROOT}/user/search", platform.users),
            web.get(f"{ROOT}/search/jql", platform.search),
            web.get(issue, platform.issue),
            web.put(issue, platform.edit),
            web.put(f"{issue}/assignee", platform.assign),
            web.get(f"{issue}/transitions", platform.transitions),
            web.post(f"{issue}/transitions", platform.move),
            web.get(f"{issue}/comment", platform.comments),
            web.delete(f"{issue}/comment/{{comment}}", platform.delete_comment),
            web.post(f"{ROOT}/comment/list", platform.named_comments),
            web.put(f"{ROOT}/comment/{{comment}}/properties/{{name}}", platform.mark),
            web.get(f"{ROOT}/attachment/content/{{attachment}}", platform.content),
            web.delete(f"{ROOT}/attachment/{{attachment}}", platform.delete_attachment),
        ]
    )


class Platform:
    """The routes of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def myself(self, request: web.Request) -> web.Response:
        """Our own account."""
        return web.json_response(self._site.accounts[US].described)

    async def permissions(self, request: web.Request) -> web.Response:
        """What we may do; the rights must be named."""
        named = request.query.get("permissions", "")
        if not named:
            raise refuse(400, "The permissions query parameter is required.")
        held = {
            name: {"key": name, "havePermission": not self._site.blind and name not in self._site.lacking}
            for name in named.split(",")
        }
        return web.json_response({"permissions": held})

    async def statuses(self, request: web.Request) -> web.Response:
        """Every status of the site."""
        return web.json_response([_status(status) for status in STATUSES])

    async def project_statuses(self, request: web.Request) -> web.Response:
        """The statuses of the project, by its issue types."""
        return web.json_response(
            [{"name": "Service request", "statuses": [_status(one) for one in STATUSES]}]
        )

    async def priorities(self, request: web.Request) -> web.Response:
        """Every priority of the site."""
        return web.json_response(
            [{"id": str(number), "name": name} for number, name in enumerate(PRIORITIES)]
        )

    async def users(self, request: web.Request) -> web.Response:
        """People, found by their name or address."""
        wanted = request.query["query"].casefold()
        return web.json_response(
            [
                account.described
                for account in self._site.accounts.values()
                if account.kind == "atlassian" and wanted in f"{account.name} {account.email}".casefold()
            ]
        )

    async def search(self, request: web.Request) -> web.Response:
        """Issues by one of the two questions that are asked; it knows what it has indexed."""
        jql, start = request.query["jql"], int(request.query.get("nextPageToken", "0"))
        if updated := _UPDATED.fullmatch(jql):
            since = self._site.clock() - timedelta(minutes=int(updated[1]))
            ids = [
                issue
                for issue, (at, _) in sorted(self._site.indexed.items(), key=lambda held: held[1][0])
                if at >= since.replace(second=0, microsecond=0)
            ]
        elif tagged := _TAGGED.fullmatch(jql):
            ids = [
                issue for issue, (_, text) in sorted(self._site.indexed.items()) if tagged[1] in text.split()
            ]
        else:
            raise refuse(400, f"Error in the JQL Query: {jql}")
        page = ids[start : start + min(int(request.query.get("maxResults", "50")), LONGEST_PAGE)]
        last = start + len(page) >= len(ids)
        wanted = request.query.get("fields", "").split(",")
        shown = [self._shown(self._site.issues[issue], wanted) for issue in page]
        for entry in shown:  # it is as old as the search
            entry["fields"]["updated"] = written(self._site.indexed[entry["id"]][0])
        token = {} if last else {"nextPageToken": str(start + len(page))}
        return web.json_response({"issues": shown, "isLast": last, **token})

    async def issue(self, request: web.Request) -> web.Response:
        """An issue; the changelog begins with the newest."""
        issue = found(self._site, request)
        shown = self._shown(issue, request.query.get("fields", "").split(","))
        if request.query.get("expand") == "changelog":
            histories = [
                history
                | {
                    "author": self._site.accounts[history["author"]].described,
                    "created": written(history["created"]),
                }
                for history in reversed(issue.histories)
            ]
            shown["changelog"] = {"startAt": 0, "total": len(histories), "histories": histories[:100]}
        return web.json_response(shown)

    async def edit(self, request: web.Request) -> web.Response:
        """Change fields."""
        issue, body = found(self._site, request), await fields_of(request, "fields")
        fields = body.get("fields") or {}
        if unknown := set(fields) - _EDITED:
            raise refuse(400, f"Field '{unknown}' cannot be set.")
        if "priority" in fields:
            if fields["priority"].get("name") not in PRIORITIES:
                raise refuse(400, "The priority selected is invalid.")
            self._site.prioritise(issue, fields["priority"]["name"], US)
        if "reporter" in fields:
            issue.reporter = self._account(fields["reporter"]["accountId"])
        if "description" in fields and not isinstance(fields["description"], dict):
            raise refuse(400, "Operation value must be an Atlassian Document.")
        texts = {name: fields[name] for name in ("summary", "description") if name in fields}
        if texts or "reporter" in fields:
            issue.fields |= texts
            self._site.touch(issue)
        return web.Response(status=204)

    async def assign(self, request: web.Request) -> web.Response:
        """Set who works on it: an agent, or nobody."""
        issue, body = found(self._site, request), await fields_of(request, "accountId")
        wanted = body["accountId"]
        self._site.assign(issue, None if wanted is None else self._account(wanted), US)
        return web.Response(status=204)

    async def transitions(self, request: web.Request) -> web.Response:
        """The steps from where it is, with what each asks."""
        issue = found(self._site, request)
        with_fields = request.query.get("expand") == "transitions.fields"
        return web.json_response(
            {
                "transitions": [
                    {
                        "id": way,
                        "name": f"To {STATUSES[after][0]}",
                        "to": _status(after),
                        **({"fields": self._asked(after)} if with_fields else {}),
                    }
                    for way, after in WAYS[issue.status].items()
                ]
            }
        )

    async def move(self, request: web.Request) -> web.Response:
        """Take a step."""
        issue, body = found(self._site, request), await fields_of(request, "transition", "fields")
        after = WAYS[issue.status].get(body["transition"]["id"])
        if after is None:
            raise refuse(400, "This step of the workflow is not valid for the current state.")
        if missing := set(self._asked(after)) - set(body.get("fields") or {}):
            raise refuse(400, f"{missing} is required.")
        self._site.move(issue, after, US)
        return web.Response(status=204)

    async def comments(self, request: web.Request) -> web.Response:
        """A page of the comments; none shows its properties."""
        issue = found(self._site, request)
        start = int(request.query.get("startAt", "0"))
        page = issue.comments[start : start + min(int(request.query.get("maxResults", "50")), LONGEST_PAGE)]
        return web.json_response(
            {
                "startAt": start,
                "total": len(issue.comments),
                "comments": [self._comment(comment) for comment in page],
            }
        )

    async def named_comments(self, request: web.Request) -> web.Response:
        """Comments by their ids, with their properties where they are asked for."""
        ids = (await fields_of(request, "ids"))["ids"]
        if len(ids) > 1000 or not all(isinstance(number, int) for number in ids):
            raise refuse(400, "At most 1000 ids.")
        with_properties = request.query.get("expand") == "properties"
        values = [
            {"id": comment.id}
            | (
                {"properties": [{"key": name, "value": value} for name, value in comment.properties.items()]}
                if with_properties
                else {}
            )
            for issue in self._site.issues.values()
            for comment in issue.comments
            if int(comment.id) in ids
        ]
        return web.json_response({"values": values, "isLast": True, "total": len(values)})

    async def mark(self, request: web.Request) -> web.Response:
        """Set a property of a comment."""
        for issue in self._site.issues.values():
            for comment in issue.comments:
                if comment.id == request.match_info["comment"]:
                    known = request.match_info["name"] in comment.properties
                    comment.properties[request.match_info["name"]] = await request.json()
                    return web.json_response({}, status=200 if known else 201)
        raise refuse(404, "The comment was not found.")

    async def delete_comment(self, request: web.Request) -> web.Response:
        """Delete a comment."""
        issue = found(self._site, request)
        if not any(comment.id == request.match_info["comment"] for comment in issue.comments):
            raise refuse(404, "The comment was not found.")
        self._site.remove_comment(issue, request.match_info["comment"])
        return web.Response(status=204)

    async def content(self, request: web.Request) -> web.StreamResponse:
        """The content of a file: elsewhere, unless that is declined."""
        for issue in self._site.issues.values():
            for file in issue.attachments:
                if file.id == request.match_info["attachment"]:
                    if request.query.get("redirect") != "false":
                        raise web.HTTPSeeOther("https://media.example/elsewhere")
                    return web.Response(body=file.content, content_type=file.kind)
        raise refuse(404, "The attachment was not found.")

    async def delete_attachment(self, request: web.Request) -> web.Response:
        """Delete a file."""
        for issue in self._site.issues.values():
            for file in issue.attachments:
                if file.id == request.match_info["attachment"]:
                    issue.attachments.remove(file)
                    self._site.touch(issue)
                    return web.Response(status=204)
        raise refuse(404, "The attachment was not found.")

    def _account(self, wanted: str) -> str:
        account = self._site.accounts.get(wanted)
        if account is None or account.kind != "atlassian" or not account.active:
            raise refuse(400, f"User '{wanted}' cannot be assigned issues.")
        return wanted

    def _asked(self, after: str) -> dict[str, Any]:
        if not self._site.asks_resolution or STATUSES[after][1] != "done":
            return {}
        allowed = [{"id": "1", "name": "Won't do"}, {"id": "2", "name": "Done"}]
        meta = {"key": "resolution", "name": "Resolution", "operations": ["set"]}
        needs = {"required": True, "hasDefaultValue": False, "schema": {"type": "resolution"}}
        return {"resolution": {**meta, **needs, "allowedValues": allowed}}

    def _shown(self, issue: Issue, wanted: list[str]) -> dict[str, Any]:
        accounts = self._site.accounts
        fields = {
            "status": _status(issue.status),
            "priority": {"name": issue.priority},
            "assignee": accounts[issue.assignee].described if issue.assignee else None,
            "creator": accounts[issue.creator].described,
            "reporter": accounts[issue.reporter].described,
            "created": written(issue.created),
            "updated": written(issue.updated),
            "description": self._site.document_of(issue.fields.get("description")),
            "attachment": [
                {"id": file.id, "filename": file.name, "author": accounts[file.author].described}
                for file in issue.attachments
            ],
        }
        shown = {name: value for name, value in fields.items() if name in wanted}
        return {"id": issue.id, "key": issue.key, "fields": shown}

    def _comment(self, comment: Comment) -> dict[str, Any]:
        return {
            "id": comment.id,
            "author": self._site.accounts[comment.author].described,
            "body": self._site.document_of(comment.text),
            "created": written(comment.created),
            "updated": written(comment.created),
            "jsdPublic": comment.public,
            **({"visibility": {"type": "role", "value": comment.role}} if comment.role else {}),
        }


def _status(status: str) -> dict[str, Any]:
    name, category = STATUSES[status]
    return {"id": status, "name": name, "statusCategory": {"key": category}}
