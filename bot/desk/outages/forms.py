"""Builds the forms that start, edit and end an outage, and reads their inputs."""

from collections.abc import Iterable, Mapping, Sequence

from bot.desk.ports.button_actions import OUTAGE_EDIT, OUTAGE_END, OUTAGE_START
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Button, Field, Option, Reply
from bot.domain.secrets.masking import visible
from bot.domain.tickets.outage import LONGEST_NOTICE, LONGEST_TITLE, Outage
from bot.domain.tickets.relay import is_note

NEW = "new"  # the token of a form that begins an outage, and the option for it


class OutageForms:
    """Forms that start, edit and end an outage."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self.languages = wording.languages

    def start(
        self, language: str, action: str, token: str, *, title: str = "", others: Sequence[Outage] = ()
    ) -> Reply:
        """Build the form for a title and notices; with `others`, a live outage may be chosen instead.

        Where no ticket is behind it, the button carries the title: the form may open only when it is clicked.
        """
        fields = list(self._fields(language, title, {}, needed=not others))
        if others:
            options = [Option(NEW, self._wording.say(language, "form.outage.new"))]
            options += [Option(outage.token, outage.title) for outage in others]
            label = self._wording.say(language, "form.outage")
            fields.insert(0, Field("outage", label, multiline=False, options=tuple(options), initial=NEW))
        return self._form(
            language,
            action,
            token,
            "form.outage_start",
            fields,
            argument=title[:100] if action == OUTAGE_START else "",
        )

    def edit(self, language: str, outage: Outage) -> Reply:
        """Build the form with the title and the notices as they are."""
        fields = self._fields(language, outage.title, outage.notices, needed=True)
        return self._form(language, OUTAGE_EDIT, outage.token, "form.outage_edit", fields)

    def end(self, language: str, outage: Outage) -> Reply:
        """Build the form for the closing note to everybody on the outage."""
        label, hint = (self._wording.say(language, f"form.closing{part}") for part in ("", ".hint"))
        fields = [Field("note", label, hint=hint, required=False)]
        return self._form(language, OUTAGE_END, outage.token, "form.outage_end", fields)

    def _fields(
        self, language: str, title: str, notices: Mapping[str, str], *, needed: bool
    ) -> Sequence[Field]:
        fields = [
            Field(
                "title",
                self._wording.say(language, "form.outage.title"),
                hint=self._wording.say(language, "form.outage.title.hint"),
                multiline=False,
                required=needed,
                initial=title,
            )
        ]
        for code in self.languages:
            name = self._wording.language(language, code)
            label = self._wording.say(language, "form.notice", spoken=name)
            initial = notices.get(code, "")
            fields.append(Field(f"notice_{code}", label, required=False, initial=initial))
        return fields

    def _form(
        self,
        language: str,
        action: str,
        token: str,
        key: str,
        fields: Sequence[Field],
        *,
        argument: str = "",
    ) -> Reply:
        label = self._wording.say(language, f"send.{action}")
        send = Button(action, label, token, argument, style="primary", with_fields=True)
        return Reply((), (send,), tuple(fields), summary=self._wording.say(language, key), language=language)


def read_input(text: str, limit: int) -> str:
    """Read a text, cut to this many characters; return an empty one where nothing is visible."""
    return text.strip()[:limit] if visible(text) else ""


def has_note(inputs: Mapping[str, str]) -> bool:
    """Tell whether any input is marked as a note: notes reach no employee, here neither."""
    return any(is_note(text) for text in inputs.values())


def read_title(inputs: Mapping[str, str]) -> str:
    """Read the title, on one line."""
    return " ".join(read_input(inputs.get("title", ""), LONGEST_TITLE).split())


def read_notices(inputs: Mapping[str, str], languages: Iterable[str]) -> dict[str, str]:
    """Read the notice in each of these languages, empty where none was written."""
    return {
        language: read_input(inputs.get(f"notice_{language}", ""), LONGEST_NOTICE) for language in languages
    }
