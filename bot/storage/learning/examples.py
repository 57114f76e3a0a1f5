"""Keeps which examples were proposed of people's questions, and what was decided on them."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from bot.desk.ports.content import AskedWords
from bot.domain.knowledge.proposal import (
    Confirmation,
    ExampleStatus,
    LearnedExample,
    Measure,
    Proposal,
    digest_of,
)
from bot.storage.schema.feedback import learned_examples
from bot.storage.schema.tables import episodes, people, texts, tickets

LOT = 500  # episodes read in one statement


class ExampleBook:
    """Keeps hashes and numbers, never words."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def propose(self, proposals: Sequence[Proposal], at: datetime) -> None:
        """Keep these proposals in the place of all on which nothing was decided."""
        undecided = learned_examples.c.status == ExampleStatus.PROPOSED.value
        self._db.execute(delete(learned_examples).where(undecided))
        rows = [
            {
                "episode_id": one.id,
                "target": proposal.target,
                "language": one.language,
                "digest": digest_of(one.text),
                "confirmed": one.confirmed.value,
                "people": one.people,
                "list": proposal.number,
                "measure": asdict(proposal.measure),
                "status": ExampleStatus.PROPOSED.value,
                "proposed_at": at,
            }
            for proposal in proposals
            for one in proposal.examples
        ]
        if rows:
            self._db.execute(insert(learned_examples), rows)

    def listed(self, status: ExampleStatus) -> tuple[LearnedExample, ...]:
        """Those of this status, in the order in which they were proposed."""
        query = select(learned_examples).where(learned_examples.c.status == status.value)
        return tuple(_example(row) for row in self._db.execute(query.order_by(learned_examples.c.id)))

    def decided(self) -> Set[tuple[int, str]]:
        """The episodes and targets on which something was decided."""
        query = select(learned_examples.c.episode_id, learned_examples.c.target)
        rows = self._db.execute(query.where(learned_examples.c.status != ExampleStatus.PROPOSED.value))
        return {(row.episode_id, row.target) for row in rows}

    def words(self, episode_ids: Sequence[int]) -> Mapping[int, AskedWords]:
        """What was asked in these episodes; none that is given up."""
        query = (
            select(episodes.c.id, texts.c.body, people.c.name, tickets.c.queue)
            .join(texts, texts.c.id == episodes.c.question_id)
            .join(people, people.c.id == episodes.c.person_id)
            .outerjoin(tickets, tickets.c.episode_id == episodes.c.id)
            .where(texts.c.erased_at.is_(None))
        )
        found: dict[int, AskedWords] = {}
        for start in range(0, len(episode_ids), LOT):
            lot = query.where(episodes.c.id.in_(episode_ids[start : start + LOT]))
            found.update({row.id: AskedWords(row.body, row.name, row.queue) for row in self._db.execute(lot)})
        return found

    def approve(self, ids: Sequence[int], by: str, at: datetime) -> int:
        """Approve those that are proposed still; return how many were."""
        which = (
            learned_examples.c.id.in_(ids),
            learned_examples.c.status == ExampleStatus.PROPOSED.value,
        )
        values = {"status": ExampleStatus.APPROVED.value, "approved_at": at, "approved_by": by}
        return self._db.execute(update(learned_examples).where(*which).values(values)).rowcount

    def take_back(self, number: int, by: str, at: datetime) -> bool:
        """Take back an approved one; False where it is none."""
        which = (
            learned_examples.c.id == number,
            learned_examples.c.status == ExampleStatus.APPROVED.value,
        )
        values = {"status": ExampleStatus.TAKEN_BACK.value, "taken_back_at": at, "taken_back_by": by}
        return self._db.execute(update(learned_examples).where(*which).values(values)).rowcount == 1


def _example(row: Any) -> LearnedExample:
    return LearnedExample(
        id=row.id,
        episode_id=row.episode_id,
        target=row.target,
        language=row.language,
        digest=row.digest,
        confirmed=Confirmation(row.confirmed),
        people=row.people,
        number=row.list,
        measure=Measure(**row.measure),
        status=ExampleStatus(row.status),
        approved_at=row.approved_at,
        approved_by=row.approved_by,
        taken_back_at=row.taken_back_at,
        taken_back_by=row.taken_back_by,
    )
