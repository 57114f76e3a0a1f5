"""The service desk's interface of the stand-in: requests, public and internal comments, files, approvals."""

from typing import Any

from aiohttp import BodyPartReader, web

from tests.support.fakes.jira.answers import date, fields_of, found, paged, refuse
from tests.support.fakes.jira.site import DESK, PROJECT, REQUEST_TYPE, US, Attachment, Comment, Issue, Site

ROOT = "/rest/servicedeskapi"


def mount(app: web.Application, site: Site) -> None:
    """Add its routes."""
    desk = ServiceDesk(site)
    at = f"{ROOT}/servicedesk/{DESK}"
    request = f"{ROOT}/request/{{issue}}"
    app.add_routes(
        [
            web.get(f"{ROOT}/servicedesk", desk.desks),
            web.get(f"{at}/requesttype", desk.request_types),
            web.get(f"{at}/requesttype/{REQUEST_TYPE}/field", desk.request_fields),
            web.get(f"{at}/customer", desk.customers),
            web.post(f"{at}/attachTemporaryFile", desk.upload),
            web.post(f"{ROOT}/request", desk.create),
            web.get(f"{request}/comment", desk.comments),
            web.post(f"{request}/comment", desk.say),
            web.post(f"{request}/attachment", desk.attach),
            web.get(f"{request}/approval", desk.approvals),
            web.post(f"{request}/approval/{{approval}}", desk.decide),
        ]
    )


class ServiceDesk:
    """The routes of one service desk."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def desks(self, request: web.Request) -> web.Response:
        """The service desks that our account sees: more than a page of them."""
        others = [
            {"id": str(100 + number), "projectKey": f"HR{number}", "projectName": "Another"}
            for number in range(60)
        ]
        ours = {"id": DESK, "projectId": "10010", "projectKey": PROJECT, "projectName": "IT help"}
        return paged(request, [*others, ours] if not self._site.blind else others)

    async def request_types(self, request: web.Request) -> web.Response:
        """The request types."""
        return paged(
            request,
            [
                {"id": "24", "name": "Get a laptop", "canCreateRequest": True},
                {"id": REQUEST_TYPE, "name": "Get IT help", "canCreateRequest": True},
            ],
        )

    async def request_fields(self, request: web.Request) -> web.Response:
        """The fields of the request type, and whether we may ask on behalf of others."""
        fields = [
            {"fieldId": name, "name": name.title(), "required": needed, "visible": True}
            for name, needed in self._site.required.items()
        ]
        return web.json_response(
            {"requestTypeFields": fields, "canRaiseOnBehalfOf": True, "canAddRequestParticipants": True}
        )

    async def customers(self, request: web.Request) -> web.Response:
        """Customers, found by their name or address."""
        if request.headers.get("X-ExperimentalApi") != "opt-in":
            raise refuse(404, "This API is experimental.")
        wanted = request.query.get("query", "").casefold()
        matching = [
            account.shown
            for account in self._site.accounts.values()
            if account.customer and wanted in f"{account.name} {account.email}".casefold()
        ]
        return paged(request, matching)

    async def create(self, request: web.Request) -> web.Response:
        """Create a request."""
        body = await fields_of(
            request, "serviceDeskId", "requestTypeId", "requestFieldValues", "raiseOnBehalfOf"
        )
        if (body.get("serviceDeskId"), body.get("requestTypeId")) != (DESK, REQUEST_TYPE):
            raise refuse(404, "The service desk or the request type does not exist.")
        values = body.get("requestFieldValues") or {}
        if unknown := set(values) - set(self._site.required):
            raise refuse(400, f"Field '{unknown}' cannot be set. It is not on the appropriate screen.")
        if missing := [
            name for name, needed in self._site.required.items() if needed and not values.get(name)
        ]:
            raise refuse(400, f"Please provide a valid value for the fields {missing}.")
        if "\n" in values["summary"] or len(values["summary"]) > 255:
            raise refuse(400, "The summary is invalid: one line of at most 255 characters.")
        behalf = body.get("raiseOnBehalfOf", US)
        known = self._site.accounts.get(behalf)
        if known is None or not (known.customer or behalf == US):
            raise refuse(400, "The user is not a customer of this service desk.")
        issue = self._site.create(values, US, behalf)
        return web.json_response(
            {
                "issueId": issue.id,
                "issueKey": issue.key,
                "requestTypeId": REQUEST_TYPE,
                "serviceDeskId": DESK,
            },
            status=201,
        )

    async def comments(self, request: web.Request) -> web.Response:
        """The comments, with their files where they are asked for."""
        issue = found(self._site, request)
        with_files = "attachment" in request.query.getall("expand", [])
        return paged(request, [self._comment(issue, comment, with_files) for comment in issue.comments])

    async def say(self, request: web.Request) -> web.Response:
        """Add a comment."""
        issue, body = found(self._site, request), await fields_of(request, "body", "public")
        if not isinstance(body.get("public"), bool) or not str(body.get("body", "")).strip():
            raise refuse(400, "A comment needs its body, and whether it is public.")
        made = self._site.comment(issue, US, body["body"], public=body["public"])
        return web.json_response(self._comment(issue, made, False), status=201)

    async def upload(self, request: web.Request) -> web.Response:
        """Take files for a while."""
        if request.headers.get("X-Atlassian-Token") != "no-check":
            raise refuse(403, "XSRF check failed")
        made = []
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name != "file":
                raise refuse(400, "A file is expected.")
            name = f"temp{self._site.number()}"
            kind = part.headers.get("Content-Type", "")
            self._site.uploads[name] = (part.filename or "", kind, bytes(await part.read()))
            made.append({"temporaryAttachmentId": name, "fileName": part.filename})
        return web.json_response({"temporaryAttachments": made}, status=201)

    async def attach(self, request: web.Request) -> web.Response:
        """Make a comment of files that were uploaded; each can be used once."""
        issue = found(self._site, request)
        body = await fields_of(request, "temporaryAttachmentIds", "public", "additionalComment")
        names = body.get("temporaryAttachmentIds") or []
        if not isinstance(body.get("public"), bool) or not names or set(names) - set(self._site.uploads):
            raise refuse(400, "The files have expired, or it is not said whether they are public.")
        text = (body.get("additionalComment") or {}).get("body", "")
        made = self._site.comment(issue, US, text, public=body["public"])
        for name in names:
            self._site.attach(issue, made, *self._site.uploads.pop(name))
        return web.json_response({"comment": self._comment(issue, made, False)}, status=201)

    async def approvals(self, request: web.Request) -> web.Response:
        """The approvals of a request."""
        issue = found(self._site, request)
        return paged(request, [self._approval(approval) for approval in issue.approvals])

    async def decide(self, request: web.Request) -> web.Response:
        """Decide an approval as our account."""
        issue, body = found(self._site, request), await fields_of(request, "decision")
        if body.get("decision") not in ("approve", "decline"):
            raise refuse(400, "The decision is invalid.")
        asked = request.match_info["approval"]
        approval = next((one for one in issue.approvals if one["id"] == asked), None)
        if approval is None:
            raise refuse(404, "The approval does not exist.")
        if approval["finalDecision"] != "pending":
            raise refuse(409, "The approval has already been completed.")
        if US not in approval["approvers"]:
            raise refuse(403, "You are not an approver of this request.")
        self._site.decide(issue, approval, US, f"{body['decision'].removesuffix('e')}ed")
        return web.json_response(self._approval(approval))

    def _approval(self, approval: dict[str, Any]) -> dict[str, Any]:
        decided = [
            {"approver": self._site.accounts[account].shown, "approverDecision": decision}
            for account, decision in approval["approvers"].items()
        ]
        can = approval["approvers"].get(US) == "pending" and approval["finalDecision"] == "pending"
        return {
            "id": approval["id"],
            "name": approval["name"],
            "finalDecision": approval["finalDecision"],
            "canAnswerApproval": can,
            "approvers": decided,
            "createdDate": date(approval["created"]),
        }

    def _comment(self, issue: Issue, comment: Comment, with_files: bool) -> dict[str, Any]:
        files = [self._file(file) for file in issue.attachments if file.comment == comment.id]
        return {
            "id": comment.id,
            "body": comment.text if isinstance(comment.text, str) else "",
            "public": comment.public,
            "author": self._site.accounts[comment.author].shown,
            "created": date(comment.created),
            **({"attachments": {"isLastPage": True, "values": files}} if with_files else {}),
        }

    @staticmethod
    def _file(file: Attachment) -> dict[str, Any]:
        links = {"jiraRest": f"https://acme.atlassian.net/rest/api/2/attachment/{file.id}"}
        return {"filename": file.name, "size": len(file.content), "mimeType": file.kind, "_links": links}
