"""A strict fake of Slack: its Web API on a loopback port, and the side that sends signed requests."""

from tests.fakes.slack.blocks import markup_in, message_problems, view_problems
from tests.fakes.slack.sending import Answer
from tests.fakes.slack.server import SlackFake
from tests.fakes.slack.workspace import Failure, Workspace

__all__ = [
    "Answer",
    "Failure",
    "SlackFake",
    "Workspace",
    "markup_in",
    "message_problems",
    "view_problems",
]
