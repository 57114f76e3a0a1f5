"""Stores which accounts are one person's, what was done to join them, and requests to join."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from bot.domain.people import Identity, JoinHow, JoinRequest, JoinResult, JoinState
from bot.storage.accounts.turns import Turn, take_turn
from bot.storage.rows.prepared_statements import upsert
from bot.storage.schema.accounts import account_addresses, join_log, join_requests, joined_people
from bot.storage.schema.tables import identities

_OPEN = (JoinState.BEGUN, JoinState.ENTERED, JoinState.AGREED)


class Joins:
    """Stores joins of accounts: rows that point; nothing that an account did is ever rewritten."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    # --- joined accounts ----------------------------------------------------------------------------------

    def join(self, one: int, other: int, how: JoinHow, at: datetime, by: str = "") -> JoinResult:
        """Make two accounts one person's, with all that each is joined with already.

        Two accounts of one channel are never joined. By an address only those are that nobody separated
        before, and they share no rights.
        """
        take_turn(self._db, Turn.JOINS)
        ours, theirs = self.joined_with(one), self.joined_with(other)
        confirmed = how is not JoinHow.EMAIL
        if other in ours and not (confirmed and not self._share_rights(one, other)):
            if not self._are_linked(one, other, confirmed=confirmed):
                self._log("joined", one, other, how, at, by)  # it holds when who stands between them leaves
            return JoinResult.ALREADY
        if other not in ours and self._channels(ours) & self._channels(theirs):
            return JoinResult.SAME_CHANNEL
        if not confirmed and self._were_separated(ours, theirs):
            return JoinResult.WAS_SEPARATED
        entry = self._log("joined", one, other, how, at, by)
        everybody = sorted({*ours, *theirs})
        rights = sorted({*self._sharing(one), *self._sharing(other)}) if confirmed else []
        for person_id in everybody:
            self._db.execute(
                upsert(self._db, joined_people)
                .values(person_id=person_id, joined_id=entry)
                .on_conflict_do_update(index_elements=["person_id"], set_={"joined_id": entry})
            )
        self._db.execute(
            update(joined_people).where(joined_people.c.person_id.in_(rights)).values(confirmed_id=entry)
        )
        return JoinResult.JOINED

    def separate(self, person_id: int, how: JoinHow, at: datetime, by: str = "") -> bool:
        """Take an account out of those that it is joined with; False where it is joined with none.

        Of the others those stay one person's, and share rights, who were joined without this account.
        """
        take_turn(self._db, Turn.JOINS)
        others = [one for one in self.joined_with(person_id) if one != person_id]
        if not others:
            return False
        self._log("separated", person_id, None, how, at, by)
        self._db.execute(delete(joined_people).where(joined_people.c.person_id.in_([person_id, *others])))
        joined = _last_links(self._links(others))
        rights = _last_links(self._links(others, confirmed=True))
        rows = [
            {"person_id": one, "joined_id": entry, "confirmed_id": rights.get(one)}
            for one, entry in sorted(joined.items())
        ]
        if rows:
            self._db.execute(insert(joined_people), rows)
        return True

    def joined_with(self, person_id: int) -> tuple[int, ...]:
        """The accounts that are one person's with this one, itself among them."""
        group = select(joined_people.c.joined_id).where(joined_people.c.person_id == person_id)
        found = select(joined_people.c.person_id).where(joined_people.c.joined_id.in_(group))
        return tuple(self._db.execute(found.order_by(joined_people.c.person_id)).scalars()) or (person_id,)

    def _sharing(self, person_id: int) -> tuple[int, ...]:
        group = select(joined_people.c.confirmed_id).where(joined_people.c.person_id == person_id)
        found = select(joined_people.c.person_id).where(joined_people.c.confirmed_id.in_(group))
        return tuple(self._db.execute(found).scalars()) or (person_id,)

    def _links(self, person_ids: Collection[int], *, confirmed: bool = False) -> list[tuple[int, int, int]]:
        """Which of these accounts were joined with which and not separated since, by the entry; in order."""
        apart = join_log.alias().c
        later = select(apart.id).where(
            apart.kind == "separated",
            apart.id > join_log.c.id,
            apart.person_id.in_((join_log.c.person_id, join_log.c.other_id)),
        )
        which = [
            join_log.c.kind == "joined",
            join_log.c.person_id.in_(person_ids),
            join_log.c.other_id.in_(person_ids),
            ~later.exists(),
            *([join_log.c.how != JoinHow.EMAIL] if confirmed else []),
        ]
        entries = select(join_log.c.id, join_log.c.person_id, join_log.c.other_id).where(*which)
        return [
            (row.id, row.person_id, row.other_id) for row in self._db.execute(entries.order_by(join_log.c.id))
        ]

    def _are_linked(self, one: int, other: int, *, confirmed: bool) -> bool:
        return bool(self._links((one, other), confirmed=confirmed))

    def _share_rights(self, one: int, other: int) -> bool:
        return other in self._sharing(one)

    def _channels(self, person_ids: Iterable[int]) -> set[str]:
        found = select(identities.c.channel).where(identities.c.person_id.in_(list(person_ids)))
        return set(self._db.execute(found).scalars())

    def _were_separated(self, ours: Iterable[int], theirs: Iterable[int]) -> bool:
        which = and_(join_log.c.kind == "separated", join_log.c.person_id.in_([*ours, *theirs]))
        return self._db.execute(select(join_log.c.id).where(which).limit(1)).first() is not None

    def _log(
        self, kind: str, person_id: int, other_id: int | None, how: JoinHow, at: datetime, by: str = ""
    ) -> int:
        entry = {"at": at, "kind": kind, "person_id": person_id, "other_id": other_id, "how": how, "by": by}
        return int(self._db.execute(insert(join_log).values(**entry).returning(join_log.c.id)).scalar_one())

    # --- a press on each side -----------------------------------------------------------------------------

    def begin(self, request: JoinRequest, code_hash: str) -> None:
        """Enter a request; an earlier one of the same account ends."""
        self._db.execute(
            update(join_requests)
            .where(join_requests.c.person_id == request.person_id, join_requests.c.state.in_(_OPEN))
            .values(state=JoinState.ENDED)
        )
        values = {
            "token": request.token,
            "code_hash": code_hash,
            "state": JoinState.BEGUN,
            "person_id": request.person_id,
            "conversation_id": request.conversation_id,
            "expires_at": request.expires_at,
        }
        self._db.execute(insert(join_requests).values(**values))

    def enter(self, code_hash: str, person_id: int, conversation_id: int, at: datetime) -> JoinRequest | None:
        """Bind the request with this code to the account that entered it; a code is good once."""
        done = self._db.execute(
            update(join_requests)
            .where(
                join_requests.c.code_hash == code_hash,
                join_requests.c.state == JoinState.BEGUN,
                join_requests.c.expires_at > at,
                join_requests.c.person_id != person_id,
            )
            .values(state=JoinState.ENTERED, other_id=person_id, other_conversation_id=conversation_id)
            .returning(join_requests)
        ).first()
        return _request_of(done) if done is not None else None

    def request(self, token: str) -> JoinRequest | None:
        """The request that a button names."""
        row = self._db.execute(select(join_requests).where(join_requests.c.token == token)).first()
        return _request_of(row) if row is not None else None

    def advance(self, request: JoinRequest, to: JoinState, at: datetime) -> bool:
        """Bring a request from the state that was seen to another; False where it is no longer in it."""
        done = self._db.execute(
            update(join_requests)
            .where(
                join_requests.c.id == request.id,
                join_requests.c.state == request.state,
                join_requests.c.expires_at > at,
            )
            .values(state=to)
        )
        return done.rowcount == 1

    def keep_post(self, request: JoinRequest, post_id: int) -> None:
        """Keep which post has the buttons of a request."""
        changed = update(join_requests).where(join_requests.c.id == request.id)
        self._db.execute(changed.values(post_id=post_id))

    def note_wrong_code(self, person_id: int, at: datetime) -> None:
        """Record that an account entered a code that is none."""
        self._log("wrong_code", person_id, None, JoinHow.CHAT, at)

    def wrong_codes(self, person_id: int, since: datetime) -> int:
        """How many codes that are none an account has entered since then."""
        which = and_(
            join_log.c.person_id == person_id, join_log.c.kind == "wrong_code", join_log.c.at >= since
        )
        return int(self._db.execute(select(func.count()).where(which)).scalar_one())

    # --- by an address ------------------------------------------------------------------------------------

    def note_address(self, identity: Identity, address_hash: str, at: datetime) -> bool:
        """Keep the address of an account, or forget it; return whether another one was known before."""
        mine = _is(identity)
        known = self._db.execute(select(account_addresses.c.address_hash).where(mine)).scalar()
        if (known or "") == address_hash:
            return False
        if not address_hash:  # no row: all who have no address would be alike
            self._db.execute(delete(account_addresses).where(mine))
            return True
        values = {"address_hash": address_hash, "told_at": at, "tried_at": None}
        whose = {
            "channel": identity.channel,
            "tenant": identity.tenant,
            "external_id": identity.external_id,
        }
        self._db.execute(
            upsert(self._db, account_addresses)
            .values(**whose, **values)
            .on_conflict_do_update(index_elements=["channel", "tenant", "external_id"], set_=values)
        )
        return known is not None

    def next_untried(self, at: datetime) -> tuple[int, tuple[int, ...]] | None:
        """Take the next account whose address was not tried yet; return it and who else has the address.

        None where nothing is to be tried. Where two accounts of one channel have the address nobody else has
        it: it tells nobody apart.
        """
        take_turn(self._db, Turn.JOINS)
        met = and_(
            identities.c.channel == account_addresses.c.channel,
            identities.c.tenant == account_addresses.c.tenant,
            identities.c.external_id == account_addresses.c.external_id,
        )
        row = self._db.execute(
            select(account_addresses.c.id, account_addresses.c.address_hash, identities.c.person_id)
            .join(identities, met)
            .where(account_addresses.c.tried_at.is_(None))
            .order_by(account_addresses.c.id)
            .limit(1)
        ).first()
        if row is None:
            return None
        self._db.execute(
            update(account_addresses).where(account_addresses.c.id == row.id).values(tried_at=at)
        )
        same = self._db.execute(
            select(account_addresses.c.channel, identities.c.person_id)
            .outerjoin(identities, met)
            .where(account_addresses.c.address_hash == row.address_hash)
        ).all()
        channels = [one.channel for one in same]
        if len(set(channels)) < len(channels):
            return row.person_id, ()
        others = (one.person_id for one in same if one.person_id is not None)
        return row.person_id, tuple(sorted(other for other in others if other != row.person_id))


def _last_links(links: Iterable[tuple[int, int, int]]) -> dict[int, int]:
    """The last entry by which each account belongs with others, the same for all that belong together."""
    found: dict[int, int] = {}
    for entry, one, other in links:
        before = {found.get(one), found.get(other)} - {None}
        found |= dict.fromkeys([one, other, *(who for who, last in found.items() if last in before)], entry)
    return found


def _is(identity: Identity) -> Any:
    return and_(
        account_addresses.c.channel == identity.channel,
        account_addresses.c.tenant == identity.tenant,
        account_addresses.c.external_id == identity.external_id,
    )


def _request_of(row: Any) -> JoinRequest:
    return JoinRequest(
        row.token,
        row.person_id,
        row.conversation_id,
        row.expires_at,
        id=row.id,
        state=JoinState(row.state),
        other_id=row.other_id,
        other_conversation_id=row.other_conversation_id,
        post_id=row.post_id,
    )
