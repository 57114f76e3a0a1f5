"""Checks what SNS posts by its signature, and confirms the subscriptions of the topics that are named."""

import asyncio
import json
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import structlog
from aiohttp import web
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from bot.alerts.mapping import NotAnAlert, moment_of, parse
from bot.alerts.proofs import NotYet, Refused
from bot.desk.ports.alerts import AlertHost
from bot.runtime.network.fetching import NotFetched, fetch

log = structlog.get_logger()
NOTIFICATION, CONFIRMATION = "Notification", "SubscriptionConfirmation"
_KINDS = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_HASHES: Mapping[str, HashAlgorithm] = {"1": SHA1(), "2": SHA256()}  # noqa: S303  # SNS signs version 1 so
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{16,64}\.pem")
# SNS tries for one hour at most, and the clocks may differ by some minutes.
OLDEST, NEWEST = timedelta(minutes=65), timedelta(minutes=5)
MOST_CERTIFICATES = 16
AGAIN_SECONDS = 30.0  # after which a certificate is asked for again that could not be had
SECONDS_TO_STOP = 5.0


class SnsProof:
    """A signature with a certificate that only Amazon can publish, for a topic that is named."""

    def __init__(self, topics: tuple[str, ...], host: AlertHost) -> None:
        self._topics = frozenset(topics)
        self._clock = host.clock
        self._fetch = host.fetch or fetch
        self._certificates: dict[str, x509.Certificate] = {}
        self._asked: dict[str, float] = {}
        self._waiting: dict[str, Mapping[str, str]] = {}  # confirmations that came before their certificate
        self._confirmed: set[str] = set()  # by message
        self._tasks: set[asyncio.Task[None]] = set()
        self._fault = ""

    async def start(self) -> None:
        """Do nothing: a certificate is fetched when a message names it."""

    async def stop(self) -> None:
        """Let the calls that are on their way end, for some seconds."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=SECONDS_TO_STOP)
            for task in late:
                task.cancel()

    def trouble(self) -> str | None:
        """Why no certificate can be had, or a topic could not be confirmed."""
        return self._fault or None

    def check(self, request: web.Request, body: bytes) -> None:  # noqa: ARG002  # every proof is given both
        """Raise `Refused` or `NotYet` unless the message is Amazon's, of a topic of ours, and not old."""
        message = _message(body)
        region, domain = self._place(message)
        url = message.get("SigningCertURL", message.get("SigningCertUrl", ""))
        if not _is_amazons(url, region, domain) or not _CERTIFICATE.fullmatch(urlsplit(url).path):
            raise Refused("certificate")
        certificate = self._certificates.get(url)
        if certificate is None:
            if message["Type"] == CONFIRMATION:
                self._waiting[message["TopicArn"]] = message
            self._ask_for(url)
            raise NotYet
        self._verify(message, certificate)
        self._fault = ""
        if message["Type"] == CONFIRMATION:
            self._begin(self._confirm(message))
        elif message["Type"] != NOTIFICATION:
            log.warning(
                "alert_topic_unsubscribed",
                topic=message["TopicArn"],
                next_step="subscribe it again in SNS, if its alarms are still wanted",
            )

    def _place(self, message: Mapping[str, str]) -> tuple[str, str]:
        topic = message.get("TopicArn", "")
        if topic not in self._topics:
            raise Refused("topic")
        _, partition, _, region, *_ = topic.split(":")
        return region, "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"

    def _verify(self, message: Mapping[str, str], certificate: x509.Certificate) -> None:
        algorithm, key = _HASHES.get(message.get("SignatureVersion", "")), certificate.public_key()
        if algorithm is None or not isinstance(key, RSAPublicKey):
            raise Refused("algorithm")
        now = self._clock()
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Refused("certificate")
        signed = "".join(
            f"{name}\n{message[name]}\n" for name in _KINDS[message["Type"]] if name in message
        ).encode("utf-8", "replace")
        try:
            key.verify(b64decode(message.get("Signature", ""), validate=True), signed, PKCS1v15(), algorithm)
        except (InvalidSignature, NotBase64, ValueError):
            raise Refused("signature") from None
        sent_at = moment_of(message.get("Timestamp"))
        if sent_at is None or not now - OLDEST <= sent_at <= now + NEWEST:
            raise Refused("age")

    def _ask_for(self, url: str) -> None:
        asked = self._asked.get(url)
        if asked is not None and monotonic() - asked < AGAIN_SECONDS:
            return
        if len(self._asked) >= MOST_CERTIFICATES:  # Amazon has one or two at a time
            self._asked.pop(min(self._asked, key=self._asked.__getitem__))
        self._asked[url] = monotonic()
        self._begin(self._fetch_certificate(url))

    async def _fetch_certificate(self, url: str) -> None:
        try:
            certificate = x509.load_pem_x509_certificate(await self._fetch(url))
        except (NotFetched, ValueError) as error:
            self._fault = f"The certificate of SNS cannot be had ({_code(error)}); see that {url} is reached."
            log.warning(
                "alert_keys_unavailable", error=_code(error), next_step="see that the address is reached"
            )
            return
        self._fault = ""
        while len(self._certificates) >= MOST_CERTIFICATES:
            self._certificates.pop(next(iter(self._certificates)))
        self._certificates[url] = certificate
        for topic, message in list(self._waiting.items()):
            if message.get("SigningCertURL", message.get("SigningCertUrl")) == url:
                del self._waiting[topic]
                with suppress(Refused):
                    self._verify(message, certificate)
                    await self._confirm(message)

    async def _confirm(self, message: Mapping[str, str]) -> None:
        topic, url = message["TopicArn"], message.get("SubscribeURL", "")
        asks = parse_qs(urlsplit(url).query)
        ours = asks.get("Action") == ["ConfirmSubscription"] and asks.get("TopicArn") == [topic]
        if not _is_amazons(url, *self._place(message)) or not ours or message["MessageId"] in self._confirmed:
            return
        self._confirmed.add(message["MessageId"])
        try:
            await self._fetch(url)
        except NotFetched as error:
            self._confirmed.discard(message["MessageId"])
            self._fault = (
                f"The subscription of {topic} could not be confirmed ({_code(error)}); request it anew."
            )
            log.warning(
                "alert_topic_not_confirmed", topic=topic, error=_code(error), next_step="request it anew"
            )
            return
        log.info("alert_topic_confirmed", topic=topic)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _message(body: bytes) -> Mapping[str, str]:
    try:
        document = parse(body)
    except NotAnAlert:
        raise Refused("malformed") from None
    if not isinstance(document, dict):
        raise Refused("malformed")
    texts = {name: value for name, value in document.items() if isinstance(value, str)}
    if texts.get("Type") not in _KINDS or "MessageId" not in texts:
        raise Refused("malformed")
    return texts


def _is_amazons(url: str, region: str, domain: str) -> bool:
    """Whether an address is that of SNS in this region, and of nobody else."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.netloc == f"sns.{region}.{domain}"
    except ValueError:
        return False


def _code(error: Exception) -> str:
    return str(error) if isinstance(error, NotFetched) else type(error).__name__


def alarm_of(document: Any) -> Any:
    """The alarm in a notification, with its address in the console; None for what is no notification."""
    if not isinstance(document, dict) or document.get("Type") != NOTIFICATION:
        return None
    try:
        alarm = json.loads(document.get("Message", ""))
    except (ValueError, TypeError, RecursionError):
        return {}
    if not isinstance(alarm, dict):
        return {}
    arn, name = alarm.get("AlarmArn"), alarm.get("AlarmName")
    if isinstance(arn, str) and isinstance(name, str) and re.match(r"arn:aws:cloudwatch:[a-z0-9-]+:", arn):
        region = arn.split(":")[3]
        alarm["ConsoleAddress"] = (
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#alarmsV2:alarm/"
            f"{quote(name, safe='')}"
        )
    return alarm
