"""Renders the card, post or form that an outcome shows, for a platform that shows it in its own response."""

from bot.desk.cards.ticket_card import TicketCards
from bot.desk.outages.posts import OutagePosts
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.conversations.messages import Outcome, Reply, ShowOutage, ShowPost, ShowTicket


class Redraw:
    """Redraws of what was clicked in its current state, in a transaction that holds nobody up."""

    def __init__(self, begin: UnitsOfWork, cards: TicketCards, outage_posts: OutagePosts) -> None:
        self._begin = begin
        self._cards = cards
        self._outage_posts = outage_posts

    def card(self, outcome: Outcome) -> Reply | None:
        """Return the card, post or form that an outcome shows; None where it shows none."""
        if outcome.shows is None:
            return outcome.card
        with self._begin.reading() as work:
            match outcome.shows:
                case ShowPost(post_id):
                    post = work.outbox.read(post_id)
                    return post if post.blocks else None
                case ShowTicket(ticket_id):
                    ticket = work.tickets.get(ticket_id)
                    return self._cards.card(work, ticket) if ticket is not None else None
                case ShowOutage(token):
                    thing = work.outages.by_token(token) or work.outages.alert_by_token(token)
                    language = self._cards.language
                    return self._outage_posts.render(work, thing, language) if thing is not None else None
