"""Lets one transaction at a time change what belongs to several accounts of one person."""

from enum import IntEnum

from sqlalchemy import Connection, func, select

from bot.storage.rows.prepared_statements import dialect


class Turn(IntEnum):
    """What is changed in turns; any numbers, the same in every replica."""

    JOINS = 0x4A4F494E
    ABSENCES = 0x41424E54


def take_turn(db: Connection, turn: Turn) -> None:
    """Wait until no other transaction has this turn, and have it until this one ends.

    On SQLite only one transaction writes anyway.
    """
    if dialect(db) == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(int(turn))))
