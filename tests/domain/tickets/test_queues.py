"""Which queue takes a new ticket."""

import pytest

from bot.domain.tickets.queues import Queue, Queues

QUEUES = Queues(
    {
        "it": Queue("it"),
        "network": Queue("network"),
        "acme": Queue("acme", workspaces=frozenset({"slack:T1"})),
        "payroll": Queue("payroll", workspaces=frozenset({"slack:T1", "slack:T2"})),
    },
    "it",
)


@pytest.mark.parametrize(
    ("name", "workspace", "queue"),
    [
        ("", "slack:T9", "it"),
        ("network", "slack:T9", "network"),
        ("payroll", "slack:T9", "it"),
        ("gone", "slack:T9", "it"),
        ("", "web:", "it"),
        ("", "slack:T1", "acme"),
        ("payroll", "slack:T1", "payroll"),
        ("network", "slack:T1", "acme"),
        ("it", "slack:T2", "payroll"),
    ],
)
def test_a_workspace_that_queues_name_has_these_alone(name: str, workspace: str, queue: str) -> None:
    assert QUEUES.route(name, workspace).id == queue
