"""When refused requests mean that a secret or a clock of ours is wrong."""

from bot.server.monitoring.metrics import Metrics
from bot.server.monitoring.signatures import ENOUGH, RECENT_SECONDS, SignatureWatch


class Seconds:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def refused(watch: SignatureWatch, reason: str, times: int, channel: str = "slack") -> None:
    for _ in range(times):
        watch.checked(channel, reason)


def test_some_refusals_are_an_accident_and_more_are_a_wrong_secret() -> None:
    watch = SignatureWatch(Metrics(), Seconds())
    refused(watch, "signature", ENOUGH - 1)
    assert (watch.refusing({"slack"}), watch.suspected()) == ({}, {"slack.signatures": ""})
    refused(watch, "signature", 1)
    assert "compare the secret" in watch.refusing({"slack"})["slack.signatures"]
    assert watch.refusing({"teams"}) == {}, "what is no channel delays at most"


def test_a_request_that_is_believed_ends_it() -> None:
    watch = SignatureWatch(Metrics(), Seconds())
    refused(watch, "signature", ENOUGH)
    watch.checked("teams", "")
    assert watch.refusing({"slack", "teams"})
    watch.checked("slack", "")
    assert (watch.refusing({"slack"}), watch.suspected()) == ({}, {})


def test_when_nobody_sends_any_more_it_is_only_suspected() -> None:
    seconds = Seconds()
    watch = SignatureWatch(Metrics(), seconds)
    refused(watch, "age", ENOUGH)
    seconds.now += RECENT_SECONDS + 1
    assert watch.refusing({"slack"}) == {}
    assert "clock is wrong" in watch.suspected()["slack.signatures"]


def test_what_strangers_send_is_counted_and_proves_nothing() -> None:
    metrics = Metrics()
    watch = SignatureWatch(metrics, Seconds())
    refused(watch, "no_signature", 10 * ENOUGH)
    refused(watch, "no_token", 10 * ENOUGH, "teams")
    assert (watch.refusing({"slack", "teams"}), watch.suspected()) == ({}, {})
    assert b'firstline_refused_total{channel="slack",reason="no_signature"} 30.0' in metrics.text()
