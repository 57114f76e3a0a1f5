"""Looks at the content and at the embeddings, with the readers of `firstline check`."""

from collections.abc import Sequence

from bot.cli import reader
from bot.cli.content.check import embeddings_fault
from bot.cli.content.traffic import Assumption, assumption_of
from bot.cli.operate.doctor.storage import in_thread
from bot.cli.operate.parts import ServerParts
from bot.desk.knowledge.traffic import FEWEST
from bot.domain.diagnosis import Finding, Teller, error, ok, skipped, warning
from bot.server.content import content_of, library_of
from bot.server.settings import Settings

SHOWN = 5  # mistakes; `firstline check` shows them all
SECONDS = 60.0  # for thousands of articles


class ContentChecks:
    """Checks of the content, of how much is assumed to be asked in vain, and of the embeddings."""

    def __init__(self, settings: Settings, parts: ServerParts, tell: Teller) -> None:
        self._settings = settings
        self._tell = tell
        self._source = content_of(settings, parts.sources)

    async def look(self) -> Sequence[Finding]:
        """Load the content as a server would."""
        return await in_thread(self._load, SECONDS)

    def _load(self) -> list[Finding]:
        content = self._source.load()
        wrong = [problem for problem in content.problems if problem.error]
        if wrong:
            do = self._tell.say("doctor.content.correct")
            told = [error("content", reader.said(str(problem)), do) for problem in wrong[:SHOWN]]
            return [*told, *self._more(len(wrong) - SHOWN)]
        library = library_of(self._settings, self._source, at_once=True)
        library.load()
        counted = self._counted(len(content.articles), len(content.intents), len(content.problems))
        return [counted, self._traffic(assumption_of(self._settings, library))]

    def _traffic(self, found: Assumption) -> Finding:
        name, mix, questions = "content.traffic", found.traffic.mix, found.traffic.questions
        if self._settings.unanswered is not None:
            why = self._tell.say("doctor.traffic.fixed")
        elif found.learned:
            why = self._tell.say("doctor.traffic.learned", questions=questions)
        else:
            why = self._tell.say("doctor.traffic.assumed", fewest=FEWEST)
        shares = {"unanswered": f"{mix.unanswered:.0%}", "requests": f"{mix.requests:.0%}"}
        said = f"{self._tell.say('doctor.traffic', **shares)} {why}"
        if found.trouble:  # which is a finding of its own
            return skipped(name, said, self._tell.say("doctor.traffic.see"))
        return ok(name, said)

    async def embeddings(self) -> Sequence[Finding]:
        """Encode a text, as `firstline check` does, where a model or a service is set."""
        name = "embeddings"
        if self._settings.embeddings in ("", "none"):
            return [self._tell.skipped(name, "doctor.embeddings.none")]
        fault = await in_thread(lambda: embeddings_fault(self._settings), SECONDS)
        if fault is None:
            return [self._tell.ok(name, "doctor.embeddings.there")]
        say = warning if fault.passing else error
        return [say(name, reader.said(str(fault)), self._tell.say("doctor.embeddings.remedy"))]

    def _counted(self, articles: int, intents: int, warnings: int) -> Finding:
        if not articles and not intents:
            return self._tell.warning("content", "doctor.content.empty")
        name, key = "content", "doctor.content.loads"
        if not warnings:
            return self._tell.ok(name, key, articles=articles, intents=intents)
        seen = self._tell.say(key, articles=articles, intents=intents)
        many = self._tell.counted("doctor.content.warnings", warnings)
        return warning(name, f"{seen} {many}", self._tell.say("doctor.content.warnings.remedy"))

    def _more(self, count: int) -> list[Finding]:
        if count <= 0:
            return []
        key = "doctor.content.more.one" if count == 1 else "doctor.content.more"
        return [self._tell.error("content", key, remedy="doctor.content.more.remedy", count=count)]
