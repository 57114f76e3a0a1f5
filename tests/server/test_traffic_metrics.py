"""What /metrics says of how much is assumed to be asked in vain."""

from bot.domain.knowledge.decision import Mix
from bot.domain.knowledge.traffic import Traffic
from bot.server.monitoring.metrics import Metrics

ALL, SPANISH = Mix(0.5, 0.2, 0.3), Mix(0.3, 0.1, 0.6)


def lines(metrics: Metrics) -> list[str]:
    text = metrics.text().decode()
    return sorted(line for line in text.splitlines() if line.startswith("firstline_unanswered"))


def test_the_share_is_shown_by_kind_and_language() -> None:
    metrics = Metrics()
    metrics.show_traffic(Traffic(ALL, {"es": SPANISH}, 400))
    assert lines(metrics) == [
        "firstline_unanswered_questions 400.0",
        'firstline_unanswered{kind="nothing",language=""} 0.3',
        'firstline_unanswered{kind="nothing",language="es"} 0.6',
        'firstline_unanswered{kind="requests",language=""} 0.2',
        'firstline_unanswered{kind="requests",language="es"} 0.1',
    ]
    metrics.show_traffic(Traffic(ALL))  # as after a restart
    assert lines(metrics) == [
        "firstline_unanswered_questions 0.0",
        'firstline_unanswered{kind="nothing",language=""} 0.3',
        'firstline_unanswered{kind="requests",language=""} 0.2',
    ]
    metrics.show_traffic(None)
    assert lines(metrics) == ["firstline_unanswered_questions 0.0"]
