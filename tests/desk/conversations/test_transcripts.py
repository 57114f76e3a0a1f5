"""What the documentation says of conversations is what the desk does."""

import pytest

from tests.support.days.transcripts import Player, transcripts
from tests.support.desk.helpdesk import Helpdesk
from tests.support.paths import ROOT

TRANSCRIPTS = transcripts(ROOT / "docs" / "conversations.md")


def test_there_are_conversations_in_both_languages() -> None:
    assert len(TRANSCRIPTS) >= 8
    assert any("vale" in lines for _, lines in TRANSCRIPTS)


@pytest.mark.parametrize(("where", "lines"), TRANSCRIPTS, ids=[lines[:40] for _, lines in TRANSCRIPTS])
def test_a_conversation_goes_as_it_is_written(helpdesk: Helpdesk, where: str, lines: str) -> None:
    player = Player(helpdesk, where)
    for line in lines.splitlines():
        player.play(line)
