"""Sends canned responses: an engineer picks or searches one, edits it, and sends it to the employee."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.knowledge.library import Library
from bot.desk.ports.button_actions import CANNED
from bot.desk.relay.relay import Relay
from bot.desk.tickets.action_responses import ActionResponses
from bot.domain.conversations.messages import Button, Click, Field, Line, Option, Outcome, OutcomeKind, Reply
from bot.domain.tickets.canned_response import CannedResponse, find_canned_responses, pick_version
from bot.domain.tickets.ticket import Status, Ticket

SEND = "send"
PICK = "pick:"  # followed by the text of the search
MOST_OPTIONS = 100  # no platform lists more: a search finds the others
LONGEST_SEARCH = 80  # characters


class CannedResponses:
    """Canned responses in two forms: one to pick, one to edit; each form's button carries the state."""

    def __init__(self, library: Library, relay: Relay, responses: ActionResponses) -> None:
        self._library = library
        self._relay = relay
        self._responses = responses

    def click(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Show a form, or send what was filled in."""
        if ticket.status is not Status.CLAIMED or not ticket.is_assigned_to(context.person):
            return self._responses.conflict(context, ticket, CANNED)
        if click.inputs is None:
            return self._pick(context, ticket, "")
        if click.argument == SEND:
            return self._send(context, ticket, click.inputs.get("text", ""))
        return self._picked(context, ticket, click.inputs, click.argument.removeprefix(PICK))

    def _picked(
        self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], last_search: str
    ) -> Outcome:
        search = inputs.get("search", "").strip()[:LONGEST_SEARCH]
        versions = self._library.snapshot.content.replies.get(inputs.get("reply", ""))
        if versions is not None and search in ("", last_search):
            return self._text(context, ticket, versions)
        if not search:
            return replace(self._pick(context, ticket, ""), notice=context.reply(context.say("canned.pick")))
        hits = self._found(context, ticket, search)
        if len(hits) == 1:
            return self._text(context, ticket, self._library.snapshot.content.replies[hits[0].id])
        return self._pick(context, ticket, search, notice_key="canned.hits" if hits else "canned.no_hits")

    def _pick(self, context: RequestContext, ticket: Ticket, search: str, *, notice_key: str = "") -> Outcome:
        hits = self._found(context, ticket, search)
        offered = hits or self._found(context, ticket, "")
        if not offered:
            return self._responses.invalid(context, ticket, "canned.none")
        pick = Field(
            "reply",
            context.say("canned.reply"),
            required=False,
            options=tuple(Option(one.id, one.title) for one in offered[:MOST_OPTIONS]),
            initial=hits[0].id if search and hits else "",
        )
        label, hint = context.say("canned.search"), context.say("canned.search.hint")
        search_field = Field("search", label, hint=hint, multiline=False, required=False, initial=search)
        lines = (Line(context.say(notice_key, count=len(hits), search=search)),) if notice_key else ()
        return self._form(context, ticket, lines, (pick, search_field), "button.canned.pick", PICK + search)

    def _text(
        self, context: RequestContext, ticket: Ticket, versions: Mapping[str, CannedResponse]
    ) -> Outcome:
        language = context.work.episodes.get(ticket.episode_id).language
        values = {
            "requester": ticket.requester.name,
            "ticket": ticket.reference,
            "engineer": context.person.name,
        }
        text = pick_version(versions, language).fill(values)
        label = context.say("canned.text", requester=ticket.requester.name)
        return self._form(
            context, ticket, (), (Field("text", label, initial=text),), "button.canned.send", SEND
        )

    def _send(self, context: RequestContext, ticket: Ticket, text: str) -> Outcome:
        refusal = self._relay.refusal_key(context, ticket, text)
        if refusal:
            return self._responses.invalid(context, ticket, refusal)
        self._relay.send(context, ticket, text)
        return self._responses.success(context, ticket, "masked.note" if context.utterance.masked else "")

    def _found(self, context: RequestContext, ticket: Ticket, search: str) -> Sequence[CannedResponse]:
        return find_canned_responses(
            self._library.snapshot.content.replies, context.language, ticket.queue, search
        )

    def _form(
        self,
        context: RequestContext,
        ticket: Ticket,
        lines: tuple[Line, ...],
        fields: tuple[Field, ...],
        label: str,
        argument: str,
    ) -> Outcome:
        send = Button(CANNED, context.say(label), ticket.token, argument, style="primary", with_fields=True)
        title = context.say("form.canned", ticket=ticket.reference)
        card = Reply(lines, (send,), fields, summary=title, language=context.language)
        return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=card)
