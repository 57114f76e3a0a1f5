"""Several people who press at the same moment, and many who ask the same."""

import re
import threading
from collections.abc import Callable, Sequence

from bot.domain.conversations.messages import Addressed, Button, Click, Outcome
from bot.domain.errors import StorageBusy
from bot.domain.tickets.ticket import LIVE, Status, Ticket
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.unknown import UNKNOWN


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


def all_at_once(works: Sequence[Callable[[], object]]) -> None:
    """Do all of this at the same moment; what stood in another's way is done again, as a platform would."""
    start = threading.Barrier(len(works))
    failed: list[Exception] = []

    def do(work: Callable[[], object]) -> None:
        start.wait()
        while True:
            try:
                work()
            except StorageBusy:
                continue
            except Exception as error:  # noqa: BLE001  # told by the test: in a thread it is passed over
                failed.append(error)
            return

    threads = [threading.Thread(target=do, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def flood(helpdesk: Helpdesk, count: int, text: str = UNKNOWN, first: int = 0) -> None:
    """Let so many people ask the same, `p0` and on; then everything is settled and delivered."""
    for number in range(first, first + count):
        helpdesk.desk.intake.receive(helpdesk.utterance(f"p{number}", text))
    settled(helpdesk)


def settled(helpdesk: Helpdesk) -> None:
    """Do what the worker does until nothing is left, and deliver it."""
    desk = helpdesk.desk
    while any(
        (desk.outages.close_next_batch(), desk.outages.tell_next_joined(), desk.clusters.settle_next())
    ):
        pass
    helpdesk.deliver()


def shown(helpdesk: Helpdesk, space: str = "CROOM") -> list[str]:
    """The tickets whose cards a room shows, oldest card first."""
    found = [re.search(r"HELP-\d+", reply.summary) for reply in helpdesk.in_space(space) if reply.buttons]
    return [match.group() for match in found if match]


def lost(helpdesk: Helpdesk) -> list[str]:
    """The live tickets that nobody in the room sees: without a card, a lead's card and an outage."""
    with helpdesk.begin() as work:
        unseen = []
        for one in work.tickets.listed(LIVE, 1000):
            lead_id = work.clusters.lead_of(one.cluster_id) if one.cluster_id is not None else None
            lead = work.tickets.get(lead_id) if lead_id is not None else None
            stands_for_it = lead is not None and _stands(lead) and bool(work.tickets.cards(lead.id))
            if not (one.outage_id is not None or work.tickets.cards(one.id) or stands_for_it):
                unseen.append(one.reference)
    return unseen


def _stands(lead: Ticket) -> bool:
    return lead.status is Status.OPEN and lead.outage_id is None and lead.cluster_id is None
