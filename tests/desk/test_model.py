"""Random work of a whole desk against a plain model of it, on both databases."""

import os
import random

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from bot.desk.knowledge.library import Library
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk_model.employees import Employees
from tests.support.desk_model.engineers import Permissions
from tests.support.desk_model.ground import without_waiting_for_the_disk
from tests.support.desk_model.outages import Outages


class AtWork(Employees, Permissions, Outages):
    """Three employees, two engineers and a monitoring system; each act takes three minutes."""


def test_the_desk_is_as_the_model_says(database: Database, library: Library, clock: Clock) -> None:
    random.seed(7)  # the courier's jitter
    more = os.environ.get("EXAMPLES")  # so many, and other ones each time

    class Played(AtWork):
        pass

    without_waiting_for_the_disk(database)
    Played.database, Played.library, Played.clock = database, library, clock
    run_state_machine_as_test(
        Played,
        settings=settings(
            max_examples=int(more or 24),
            derandomize=more is None,
            stateful_step_count=75,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
