"""Parses an intent, or examples that are added to one: a YAML file."""

from collections.abc import Mapping

from bot.domain.knowledge.content import AddedExamples, Draft, Intent, ServiceRequest
from bot.knowledge.articles import LANGUAGE, web_address
from bot.knowledge.yaml_reading import Page, Value, parse, suggestion

KEYS = (
    "intent",
    "article",
    "reply",
    "action",
    "opens",
    "name",
    "next",
    "link",
    "priority",
    "queue",
    "always_person",
    "asks",
    "examples",
)
ADDED_KEYS = ("adds_to", "examples")
ANSWERS = ("article", "reply", "action", "opens")
OF_REQUESTS = ("name", "next", "link")  # keys that only a service request has
ACTIONS = frozenset(
    "greeting thanks goodbye capabilities remark person my_tickets cancel_ticket solved not_solved".split()
)
LANGUAGES = ("en", "es")  # the ones that the bot itself speaks
PRIORITIES = ("low", "normal", "high", "urgent")


def read_intent(page: Page, text: str) -> Draft[Intent] | Draft[AddedExamples] | None:
    """Parse one file; None when nothing of it can be used. Problems are noted on the page."""
    parsed = parse(page, text)
    if parsed is None:
        return None
    values = parsed.known((*KEYS, "adds_to"))
    if "adds_to" in values:
        return _added_examples(page, values)
    if "intent" not in values:
        page.error(parsed.line, "the intent has no id; add 'intent: <id>'")
        return None
    name = values["intent"].text("intent")
    answers = [key for key in values if key in ANSWERS]
    if name is None or not _has_one_answer(page, values, answers):
        return None
    intent = Intent(
        id=name,
        examples=_examples(page, values),
        article=values["article"].text("article") if "article" in values else None,
        reply=_texts(values.get("reply"), "reply"),
        action=_choice(values.get("action"), "action", ACTIONS),
        priority=_choice(values.get("priority"), "priority", PRIORITIES),
        queue=values["queue"].text("queue") if "queue" in values else None,
        always_person=values["always_person"].boolean("always_person")
        if "always_person" in values
        else False,
        asks=_lists(values["asks"], "asks") if "asks" in values else {},
        opens=_service_request(page, values),
    )
    if not (intent.article or intent.reply or intent.action or intent.opens):
        return None  # the problem is noted
    return Draft(intent, page.file, {key: value.line for key, value in values.items()})


def _added_examples(page: Page, values: Mapping[str, Value]) -> Draft[AddedExamples] | None:
    for key, value in values.items():
        if key not in ADDED_KEYS:
            page.error(value.line, f"what has 'adds_to' has examples alone; remove '{key}'")
    name = values["adds_to"].text("adds_to")
    added = AddedExamples(name or "", _examples(page, {"intent": values["adds_to"], **values}))
    return Draft(added, page.file, {key: value.line for key, value in values.items()}) if name else None


def _has_one_answer(page: Page, values: Mapping[str, Value], answers: list[str]) -> bool:
    if len(answers) > 1:
        line = values[answers[1]].line
        allowed = ", ".join(ANSWERS)
        page.error(line, f"an intent has one of {allowed}; this one has {' and '.join(answers)}")
    elif not answers:
        page.error(
            values["intent"].line, "the intent says no answer; add one of article, reply, action or opens"
        )
    return len(answers) == 1


def _service_request(page: Page, values: Mapping[str, Value]) -> ServiceRequest | None:
    if "opens" not in values:
        for key in OF_REQUESTS:
            if key in values:
                page.error(values[key].line, f"only an intent with 'opens: ticket' has '{key}'; remove it")
        return None
    opens, named = _choice(values["opens"], "opens", ("ticket",)), values.get("name")
    if opens and (named is None or (named.is_mapping and not named.node.value)):
        line = (named or values["opens"]).line
        page.error(line, "what opens a ticket needs a name; write 'name:' with 'en:' and 'es:' below it")
    name = _texts(named, "name")
    next_step = _texts(values.get("next"), "next")
    link = web_address(values.get("link"), "link")
    return ServiceRequest(name, next_step or {}, link) if opens and name else None


def _choice(value: Value | None, name: str, allowed: frozenset[str] | tuple[str, ...]) -> str | None:
    written = value.text(name) if value else None
    if value is None or written is None:
        return None
    if written in allowed:
        return written
    value.page.error(value.line, f"unknown {name} '{written}'{suggestion(written, allowed)}")
    return None


def _texts(value: Value | None, name: str) -> Mapping[str, str] | None:
    if value is None:
        return None
    if not value.is_mapping:
        text = value.text(name)
        return dict.fromkeys(LANGUAGES, text) if text else None  # one text is for everybody
    texts = {key: entry.text(f"{name} in {key}") for key, entry in _by_language(value, name)}
    return {key: text for key, text in texts.items() if text} or None


def _by_language(value: Value, name: str) -> list[tuple[str, Value]]:
    entries = []
    for key, line, entry in value.pairs():
        if LANGUAGE.fullmatch(key):
            entries.append((key.lower(), entry))
        else:
            value.page.error(line, f"'{key}' is no language code; write {name} as 'en: ...' and 'es: ...'")
    return entries


def _lists(value: Value, name: str) -> dict[str, tuple[str, ...]]:
    if not value.is_mapping:
        value.page.error(
            value.line, f"{name} must say its languages: 'en:' with a list below, 'es:' with one"
        )
        return {}
    return {
        key: tuple(text for _, text in entry.items(f"{name} in {key}"))
        for key, entry in _by_language(value, name)
    }


def _examples(page: Page, values: Mapping[str, Value]) -> dict[str, tuple[str, ...]]:
    value = values.get("examples")
    examples = _lists(value, "examples") if value and not value.empty else {}
    if value is None or value.empty or (value.is_mapping and not any(examples.values())):
        line = (value or values["intent"]).line
        page.warn(
            line, "the intent has no examples; add what people write, in each language, under 'examples'"
        )
    return {key: texts for key, texts in examples.items() if texts}
