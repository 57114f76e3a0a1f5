"""Statements that lease and settle posts, built once."""

from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, not_, or_, select, update

from bot.storage.rows.prepared_statements import Among, Prepared, given, with_lists
from bot.storage.schema.messages import files, outbox
from bot.storage.schema.tables import cards, conversations, holds, texts

_PLACE = conversations.c.channel + ":" + conversations.c.tenant + "/" + conversations.c.space


def _due(among: Among) -> Select[Any]:
    return (
        select(conversations.c.id, conversations.c.channel, _PLACE.label("place"), holds.c.until)
        .outerjoin(
            holds,
            and_(
                holds.c.channel == conversations.c.channel,
                holds.c.tenant == conversations.c.tenant,
                holds.c.space == conversations.c.space,
            ),
        )
        .where(
            conversations.c.due_at <= given(conversations.c.due_at, "p_now"),
            among(conversations.c.channel, "p_channels"),
            not_(among(_PLACE, "p_full")),
            not_(among(conversations.c.id, "p_under_way")),
            or_(
                conversations.c.lease_until.is_(None),
                conversations.c.lease_until <= given(conversations.c.lease_until, "p_now"),
            ),
            or_(holds.c.until.is_(None), holds.c.until <= given(holds.c.until, "p_now")),
        )
        .order_by(conversations.c.due_at, conversations.c.id)
        .limit(bindparam("p_limit"))
        .with_for_update(skip_locked=True, of=conversations)
    )


DUE = Prepared(with_lists(_due))
TAKE = Prepared(
    with_lists(
        lambda among: (
            update(conversations)
            .where(among(conversations.c.id, "p_ids"))
            .values(lease=conversations.c.lease + 1, lease_until=given(conversations.c.lease_until))
        )
    )
)
ATTEMPT = Prepared(
    with_lists(
        lambda among: update(outbox).where(among(outbox.c.id, "p_ids")).values(attempts=outbox.c.attempts + 1)
    )
)
SENT = Prepared(
    update(outbox)
    .where(outbox.c.id == given(outbox.c.id))
    .values(status="sent", receipt=given(outbox.c.receipt), error="", settled_at=given(outbox.c.settled_at))
)
CARD_SENT = Prepared(
    update(cards)
    .where(
        cards.c.ticket_id == given(cards.c.ticket_id),
        cards.c.conversation_id == given(cards.c.conversation_id),
    )
    # An address that is known stays: not every delivery tells it again.
    .values(
        receipt=given(cards.c.receipt),
        url=case((given(cards.c.url) == "", cards.c.url), else_=given(cards.c.url)),
    )
)
SUPERSEDE = Prepared(
    update(outbox)
    .where(
        outbox.c.conversation_id == given(outbox.c.conversation_id),
        outbox.c.status == "waiting",
        outbox.c.kind == given(outbox.c.kind),
        outbox.c.id != given(outbox.c.id),
        func.coalesce(outbox.c.ticket_id, 0) == given(outbox.c.ticket_id),
    )
    .values(status="superseded", settled_at=given(outbox.c.settled_at))
)
_OURS = and_(
    conversations.c.id == given(conversations.c.id), conversations.c.lease == given(conversations.c.lease)
)


@cache
def release(*names: str) -> Prepared:
    """Give a lease back, unless somebody else has it now; these columns of the conversation are changed."""
    changed = {name: given(conversations.c[name], f"p_new_{name}") for name in names}
    return Prepared(update(conversations).where(_OURS).values(lease_until=None, **changed))


SCHEDULE = Prepared(
    update(conversations)
    .where(conversations.c.id == given(conversations.c.id))
    .values(
        due_at=select(outbox.c.due_at)
        .where(
            outbox.c.conversation_id == given(conversations.c.id, "p_conversation_id"),
            outbox.c.status == "waiting",
        )
        .order_by(outbox.c.number)
        .limit(1)
        .scalar_subquery()
    )
)

_LATER = and_(
    conversations.c.channel == given(conversations.c.channel),
    conversations.c.due_at > given(conversations.c.due_at, "p_now"),
)
RETRIES = Prepared(select(func.count().label("count")).select_from(conversations).where(_LATER))
BRING_FORWARD = Prepared(
    update(conversations)
    .where(
        conversations.c.id.in_(
            select(conversations.c.id)
            .where(_LATER)
            .order_by(conversations.c.due_at)
            .limit(bindparam("p_limit"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(due_at=given(conversations.c.due_at, "p_now"))
)


_EARLIER, _REVISED = outbox.alias("earlier"), outbox.alias("revised")
_FIRST_NUMBER = (
    select(func.min(_EARLIER.c.number))
    .where(_EARLIER.c.conversation_id == conversations.c.id, _EARLIER.c.status == "waiting")
    .correlate(conversations)
    .scalar_subquery()
)
_ITS_CARD = and_(
    outbox.c.kind == "card",
    cards.c.ticket_id == outbox.c.ticket_id,
    cards.c.conversation_id == conversations.c.id,
)


_LEASED_POST = (
    outbox.c.kind,
    outbox.c.attempts,
    outbox.c.ticket_id,
    outbox.c.private_to,
    outbox.c.revises_id,
    outbox.c.removed,
    outbox.c.mark,
    outbox.c.mark_of,
    outbox.c.file_id,
    outbox.c.conversation_id,
    outbox.c.trace,
    conversations.c.lease,
    conversations.c.channel,
    conversations.c.tenant,
    conversations.c.space,
    conversations.c.thread,
    conversations.c.anchor,
    conversations.c.private,
    texts.c.body,
    func.coalesce(_REVISED.c.receipt, cards.c.receipt, "").label("edit"),
    outbox.c.id.label("outbox_id"),
    files.c.name.label("file_name"),
    files.c.media_type,
    files.c.size,
    files.c.source,
    files.c.channel.label("file_channel"),
    cards.c.left_at.is_not(None).label("left"),
)


def _leased_posts(among: Among) -> Select[Any]:
    """The first waiting post of each conversation, with all that it takes to deliver it."""
    return (
        select(*_LEASED_POST)
        .join(conversations, conversations.c.id == outbox.c.conversation_id)
        .outerjoin(texts, texts.c.id == outbox.c.text_id)
        .outerjoin(_REVISED, _REVISED.c.id == outbox.c.revises_id)
        .outerjoin(files, files.c.id == outbox.c.file_id)
        .outerjoin(cards, _ITS_CARD)
        .where(
            among(conversations.c.id, "p_ids"),
            outbox.c.status == "waiting",
            outbox.c.number == _FIRST_NUMBER,
        )
        .order_by(outbox.c.id)
    )


LEASED_POSTS = Prepared(with_lists(_leased_posts))
