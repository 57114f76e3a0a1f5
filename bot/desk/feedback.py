"""After a resolution: it is told, with the question how it went, and with a way back."""

from dataclasses import replace

from bot.desk.ports import Wording
from bot.desk.stores import UnitOfWork
from bot.desk.turn import Turn
from bot.domain.conversation import Block, Button, Line, Quote, Reply
from bot.domain.ticket import Ticket


class Feedback:
    """Posts the resolution to the requester, and keeps that post true."""

    def __init__(self, wording: Wording) -> None:
        self._say = wording.say

    def told(self, turn: Turn, ticket: Ticket, note: str) -> None:
        """Tell the requester of the resolution."""
        language = turn.work.episodes.get(ticket.episode_id).language
        text = self._say(language, "told.resolved", name=turn.person.name, ticket=ticket.reference)
        blocks: list[Block] = [Line(text)]
        if note:
            blocks.append(Quote(note))
        buttons = (self._back(ticket, language),)
        reply = Reply(tuple(blocks), buttons, summary=text, language=language)
        conversation_id = turn.work.episodes.get(ticket.episode_id).conversation_id
        post_id = turn.work.outbox.say(conversation_id, reply, turn.at, ticket_id=ticket.id)
        turn.work.ratings.ask(ticket.id, post_id, turn.at)

    def closed(self, turn: Turn, ticket: Ticket) -> None:
        """Take the buttons off the post that told the last resolution: it no longer holds."""
        rating = turn.work.ratings.newest(ticket.id)
        if rating is None:
            return
        post = turn.work.outbox.read(rating.post_id)
        if post.buttons:
            text = self._say(post.language, "press.came_back")
            shown = replace(post, buttons=(), fields=(), blocks=(*post.blocks, Line(text)))
            turn.work.outbox.revise(rating.post_id, shown, turn.at)

    def shown(self, work: UnitOfWork, ticket: Ticket) -> Reply | None:
        """The post that told the last resolution, as it is now."""
        rating = work.ratings.newest(ticket.id)
        return work.outbox.read(rating.post_id) if rating is not None else None

    def _back(self, ticket: Ticket, language: str) -> Button:
        return Button("came_back", self._say(language, "button.came_back"), ticket.token)
