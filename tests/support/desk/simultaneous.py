"""Several people who press at the same moment."""

import threading

from bot.domain.conversations.messages import Addressed, Button, Click, Outcome
from tests.support.desk.helpdesk import ROOM, Helpdesk


def at_once(helpdesk: Helpdesk, clicks: list[tuple[str, Click]]) -> list[Outcome]:
    """Let these people press at the same moment."""
    utterances = [
        helpdesk.utterance(who, click=click, addressed=Addressed.CLICK, conversation=ROOM)
        for who, click in clicks
    ]
    start = threading.Barrier(len(utterances))
    outcomes: dict[int, Outcome] = {}

    def receive(index: int) -> None:
        start.wait()
        outcomes[index] = helpdesk.desk.intake.receive(utterances[index])

    threads = [threading.Thread(target=receive, args=(index,)) for index in range(len(utterances))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    helpdesk.deliver()
    return [outcomes[index] for index in range(len(utterances))]


def press_of(button: Button, **inputs: str) -> Click:
    """A press of this button, with what is filled in."""
    return Click(button.action, button.token, button.argument, inputs)
