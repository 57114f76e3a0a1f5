"""Showings of answers, entered as if their windows had closed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from bot.storage.schema.outcomes import outcomes, shown_targets
from bot.storage.schema.tables import episodes
from tests.support.desk.helpdesk import Helpdesk


def show(
    helpdesk: Helpdesk, target: str, helped: Sequence[bool], last: datetime, outcome: str = "confirmed"
) -> None:
    """Enter showings of a target, an hour apart, the last one at a time."""
    with helpdesk.database.transaction() as db:
        row = db.execute(select(episodes).limit(1)).one_or_none()
        if row is None:
            raise LookupError("let somebody say something first: showings belong to questions")
        number = db.execute(select(func.max(episodes.c.id))).scalar_one()
        ids = [number + 1 + place for place in range(len(helped))]
        at = [last - timedelta(hours=len(helped) - 1 - place) for place in range(len(helped))]
        asked = [{**row._asdict(), "id": one, "token": f"shown{one}", "look_at": None} for one in ids]
        codes = {"target": target, "again": False, "channel": "slack", "language": "en", "queue": ""}
        became = [
            {"episode_id": one, "outcome": outcome if fine else "not_helpful", "asked_at": when}
            | {"closed_at": when + timedelta(days=7), **codes}
            for one, fine, when in zip(ids, helped, at, strict=True)
        ]
        shown = [
            {"episode_id": one, "target": target, "shown_at": when, "chosen": False, "reason": ""}
            | {"verdict": "solved" if fine else "not_helpful", "again": False}
            for one, fine, when in zip(ids, helped, at, strict=True)
        ]
        db.execute(insert(episodes), asked)
        db.execute(insert(outcomes), became)
        db.execute(insert(shown_targets), shown)
