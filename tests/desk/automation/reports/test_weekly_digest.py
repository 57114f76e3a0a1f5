"""The digest of a week comes once, when the desk opens in the next one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bot import wording
from bot.desk.automation.reports.weekly_digest import ToldGap, WeeklyDigest
from bot.desk.history.figures import FigureCounting
from bot.desk.history.insights import InsightsReader
from bot.desk.knowledge.library import Library
from bot.domain.charts import BarChart
from bot.domain.conversations.messages import Facts, Reply
from bot.domain.insights.article_signs import Sign, version_of
from bot.domain.insights.report import Period
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk, text_of
from tests.support.desk.outcomes import close_windows, press
from tests.support.desk.passing_time import at
from tests.support.desk.simultaneous import all_at_once
from tests.support.unknown import UNKNOWN

Play = Callable[..., Helpdesk]
GAPS = (ToldGap("calibrating the lab spectrometer", 12, 11),)


def digest(desk: Helpdesk, language: str = "en") -> WeeklyDigest:
    """The digest of one replica."""
    insights = InsightsReader(desk.begin, desk.library.queues, desk.clock)
    return WeeklyDigest(
        desk.begin, desk.library, desk.desk.rooms, insights, wording.load(), language, desk.clock
    )


def look(desk: Helpdesk, ours: WeeklyDigest, gaps: tuple[ToldGap, ...] = GAPS) -> int:
    """Post where it is due, as the worker does."""
    week = ours.due()
    posted = ours.post(week, gaps) if week is not None else 0
    desk.deliver()
    return posted


def count(desk: Helpdesk) -> None:
    counting = FigureCounting(desk.begin, desk.library.queues, desk.clock)
    while counting.count_lot():
        pass


def posted(desk: Helpdesk, space: str = ROOM.space) -> list[Reply]:
    return [reply for reply in desk.in_space(space) if reply.summary.startswith(("The week", "La semana"))]


def a_week_of_work(desk: Helpdesk) -> None:
    """Questions and tickets of one week, whose windows are closed."""
    for person in ("a1", "a2", "a3"):
        desk.say(person, "I forgot my password")
        press(desk, person, "solved")
    desk.say("a4", UNKNOWN)
    close_windows(desk)
    count(desk)


def test_the_week_is_told_once_in_every_room_when_the_desk_opens(play: Play) -> None:
    desk = play(rooms=(ROOM, OTHER_ROOM))
    a_week_of_work(desk)
    ours = digest(desk)
    desk.clock.now = at("2026-03-15 18:00")  # a Sunday
    look(desk, ours)
    desk.clock.now = at("2026-03-16 08:30")  # before it opens
    look(desk, ours)
    assert posted(desk) == []
    for time in ("2026-03-16 09:00", "2026-03-16 09:10", "2026-03-17 10:00"):
        desk.clock.now = at(time)
        look(desk, ours)
        look(desk, digest(desk))  # another replica, or after a restart
    assert (len(posted(desk)), len(posted(desk, OTHER_ROOM.space))) == (1, 1)
    (reply,) = posted(desk)
    assert reply.summary == "The week from Mar 9, 2026 to Mar 15, 2026"
    desk.clock.now = at("2026-03-23 10:00")
    look(desk, ours)
    assert len(posted(desk)) == 2


def test_it_tells_what_is_known_by_now_with_a_chart_and_gaps(play: Play) -> None:
    desk = play()
    a_week_of_work(desk)
    desk.clock.now = at("2026-03-16 09:00")
    look(desk, digest(desk))
    (reply,) = posted(desk)
    text = text_of(reply)
    assert "Questions of the week before (Mar 2, 2026 to Mar 8, 2026)" in text
    assert "Solved without a ticket, confirmed: 75.0% (3 of 4) · before: –" in text
    assert "1. calibrating the lab spectrometer · people: 12 · tickets: 11" in text
    assert not any(name in text for name in ("A1", "A4", "Eva"))
    assert "↑" not in text, "of so few nothing is said"
    (chart,) = [block for block in reply.blocks if isinstance(block, BarChart)]
    assert chart.labels[-2:] == ("2 Mar", "9 Mar")
    assert dict(chart.series)["confirmed"] == (0, 0, 0, 0, 3, 0)
    assert dict(chart.series)["a ticket, or otherwise"] == (0, 0, 0, 0, 1, 0)


def test_an_arrow_stands_where_the_change_is_larger_than_chance(play: Play) -> None:
    desk = play()
    for days, asked in ((0, 20), (7, 60)):
        desk.clock.now = at("2026-03-02 10:00")
        desk.clock.move(days=days)
        for number in range(asked):
            desk.say(f"w{days}p{number}", f"{UNKNOWN} {number}")
            if number % 4 == 3:
                desk.clock.move(hours=1)
    close_windows(desk)
    count(desk)
    insights = InsightsReader(desk.begin, desk.library.queues, desk.clock)
    ours = digest(desk)
    week = Period(at("2026-03-09 10:00").date(), at("2026-03-15 10:00").date())
    assert "tickets_opened" in insights.report(week).changes
    ours.post(week, ())
    desk.deliver()
    (facts, *_) = [block for block in posted(desk)[0].blocks if isinstance(block, Facts)]
    assert dict(facts.rows)["Tickets opened"] == "60 ↑ up · before: 20"


def test_articles_that_need_somebody_are_named_and_everything_is_spanish(play: Play) -> None:
    desk = play()
    content = desk.library.snapshot.content
    version = version_of(content.articles["headset"])
    with desk.begin() as work:
        work.articles.mark_told("headset", version, Sign.WORSE, desk.clock())
        work.articles.mark_told("printer", "an earlier version", Sign.REVIEW, desk.clock())
    look(desk, digest(desk, "es"))
    text = text_of(posted(desk)[0])
    assert "Artículos que necesitan a alguien: 1" in text
    assert f"{content.title('headset', 'es')}: ayuda menos que antes." in text
    assert content.title("printer", "es") not in text
    assert "Lo que se pregunta y ningún artículo responde" in text


def test_replicas_post_it_once(play: Play) -> None:
    desk = play()
    replicas = [digest(desk) for _ in range(4)]
    weeks = [replica.due() for replica in replicas]
    week = Period(at("2026-02-23 10:00").date(), at("2026-03-01 10:00").date())
    assert weeks == [week] * 4
    all_at_once([partial(replica.post, week, ()) for replica in replicas])
    desk.deliver()
    assert len(posted(desk)) == 1


def test_nothing_is_due_without_a_room(play: Play) -> None:
    desk = play(rooms=())
    assert digest(desk).due() is None
    desk.rooms = (replace(ROOM),)
    assert digest(desk).due() is not None


def test_a_desk_that_is_always_open_is_not_told_at_night(
    database: Database, library: Library, clock: Clock
) -> None:
    desk = Helpdesk(database, library, clock)
    for hour, due in ((0, False), (7, False), (8, True)):
        clock.now = datetime(2026, 3, 2, hour, 30, tzinfo=UTC)
        assert (digest(desk).due() is not None) is due
