"""What the rooms are reminded of: targets that come near or pass, and tickets that nobody claims."""

from bot.domain.conversations.messages import Mention
from bot.domain.people import Identity
from bot.domain.tickets.cluster import CLUSTERED_FROM
from tests.support.desk.engineers import claim
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, text_of
from tests.support.desk.passing_time import HOURS, MINUTES, ROTA, TARGETS, Play, pass_to, walk_to
from tests.support.desk.places import in_room, in_threads
from tests.support.desk.records import kinds
from tests.support.unknown import UNKNOWN


def test_before_and_at_a_breach_once_each(play: Play) -> None:
    helpdesk = play(targets=TARGETS, remind_before=0.25, rota=ROTA)
    helpdesk.say("ana", UNKNOWN)
    pass_to(helpdesk, "2026-03-02 10:44")
    assert in_threads(helpdesk) == []
    pass_to(helpdesk, "2026-03-02 10:45")
    [near] = in_threads(helpdesk)
    assert "due soon" in text_of(near)
    assert near.blocks[0] == Mention("eric", (Identity("slack", "T1", "eric"),))
    assert in_room(helpdesk) == []
    pass_to(helpdesk, "2026-03-02 11:00")
    assert len(in_threads(helpdesk)) == 2
    [told] = in_room(helpdesk)
    assert "@eric" in told
    assert "HELP-1001 (Ana; unassigned): first response was due: Mar 2, 2026, 10:00" in told
    walk_to(helpdesk, "2026-03-02 14:00")
    assert len(in_room(helpdesk)) == 1
    assert kinds(helpdesk) == ["opened", "reminded", "breached"]


def test_the_assignee_is_named_by_every_account_they_have(play: Play) -> None:
    helpdesk = play(rooms=(ROOM, OTHER_ROOM), targets=TARGETS)
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    pass_to(helpdesk, "2026-03-03 10:00")  # eight hours of business are over
    eva = Mention("Eva", (Identity("slack", "T1", "eva"),))
    for space in (ROOM.space, OTHER_ROOM.space):
        assert [reply.blocks[0] for reply in in_threads(helpdesk, space)][-1] == eva
    assert "HELP-1001 (Ana; Eva): resolution was due" in in_room(helpdesk)[0]


def test_a_clock_that_jumps_tells_once_and_in_one_post(play: Play) -> None:
    helpdesk = play(targets=TARGETS, remind_before=30 * MINUTES, unclaimed_after=2 * HOURS, rota=ROTA)
    for number in range(12):
        helpdesk.say(f"ana{number}", UNKNOWN)
    before = len(in_threads(helpdesk))
    pass_to(helpdesk, "2026-04-08 11:00")  # over a change of the clocks, weekends and Easter
    assert len(in_room(helpdesk)) == 1
    assert "and 26 more" in in_room(helpdesk)[0]
    # Two targets each under the cards that there are, and no reminder of what is missed.
    assert len(in_threads(helpdesk)) - before == (CLUSTERED_FROM - 1) * 2
    pass_to(helpdesk, "2026-04-08 11:05")
    assert len(in_room(helpdesk)) == 1
    assert kinds(helpdesk).count("breached") == 2
    assert "reminded" not in kinds(helpdesk)


def test_an_unclaimed_ticket_is_called_out_again_and_more_seldom(play: Play) -> None:
    helpdesk = play(unclaimed_after=1 * HOURS, rota=ROTA)
    helpdesk.say("ana", UNKNOWN)
    walk_to(helpdesk, "2026-03-02 11:00")
    assert "@eric" in in_room(helpdesk)[0]
    assert "has been waiting since: Mar 2, 2026, 9:00" in in_room(helpdesk)[0]
    walk_to(helpdesk, "2026-03-02 12:45")
    assert len(in_room(helpdesk)) == 1
    walk_to(helpdesk, "2026-03-02 13:00")
    assert len(in_room(helpdesk)) == 2
    claim(helpdesk)
    walk_to(helpdesk, "2026-03-06 19:00")
    assert len(in_room(helpdesk)) == 2
