"""A strict fake of Slack: its Web API on a loopback port, and the side that sends signed requests."""

from tests.support.fakes.slack.blocks import markup_in, message_problems, view_problems
from tests.support.fakes.slack.parts import pressable
from tests.support.fakes.slack.sending import Answer
from tests.support.fakes.slack.server import SlackFake
from tests.support.fakes.slack.workspace import Failure, Workspace

__all__ = [
    "Answer",
    "Failure",
    "SlackFake",
    "Workspace",
    "markup_in",
    "message_problems",
    "pressable",
    "view_problems",
]
