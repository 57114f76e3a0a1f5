"""Leases of a process that was killed, where nobody else can hold one."""

from datetime import timedelta

import pytest

from bot.desk.delivery.capacity import SharedCapacity
from bot.desk.ports.channels import Receipt
from bot.desk.ports.outbox import LeasedPost
from bot.domain.errors import LeaseLost
from tests.support.desk.helpdesk import Helpdesk
from tests.support.unknown import UNKNOWN


def lease(helpdesk: Helpdesk) -> tuple[LeasedPost, ...]:
    now = helpdesk.clock()
    with helpdesk.begin() as work:
        return work.deliveries.lease(now, now + timedelta(seconds=30), 10, SharedCapacity(("slack",), ()))


def test_what_was_on_its_way_goes_on_at_once_and_who_had_it_settles_nothing(helpdesk: Helpdesk) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", UNKNOWN))
    before = lease(helpdesk)
    assert len(before) == 2
    assert lease(helpdesk) == ()
    with helpdesk.begin() as work:
        assert work.conversations.void_leases() == 2
        assert work.conversations.void_leases() == 0
    after = lease(helpdesk)
    assert {post.id for post in after} == {post.id for post in before}
    assert [post.attempts for post in after] == [2, 2], "an attempt may have succeeded"
    with pytest.raises(LeaseLost), helpdesk.begin() as work:
        work.deliveries.mark_sent(before[0], Receipt("1.1"), helpdesk.clock())
