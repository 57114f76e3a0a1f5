"""A strict fake of Teams: token issuer, connector API on a loopback port, and people who write and press."""

from tests.support.fakes.teams.cards import card_problems, texts_in
from tests.support.fakes.teams.issuer import APP_ID, APP_SECRET, TENANT
from tests.support.fakes.teams.people import Person
from tests.support.fakes.teams.server import Failure, TeamsFake
from tests.support.fakes.teams.store import Message

__all__ = [
    "APP_ID",
    "APP_SECRET",
    "TENANT",
    "Failure",
    "Message",
    "Person",
    "TeamsFake",
    "card_problems",
    "texts_in",
]
