"""The side of Slack that calls the app: signed events, commands and interactions, with retries."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.support.fakes.slack.blocks import view_problems
from tests.support.fakes.slack.workspace import Json, Workspace
from tests.support.patience import PATIENCE


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app answered."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """The body read as JSON; an empty one is an empty object."""
        return json.loads(self.text) if self.text else {}


class Sending:
    """Sends to `target`, the app's URL for events; every request is signed unless told otherwise."""

    def __init__(self, workspace: Workspace, signing_secret: str) -> None:
        self.workspace = workspace
        self.signing_secret = signing_secret
        self.target = ""
        self.selected: dict[tuple[str, str, str], str] = {}  # by person, message and block
        self._http: aiohttp.ClientSession | None = None

    # --- raw ------------------------------------------------------------------------------------------

    async def post(self, body: str, content_type: str, **headers: str) -> Answer:
        """Send a body; headers given here win over the signature's own (with `_` for `-`)."""
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE))
        given = self.signature(body) | {"Content-Type": content_type}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._http.post(self.target, data=body.encode(), headers=given) as response:
            return Answer(response.status, await response.text(), dict(response.headers))

    def signature(self, body: str, *, at: float | None = None, secret: str | None = None) -> dict[str, str]:
        """The headers that prove a request to be Slack's."""
        moment = str(int(at if at is not None else time.time()))
        key = (secret or self.signing_secret).encode()
        proof = hmac.new(key, f"v0:{moment}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={proof}"}

    async def send_json(self, payload: Json, **headers: str) -> Answer:
        """Send as the Events API does."""
        return await self.post(json.dumps(payload), "application/json", **headers)

    async def send_form(self, values: dict[str, str]) -> Answer:
        """Send as a slash command does."""
        return await self.post(urlencode(values), "application/x-www-form-urlencoded")

    async def send_interaction(self, payload: Json) -> Answer:
        """Send as interactivity does."""
        return await self.send_form({"payload": json.dumps(payload)})

    # --- events ---------------------------------------------------------------------------------------

    def envelope(self, event: Json, event_id: str = "") -> Json:
        """What surrounds an event."""
        work = self.workspace
        return {
            "token": "verification",
            "team_id": work.team,
            "api_app_id": "A1",
            "event": event,
            "type": "event_callback",
            "event_id": event_id or work.next_id("Ev"),
            "event_time": 1760000000,
            "authorizations": [
                {
                    "enterprise_id": work.enterprise,
                    "team_id": None if work.for_all else work.team,
                    "user_id": work.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": work.for_all,
                }
            ],
        }

    async def event(self, event: Json, event_id: str = "", retry: int = 0) -> Answer:
        """Send one event once; `retry` is the number in the retry headers."""
        headers = {"X_Slack_Retry_Num": str(retry), "X_Slack_Retry_Reason": "http_error"} if retry else {}
        return await self.send_json(self.envelope(event, event_id), **headers)

    async def event_until_taken(self, event: Json, tries: int = 4) -> list[int]:
        """Send an event as Slack does, up to four times without the waits; return the statuses."""
        event_id, statuses = self.workspace.next_id("Ev"), []
        for retry in range(tries):
            statuses.append((await self.event(event, event_id, retry)).status)
            if statuses[-1] == 200:
                break
        return statuses

    def written(self, channel: str, user: str, text: str, **more: Any) -> Json:
        """A person's message: kept in the channel, and returned as its event."""
        work = self.workspace
        place = work.channels[channel] if channel in work.channels else work.dm(channel.removeprefix("D"))
        message = {
            "type": "message",
            "user": user,
            "text": text,
            "ts": work.next_ts(),
            "team": work.users.get(user, {}).get("team_id", work.team),
        } | more
        work.put(place, dict(message))
        return message | {"channel": place.id, "channel_type": place.kind, "event_ts": message["ts"]}

    async def say(self, channel: str, user: str, text: str, **more: Any) -> Json:
        """Write a message; the app gets it as `message`, and as `app_mention` too where it is mentioned."""
        event = self.written(channel, user, text, **more)
        statuses = await self.event_until_taken(event)
        assert statuses[-1] == 200, statuses
        if f"<@{self.workspace.bot_user}>" in text and event["channel_type"] != "im":
            mention = {name: value for name, value in event.items() if name != "channel_type"}
            statuses = await self.event_until_taken(mention | {"type": "app_mention"})
            assert statuses[-1] == 200, statuses
        return event

    async def edit(self, written: Json, text: str) -> list[int]:
        """Its writer edits a message; return the statuses."""
        return await self.event_until_taken(self.edited(written, text))

    def edited(self, written: Json, text: str) -> Json:
        """The event of an edit, which is entered here at once."""
        kept = self._kept(written)
        before = dict(kept)
        kept |= {"text": text, "edited": {"user": written["user"], "ts": self.workspace.next_ts()}}
        return self._change(written, "message_changed") | {"message": dict(kept), "previous_message": before}

    async def unfurl(self, written: Json) -> list[int]:
        """Slack shows a preview of a link in a message."""
        kept = self._kept(written)
        before = dict(kept)
        kept["attachments"] = [{"title": "A page", "from_url": "https://kb.example.com"}]
        event = self._change(written, "message_changed") | {
            "message": dict(kept),
            "previous_message": before,
        }
        return await self.event_until_taken(event)

    async def delete(self, written: Json) -> list[int]:
        """Its writer deletes a message."""
        kept = self._kept(written)
        self.workspace.channels[written["channel"]].messages.remove(kept)
        event = self._change(written, "message_deleted")
        return await self.event_until_taken(event | {"deleted_ts": kept["ts"], "previous_message": kept})

    def _kept(self, written: Json) -> Json:
        found = self.workspace.channels[written["channel"]].message(written["ts"])
        assert found is not None
        return found

    def _change(self, written: Json, subtype: str) -> Json:
        ts = self.workspace.next_ts()
        return {
            "type": "message",
            "subtype": subtype,
            "hidden": True,
            "channel": written["channel"],
            "channel_type": written["channel_type"],
            "ts": ts,
            "event_ts": ts,
        }

    async def open_home(self, user: str, tab: str = "home") -> Answer:
        """Open the app's own tab."""
        event = {
            "type": "app_home_opened",
            "user": user,
            "channel": f"D{user}",
            "tab": tab,
            "event_ts": "1.1",
        }
        return await self.event(event)

    # --- commands and interactions --------------------------------------------------------------------

    async def command(self, user: str, text: str, channel: str = "C1", trigger: str = "") -> Answer:
        """`/firstline text`."""
        work = self.workspace
        return await self.send_form(
            {
                "token": "verification",
                "team_id": work.team,
                "team_domain": "acme",
                "channel_id": channel,
                "channel_name": channel.lower(),
                "user_id": user,
                "user_name": str(work.users.get(user, {}).get("name", user.lower())),
                "command": "/firstline",
                "text": text,
                "api_app_id": "A1",
                "is_enterprise_install": str(work.for_all).lower(),
                **({"enterprise_id": work.enterprise} if work.enterprise else {}),
                "response_url": "http://127.0.0.1:1/commands",
                "trigger_id": trigger or work.trigger(user),
            }
        )

    def interaction(self, kind: str, user: str, trigger: str = "") -> Json:
        """What all interactions have."""
        work = self.workspace
        known = work.users.get(user, {})
        name = str(known.get("name", user.lower()))
        return {
            "type": kind,
            "team": {"id": work.team, "domain": "acme"},
            "user": {
                "id": user,
                "username": name,
                "name": name,
                "team_id": known.get("team_id", work.team),
            },
            "api_app_id": "A1",
            "token": "verification",
            "trigger_id": trigger or work.trigger(user),
            "is_enterprise_install": work.for_all,
            "enterprise": {"id": work.enterprise} if work.enterprise else None,
        }

    async def message_shortcut(self, user: str, message: Json, callback: str = "get_help") -> Answer:
        """A message's own shortcut; `message` is as `say` returned it."""
        payload = self.interaction("message_action", user) | {
            "callback_id": callback,
            "channel": {"id": message["channel"], "name": "x"},
            "message_ts": message["ts"],
            "message": {k: v for k, v in message.items() if k not in ("channel", "channel_type")},
            "response_url": "http://127.0.0.1:1/app",
        }
        return await self.send_interaction(payload)

    async def global_shortcut(self, user: str, callback: str = "ask") -> Answer:
        """A shortcut from the search or the lightning menu."""
        return await self.send_interaction(self.interaction("shortcut", user) | {"callback_id": callback})

    async def click(
        self,
        user: str,
        channel: str,
        ts: str,
        button: Json,
        *,
        trigger: str = "",
        message: Json | None = None,
    ) -> Answer:
        """Press a button of a message."""
        found = message or self.workspace.channels[channel].message(ts) or {"ts": ts}
        if button.get("type") == "static_select":
            button = self._picked(user, found, button)
        payload = self.interaction("block_actions", user, trigger) | {
            "channel": {"id": channel, "name": "x"},
            "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
            "message": found,
            "actions": [{**button, "block_id": "b", "action_ts": "1760000000.1"}],
            "response_url": "http://127.0.0.1:1/actions",
        }
        return await self.send_interaction(payload)

    async def click_ephemeral(self, line: Json, button: Json) -> Answer:
        """Press a button of a line that one person alone sees: Slack sends no message with it."""
        container = {
            "type": "message",
            "message_ts": line["ts"],
            "channel_id": line["channel"],
            "is_ephemeral": True,
            **({"thread_ts": line["thread_ts"]} if "thread_ts" in line else {}),
        }
        payload = self.interaction("block_actions", line["user"]) | {
            "channel": {"id": line["channel"], "name": "x"},
            "container": container,
            "actions": [{**button, "block_id": "b", "action_ts": "1760000000.1"}],
            "response_url": "http://127.0.0.1:1/actions",
        }
        return await self.send_interaction(payload)

    def _picked(self, user: str, message: Json, picked: Json) -> Json:
        """What a client sends: it keeps what was picked in a block of this name, and the same picked again is
        picked no more.
        """
        rows = [b for b in message.get("blocks", []) if picked["action_id"] in str(b.get("elements"))]
        key = (user, message["ts"], rows[0]["block_id"] if rows else "")
        value = picked["selected_option"]["value"]
        again = self.selected.get(key) == value
        self.selected[key] = "" if again else value
        return picked | {"selected_option": None} if again else picked

    async def press_at_home(self, user: str, button: Json) -> Answer:
        """Press a button of the Home tab."""
        view = self.workspace.homes.get(user) or {"id": "V1", "type": "home"}
        payload = self.interaction("block_actions", user) | {
            "container": {"type": "view", "view_id": view["id"]},
            "view": view,
            "actions": [{**button, "block_id": "b", "action_ts": "1760000000.1"}],
        }
        return await self.send_interaction(payload)

    async def submit(self, user: str, view: Json, **values: str | None) -> Answer:
        """Send a modal with what was written or picked (an option's value), by the names of its fields."""
        fields: dict[str, Json] = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                written = values.get(block["block_id"].rpartition(":")[2])
                fields[block["block_id"]] = {element["action_id"]: _state(element, written)}
        payload = self.interaction("view_submission", user)
        answer = await self.send_interaction(payload | {"view": view | {"state": {"values": fields}}})
        if answer.status == 200 and answer.json.get("response_action") == "update":
            self._update(view, answer.json["view"])
        return answer

    def _update(self, view: Json, shown: Json) -> None:
        """Show the view that the app answered with, as Slack does where it accepts it."""
        problems = view_problems(shown)
        if problems:
            raise ValueError(f"Slack would not show this view: {problems}")
        kept = {"id": view["id"], "hash": self.workspace.next_id("h."), "user": view.get("user")}
        self.workspace.views[view["id"]] = shown | kept

    def menu_option(self, message: Json, label: str) -> Json:
        """What is sent when this option of the message's menu is picked."""
        for block in message["blocks"]:
            for menu in block.get("elements", []) if block["type"] == "actions" else []:
                for option in menu.get("options", []):
                    if option["text"]["text"] == label:
                        return {
                            "type": menu["type"],
                            "action_id": menu["action_id"],
                            "selected_option": option,
                        }
        raise LookupError(f"no menu has {label!r}")

    async def close_sending(self) -> None:
        """Close the connections to the app."""
        if self._http is not None:
            await self._http.close()


def _state(element: Json, written: str | None) -> Json:
    """What Slack says of one element; what nobody touched is as it was shown."""
    if element["type"] != "static_select":
        value = element.get("initial_value") if written is None else written
        return {"type": element["type"], "value": value}
    picked = element.get("initial_option")
    if written is not None:
        picked = next(option for option in element["options"] if option["value"] == written)
    return {"type": element["type"], "selected_option": picked}
