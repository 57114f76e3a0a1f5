"""Joins accounts of several channels that have the same verified e-mail address, where that is allowed."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.people import Identity, JoinHow, JoinResult, hash_address, plain_address

KEPT = 20_000  # accounts in this process whose address was told


@dataclass(frozen=True, slots=True)
class AddressRule:
    """Rule for joining by addresses: the domains that count, none where it is off; the key of hashes."""

    domains: frozenset[str] = frozenset()
    key: str = ""


class AddressJoining:
    """Joining by verified addresses: of an address only a keyed hash is kept, and it never gives rights."""

    def __init__(self, begin: UnitsOfWork, clock: Clock, rule: AddressRule) -> None:
        self._begin = begin
        self._clock = clock
        self._rule = rule
        self._told: OrderedDict[Identity, str] = OrderedDict()

    def tell(self, identity: Identity, addresses: Sequence[str]) -> bool:
        """Keep the first address whose domain counts; return whether the account had another one before.

        Where there is none, the one before is forgotten: somebody else may have it by now.
        """
        if not self._rule.domains:
            return False
        address = next((one for one in map(plain_address, addresses) if self._counts(one)), "")
        hashed = hash_address(address, self._rule.key) if address else ""
        if self._told.get(identity) == hashed:
            return False
        with self._begin() as work:
            changed = work.joins.note_address(identity, hashed, self._clock())
        self._told[identity] = hashed
        if len(self._told) > KEPT:
            self._told.popitem(last=False)
        return changed

    def round(self) -> int:
        """Try one account whose address was not tried yet; return how many accounts were joined with it."""
        if not self._rule.domains:
            return 0
        count = 0
        tried = True
        while tried:
            joined, tried = self._try_next()
            count += joined
        return count

    def _try_next(self) -> tuple[int, bool]:
        now = self._clock()
        with self._begin() as work:
            found = work.joins.next_untried(now)
            if found is None:
                return 0, False
            person_id, others = found
            results = [work.joins.join(person_id, other, JoinHow.EMAIL, now) for other in others]
        return results.count(JoinResult.JOINED), True

    def _counts(self, address: str) -> bool:
        return address.partition("@")[2] in self._rule.domains
