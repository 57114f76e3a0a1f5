"""The alerts of Amazon CloudWatch: a topic of SNS posts them, signed with Amazon's certificate."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field
from pydantic_settings import BaseSettings

from bot.alerts.vendor import LONGEST_MINUTES, reading

if TYPE_CHECKING:
    from bot.desk.ports.alerts import AlertHost, AlertSource
    from bot.domain.diagnosis import DoctorHost, Examination

TITLE = "CloudWatch"
PREFIX = "FIRSTLINE_CLOUDWATCH_"
_TOPIC = re.compile(r"arn:aws(-cn|-us-gov)?:sns:[a-z0-9-]{5,30}:\d{12}:[A-Za-z0-9_-]{1,256}")


class Settings(BaseSettings):
    """The topics whose alarms are taken; no other is confirmed or believed."""

    model_config = reading(PREFIX)

    topics: str = ""
    minutes: int = Field(default=0, ge=0, le=LONGEST_MINUTES)


def topics_of(settings: Settings) -> tuple[str, ...]:
    """The topics by their ARNs."""
    return tuple(re.split(r"[\s,]+", settings.topics.strip(", \t\r\n"))) if settings.topics.strip() else ()


def configured(settings: Settings, *, demo: bool) -> bool:  # noqa: ARG001  # every plugin has this function
    """Whether alarms are to be taken: where a topic is named."""
    return bool(topics_of(settings))


def mistakes(settings: Settings) -> list[str]:
    """The mistakes in the settings, as sentences for the operator."""
    wrong = [place for place, topic in enumerate(topics_of(settings), 1) if not _TOPIC.fullmatch(topic)]
    return [
        f"{PREFIX}TOPICS: entry {place} is no topic; copy its ARN from SNS, such as "
        "arn:aws:sns:eu-west-1:123456789012:alarms."
        for place in wrong
    ]


def build(settings: Settings, host: "AlertHost") -> "AlertSource":
    """Make the alert source."""
    from bot.alerts.cloudwatch.sns import SnsProof, alarm_of
    from bot.alerts.mapping import AlertReader, table_in
    from bot.alerts.receiver import Receiver

    folder = Path(__file__).parent
    reader = AlertReader(table_in(folder / "mapping.toml"), settings.minutes, alarm_of)
    return Receiver(folder.name, TITLE, SnsProof(topics_of(settings), host), reader, host)


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":  # noqa: ARG001  # every plugin's takes both
    """The checks for `firstline doctor`."""
    from bot.alerts.examination import System, examination

    return examination(System(Path(__file__).parent.name, TITLE, PREFIX), host)
