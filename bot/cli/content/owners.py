"""Tells of how many articles the owner cannot be told in chat, as far as the database knows people."""

from collections.abc import Iterator

from bot.desk.automation.reports.owners import Owners
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import FirstlineError, StorageBusy, StorageUnavailable
from bot.domain.knowledge.content import Content
from bot.domain.people import Identity
from bot.server.settings import Settings
from bot.server.signed_links import KEY_NAME

NAMED = 3  # owners that are named


def report_owners(settings: Settings, content: Content) -> Iterator[str]:
    """Say whom the bot cannot write to; nothing where there is no database to know people by."""
    from bot.storage.unit_of_work import ChannelMemory, units_of_work_at

    named = {one.owner for versions in content.articles.values() for one in versions.values() if one.owner}
    if not settings.tell_owners or not named:
        return
    try:
        begin = units_of_work_at(settings.database_url, reading=True)
        key = (ChannelMemory(begin).recall("core", KEY_NAME) or "") if settings.joining_domains else ""
        owners = Owners(_somewhere, key)
        with begin.reading() as work:
            unknown = sorted(owner for owner in named if owners.reach(work, owner, "check") is None)
    except (FirstlineError, StorageBusy, StorageUnavailable):
        return  # `firstline doctor` says what is wrong with the database
    if unknown:
        articles = sum(
            any(one.owner in unknown for one in versions.values()) for versions in content.articles.values()
        )
        names = ", ".join(unknown[:NAMED]) + (", …" if len(unknown) > NAMED else "")
        yield (
            f"articles with an owner whom the bot cannot write to: {articles} ({names}). The room is told "
            "what they need; write an id or an address as `owner`, see `firstline docs knowledge`."
        )


def _somewhere(identity: Identity, key: str) -> ConversationRef:
    return ConversationRef(identity.channel, identity.tenant, identity.external_id, key)
