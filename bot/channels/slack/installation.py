"""The workspace that the app is installed in, and its bot user."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from slack_bolt.authorization import AuthorizeResult


@dataclass(frozen=True, slots=True)
class Installation:
    """The app in one workspace, as `auth.test` describes it."""

    team: str
    bot_user: str
    bot: str = ""
    enterprise: str = ""
    url: str = ""

    @property
    def in_all_workspaces(self) -> bool:
        """Whether an organisation has the app in all of its workspaces: then `team` is the organisation."""
        return self.team != "" and self.team == self.enterprise

    @classmethod
    def from_auth_test(cls, answer: Mapping[str, Any]) -> Self:
        """Read the answer of `auth.test`."""
        return cls(
            team=str(answer.get("team_id") or ""),
            bot_user=str(answer.get("user_id") or ""),
            bot=str(answer.get("bot_id") or ""),
            enterprise=str(answer.get("enterprise_id") or ""),
            url=str(answer.get("url") or ""),
        )

    @classmethod
    def from_request(cls, body: Mapping[str, Any]) -> Self:
        """What a verified request says of it, for the time before `auth.test` has ever answered."""
        grants = body.get("authorizations") or [{}]
        team = body.get("team") or {}
        team_id = team.get("id") if isinstance(team, Mapping) else ""
        return cls(
            team=str(grants[0].get("team_id") or body.get("team_id") or team_id or ""),
            bot_user=str(grants[0].get("user_id") or "") if grants[0].get("is_bot", True) else "",
            enterprise=str(grants[0].get("enterprise_id") or body.get("enterprise_id") or ""),
        )

    def serves(self, body: Mapping[str, Any]) -> bool:
        """Tell whether a request is of this workspace, or an event of a channel that others share with it.

        The secret that signs is the app's, which may be installed elsewhere. Where an event names whom it is
        visible to, we must be among them; its own team may be another's in a shared channel.
        """
        grants = body.get("authorizations")
        named = [one for one in grants if isinstance(one, Mapping)] if isinstance(grants, list) else []
        return any(map(self._is_named, named or [body]))

    def _is_named(self, part: Mapping[str, Any]) -> bool:
        for_all = part.get("is_enterprise_install") in (True, "true")
        named = part.get("enterprise_id" if for_all else "team_id")
        return bool(named) and named in (self.enterprise if for_all else self.team, self.enterprise)

    @classmethod
    def parse(cls, stored: str) -> Self:
        """Read what `stored` wrote."""
        return cls(**json.loads(stored))

    def stored(self) -> str:
        """The installation as text, for the database."""
        return json.dumps(asdict(self))

    def authorized(self, token: str) -> AuthorizeResult:
        """The installation as Bolt expects it."""
        return AuthorizeResult(
            enterprise_id=self.enterprise or None,
            team_id=self.team or None,
            url=self.url or None,
            bot_user_id=self.bot_user or None,
            bot_id=self.bot or None,
            bot_token=token,
        )

    def permalink(self, channel: str, ts: str, thread: str = "") -> str:
        """Where a message can be read, built without a call."""
        base = (self.url or "https://slack.com/").rstrip("/")
        link = f"{base}/archives/{channel}/p{ts.replace('.', '')}"
        return f"{link}?thread_ts={thread}&cid={channel}" if thread and thread != ts else link


def tenants_in(body: Mapping[str, Any]) -> list[str]:
    """The workspace and the organisation that a request names, the one first that has installed the app."""
    grants = body.get("authorizations")
    named = [one for one in grants if isinstance(one, Mapping)] if isinstance(grants, list) else []
    found: list[str] = []
    for part in named or [body]:
        team, enterprise = _id_in(part, "team"), _id_in(part, "enterprise")
        for_all = part.get("is_enterprise_install") in (True, "true")
        found += [enterprise, team] if for_all else [team, enterprise]
    return [tenant for tenant in dict.fromkeys(found) if tenant]


def _id_in(part: Mapping[str, Any], name: str) -> str:
    whole = part.get(name)
    value = part.get(f"{name}_id") or (whole.get("id") if isinstance(whole, Mapping) else whole)
    return value if isinstance(value, str) else ""


def memory_key(token: str) -> str:
    """The key of a remembered installation: another token may be of another workspace."""
    return f"installation:{hashlib.sha256(token.encode()).hexdigest()[:16]}"
