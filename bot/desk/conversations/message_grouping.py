"""What a person says in one breath, line by line: one text, one matter."""

from dataclasses import replace

from bot.desk.context import Turn
from bot.desk.knowledge.understanding import Heard, Hearing
from bot.domain.conversations.episode import Episode
from bot.domain.knowledge.content import Answer

FRAGMENT = 3  # words: what is no longer may be a part of the sentence before it


class Breath:
    """Puts lines together in the order in which they were said."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing

    def joined(self, turn: Turn, episode: Episode, heard: Heard) -> Episode:
        """The episode with one more line in its question, in the order in which the lines were said."""
        later = ""
        if turn.at < episode.last_at:  # what was said after it was faster
            later = "\n".join(turn.work.episodes.said_after(episode.id, turn.at)).strip()
        before = episode.question.removesuffix(later) if later else episode.question
        lines = (before.strip(), words_of(turn, heard), later if len(before) < len(episode.question) else "")
        question = "\n".join(line for line in lines if line)
        joined = replace(episode, question=question, language=turn.language)
        turn.work.episodes.reword(joined)
        return joined

    def same_matter(self, turn: Turn, episode: Episode, heard: Heard, tried: list[str]) -> bool:
        """Whether this only goes on with a sentence that has been answered already."""
        finding = heard.finding
        whole = finding.asks or len(heard.text.split()) > FRAGMENT
        if heard.empty or whole or finding.vague or not self.holds(turn, episode):
            return False
        decision = self._hearing.decision(
            self._hearing.again(f"{episode.question}\n{heard.text}", turn.language)
        )
        return isinstance(decision, Answer) and decision.match.target in tried

    def holds(self, turn: Turn, episode: Episode) -> bool:
        """Whether this was said within two minutes of the person's last word."""
        return turn.at - episode.last_at <= self._hearing.habits.one_breath


def words_of(turn: Turn, heard: Heard) -> str:
    """What was said, with a line for its files."""
    files = f"\n📎 {turn.utterance.files}" if turn.utterance.files else ""
    return f"{heard.text}{files}".strip()
