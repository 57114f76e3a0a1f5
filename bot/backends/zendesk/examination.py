"""The checks of Zendesk for `firstline doctor`: the account, its rights, and the way back."""

from collections.abc import Sequence

from bot.backends.zendesk.client import ZendeskClient
from bot.backends.zendesk.settings import Settings
from bot.backends.zendesk.webhook import PATH
from bot.domain.diagnosis import Check, DoctorHost, Examination, Finding, Teller
from bot.domain.errors import DeliveryFailed

TEAM = ("agent", "admin")


def examination(settings: Settings, host: DoctorHost) -> Examination:
    """The checks; nothing is written in Zendesk."""

    async def account() -> Sequence[Finding]:
        client = ZendeskClient(settings)
        try:
            return await _account(client, settings, host.tell)
        except DeliveryFailed as failed:
            key = "no_account" if failed.code == "http_401" else "away"
            return [host.tell.error("account", f"zendesk.doctor.{key}", code=failed.code)]
        finally:
            await client.close()

    async def way_back() -> Sequence[Finding]:
        return [_way_back(settings, host)]

    return Examination((Check("account", account), Check("webhook", way_back)), (settings.zendesk_url,))


async def _account(client: ZendeskClient, settings: Settings, tell: Teller) -> Sequence[Finding]:
    user = (await client.get("/api/v2/users/me"))["user"]
    role = str(user.get("role") or "")
    if not user.get("id") or role not in TEAM:
        return [tell.error("account", "zendesk.doctor.no_agent", email=settings.zendesk_email)]
    found = [tell.ok("account", "zendesk.doctor.account", role=role)]
    if seen := str(user.get("ticket_restriction") or ""):
        found.append(tell.error("rights", "zendesk.doctor.restricted", seen=seen))
    if user.get("only_private_comments"):
        found.append(tell.error("rights", "zendesk.doctor.only_private"))
    fields = (await client.get("/api/v2/ticket_fields"))["ticket_fields"]
    if not any(one.get("type") == "priority" and one.get("active") for one in fields):
        found.append(tell.warning("fields", "zendesk.doctor.no_priority"))
    if settings.zendesk_poll_seconds:
        polls = role == "admin"
        found.append(
            tell.ok("polling", "zendesk.doctor.polls", seconds=settings.zendesk_poll_seconds)
            if polls
            else tell.error("polling", "zendesk.doctor.no_admin")
        )
    return found


def _way_back(settings: Settings, host: DoctorHost) -> Finding:
    if not settings.zendesk_webhook_secret.get_secret_value():
        return host.tell.warning(
            "webhook", "zendesk.doctor.no_webhook", seconds=settings.zendesk_poll_seconds
        )
    if not host.public_url:
        return host.tell.error("webhook", "zendesk.doctor.no_address", path=PATH)
    return host.tell.ok("webhook", "zendesk.doctor.webhook", address=host.public_url.rstrip("/") + PATH)
