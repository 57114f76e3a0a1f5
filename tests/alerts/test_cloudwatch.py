"""The alerts of CloudWatch: SNS's signature, whose certificate it is, and which topics are confirmed."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.alerts import cloudwatch
from bot.domain.tickets.outage import AlertState
from tests.support.clock import Clock
from tests.support.e2e.running import until
from tests.support.fakes.alerts import TOPIC, Door, certificate, received, recorded, sns_signed

PEM = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
SUBSCRIBE = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
NOW = "2026-03-02T09:00:00.000Z"


@pytest.fixture
async def unknown(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    """A door that has no certificate yet."""
    async with received(cloudwatch, clock, monkeypatch) as made:
        made.internet.documents[SUBSCRIBE] = b"<ConfirmSubscriptionResponse/>"
        yield made


@pytest.fixture
async def door(unknown: Door) -> Door:
    """A door that has the certificate."""
    assert await send(unknown, "began") == 503
    await until(lambda: unknown.internet.asked, "the certificate")
    unknown.checked.clear()
    unknown.internet.asked.clear()
    return unknown


async def send(door: Door, request: str, version: str = "2", **changed: str) -> int:
    """Send a recorded message, signed now; its status."""
    message = {**recorded("cloudwatch", request), "Timestamp": NOW}
    status, _ = await door.post(sns_signed(message, version, **changed), proved=False)
    return status


@pytest.mark.parametrize("version", ["1", "2"])
async def test_both_versions_of_the_signature_are_believed(door: Door, version: str) -> None:
    assert await send(door, "began", version) == 200
    (alert,) = door.alerts
    assert alert.key == "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:VPN tunnel down"
    assert (alert.title, alert.state) == ("VPN tunnel down", AlertState.BEGAN)
    assert alert.at == datetime(2026, 3, 2, 8, 59, 10, 123000, UTC)
    assert alert.url == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/"
        "VPN%20tunnel%20down"
    )


async def test_too_little_data_changes_nothing(door: Door) -> None:
    assert await send(door, "no_data") == 200
    assert (door.taken, door.counted) == ([], {"ignored": 1})


async def test_the_first_message_waits_for_the_certificate_without_a_call_before_the_answer(
    unknown: Door,
) -> None:
    assert await send(unknown, "began") == 503
    await until(lambda: unknown.internet.asked == [PEM], "the certificate")
    assert await send(unknown, "began") == 200
    assert unknown.internet.asked == [PEM]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"Message": "{}"}, "signature"),
        ({"Subject": "Another"}, "signature"),
        ({"Signature": "bm8="}, "signature"),
        ({"Signature": "é"}, "signature"),
        ({"SignatureVersion": "3"}, "algorithm"),
        ({"TopicArn": "arn:aws:sns:eu-west-1:999999999999:desk-alarms"}, "topic"),
        ({"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem"}, "certificate"),
        ({"SigningCertURL": PEM.replace("https", "http")}, "certificate"),
        ({"SigningCertURL": PEM.replace("eu-west-1", "us-east-1")}, "certificate"),
        ({"SigningCertURL": PEM.replace("sns.", "user@sns.")}, "certificate"),
        ({"SigningCertURL": PEM.replace(".com/", ".com:444/")}, "certificate"),
        ({"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/other.pem"}, "certificate"),
        ({"SigningCertURL": "https://[::1"}, "certificate"),
        ({"Type": "Greeting"}, "malformed"),
    ],
    ids=str,
)
async def test_what_is_not_signed_by_amazon_is_refused(
    door: Door, changed: dict[str, str], reason: str
) -> None:
    message = json.loads(sns_signed({**recorded("cloudwatch", "began"), "Timestamp": NOW})) | changed
    status, _ = await door.post(json.dumps(message).encode(), proved=False)
    assert (status, door.taken, door.checked) == (401, [], [reason])
    assert door.internet.asked == []


@pytest.mark.parametrize(
    ("minutes", "status"), [(64, 200), (66, 401), (-4, 200), (-6, 401)], ids=["64", "66", "-4", "-6"]
)
async def test_what_is_older_than_sns_tries_is_refused(door: Door, minutes: int, status: int) -> None:
    door.clock.move(minutes=minutes)
    assert await send(door, "began") == status


async def test_a_certificate_that_has_expired_is_refused(unknown: Door) -> None:
    unknown.internet.documents = {PEM: certificate(datetime(2026, 1, 1, tzinfo=UTC))}
    assert await send(unknown, "began") == 503
    await until(lambda: unknown.internet.asked, "the certificate")
    assert await send(unknown, "began") == 401


async def test_a_certificate_that_cannot_be_had_is_a_trouble_and_is_not_asked_for_all_the_time(
    unknown: Door,
) -> None:
    unknown.internet.documents.clear()
    assert await send(unknown, "began") == 503
    await until(unknown.source.trouble, "the trouble")
    assert "certificate of SNS" in (unknown.source.trouble() or "")
    assert await send(unknown, "began") == 503
    assert unknown.internet.asked == [PEM]


async def test_a_topic_that_is_named_is_confirmed_once(door: Door) -> None:
    for _ in range(2):
        assert await send(door, "confirmation") == 200
    await until(lambda: door.internet.asked, "the confirmation")
    assert [url.startswith(SUBSCRIBE) for url in door.internet.asked] == [True]


async def test_a_confirmation_that_comes_before_its_certificate_is_confirmed_all_the_same(
    unknown: Door,
) -> None:
    assert await send(unknown, "confirmation") == 503
    await until(lambda: len(unknown.internet.asked) == 2, "the confirmation")
    assert unknown.internet.asked[0] == PEM
    assert unknown.internet.asked[1].startswith(SUBSCRIBE)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/?Action=ConfirmSubscription&TopicArn=" + TOPIC,
        "https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic&TopicArn=" + TOPIC,
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:1:x",
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Action=X&TopicArn=" + TOPIC,
    ],
)
async def test_no_other_address_is_called(door: Door, url: str) -> None:
    assert await send(door, "confirmation", SubscribeURL=url) == 200
    assert await send(door, "began") == 200
    assert door.internet.asked == []


async def test_another_topic_is_not_confirmed(door: Door) -> None:
    other = "arn:aws:sns:eu-west-1:999999999999:desk-alarms"
    assert await send(door, "confirmation", TopicArn=other) == 401
    assert door.internet.asked == []


async def test_an_end_of_the_subscription_is_not_taken_back(door: Door) -> None:
    assert await send(door, "confirmation", Type="UnsubscribeConfirmation") == 200
    assert await send(door, "began") == 200
    assert door.internet.asked == []


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"Type": 1}', b"[" * 20_000])
async def test_what_is_no_message_is_refused(door: Door, body: Any) -> None:
    assert (await door.post(body, proved=False))[0] == 401


def test_every_topic_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_CLOUDWATCH_TOPICS", f"alarms, {TOPIC} arn:aws:sqs:eu-west-1:1:q")
    told = cloudwatch.mistakes(cloudwatch.Settings())
    assert [mistake.partition(" is no topic")[0][-1] for mistake in told] == ["1", "3"]
