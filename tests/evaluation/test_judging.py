from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import wording
from bot.desk.knowledge.library import Library
from bot.desk.knowledge.understanding import DeskPolicy, Understanding
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Match, MatchResult, Thresholds, Tolerance, without_asking
from bot.domain.knowledge.labelled_question import Question
from bot.evaluation.judging import MatchedQuestion, Outcome, ask, decision_on, judge
from bot.evaluation.report import predictions
from bot.evaluation.targets import Targets, nearest
from tests.support.evaluation.small_content import DESK, WrittenMatcher, article, asked, content, found

CUTS = Thresholds(0.75, 0.35)
TARGETS = Targets(DESK)


@pytest.mark.parametrize(
    ("one", "decision", "outcome"),
    [
        (asked("vpn", ("vpn", 0.9)), "answer", Outcome.RIGHT),
        (asked("tunnel", ("vpn", 0.9)), "answer", Outcome.RIGHT),
        (asked("vpn", ("printer", 0.9)), "answer", Outcome.WRONG),
        (asked(None, ("printer", 0.9)), "answer", Outcome.WRONG),
        (asked("vpn", ("printer", 0.5), ("vpn", 0.4)), "choose", Outcome.OFFERED),
        (asked("lunch", ("printer", 0.5), ("vpn", 0.4)), "choose", Outcome.MISOFFERED),
        (asked(None, ("printer", 0.5)), "choose", Outcome.MISOFFERED),
        (asked(None, ("printer", 0.1)), "escalate", Outcome.ESCALATED),
        (asked(None), "escalate", Outcome.ESCALATED),
        (asked("vpn", ("vpn", 0.1)), "escalate", Outcome.NEEDLESS),
        (asked("vpn", ("vpn", 0.9), vague=True), "escalate", Outcome.ASKED_BACK),
        (asked("person", ("person", 0.6), ("vpn", 0.1)), "escalate", Outcome.NEEDLESS),
        (asked("unheard-of", ("vpn", 0.9)), "answer", Outcome.WRONG),
        (asked("unheard-of"), "escalate", Outcome.NEEDLESS),
        (asked("laptop", ("laptop", 0.5)), "ticket", Outcome.OPENED),
        (asked(None, ("laptop", 0.9)), "ticket", Outcome.ESCALATED),
        (asked("vpn", ("laptop", 0.5), ("vpn", 0.4)), "choose", Outcome.OFFERED),
        (asked("vpn", ("laptop", 0.5), ("vpn", 0.2)), "ticket", Outcome.NEEDLESS),
        (asked("screen", ("laptop", 0.3), ("screen", 0.2)), "ticket", Outcome.NEEDLESS),
        (asked("laptop", ("vpn", 0.5), ("laptop", 0.4)), "choose", Outcome.OFFERED),
        (asked("laptop", ("vpn", 0.9)), "answer", Outcome.WRONG),
        (asked("laptop", ("laptop", 0.1)), "escalate", Outcome.NEEDLESS),
        (asked(None, ("joke", 0.9)), "none", Outcome.LEFT_ALONE),
        (asked("joke", ("joke", 0.9)), "none", Outcome.RIGHT),
        (asked("vpn", ("joke", 0.9)), "none", Outcome.WRONG),
        (asked(None, ("joke", 0.5)), "none", Outcome.LEFT_ALONE),
        (asked(None, ("joke", 0.3)), "escalate", Outcome.ESCALATED),
    ],
)
def test_every_question_has_an_outcome(one: MatchedQuestion, decision: str, outcome: Outcome) -> None:
    judged = judge(one, TARGETS, CUTS)

    assert (decision, outcome) == (judged.decision, judged.outcome)


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        (asked("vpn", ("vpn", 0.5)), Outcome.NEEDLESS),
        (asked(None, ("vpn", 0.5)), Outcome.ESCALATED),
        (asked("vpn", ("vpn", 0.9), vague=True), Outcome.NEEDLESS),
        (asked("vpn", ("vpn", 0.9)), Outcome.RIGHT),
        (asked("laptop", ("laptop", 0.5)), Outcome.OPENED),
    ],
)
def test_two_way_answers_or_escalates(one: MatchedQuestion, outcome: Outcome) -> None:
    judged = judge(one, TARGETS, CUTS, two_way=True)

    assert outcome is judged.outcome
    assert judged.offered == ()


MATCHES = st.lists(
    st.tuples(
        st.sampled_from(["vpn", "password", "lunch", "person", "joke", "laptop", "screen"]), st.floats(0, 1)
    ),
    max_size=5,
    unique_by=lambda pair: pair[0],
)


class OneContent:
    name = "one"

    def load(self) -> Content:
        return DESK

    async def changes(self) -> None:
        """It never changes."""


LIBRARY = Library(OneContent(), lambda *_: WrittenMatcher({}))
LIBRARY.load()
HEARING = Understanding(LIBRARY, wording.load(), DeskPolicy(Tolerance(0.05, CUTS.answer, CUTS.choose), "en"))


@given(MATCHES, st.booleans(), st.booleans())
def test_decisions_are_the_desk_s_own(pairs: list[tuple[str, float]], vague: bool, may_ask: bool) -> None:
    matches = sorted((Match(*pair) for pair in pairs), key=lambda match: -match.confidence)
    result = MatchResult(tuple(matches), vague=vague)

    decision = HEARING.decide(result)
    decided = decision if may_ask else without_asking(decision)
    assert decided == decision_on(result, TARGETS, CUTS, may_ask=may_ask)


def test_texts_are_cleaned_and_masked_as_in_the_chat() -> None:
    matcher = WrittenMatcher({})
    questions = [Question("pwd: hunter22\0 \ud800", None), Question("\u200b", None)]

    assert [one.result.best for one in ask(matcher, TARGETS, questions)] == [None, None]
    assert matcher.heard == ["pwd: ••• \ufffd"]


def test_a_command_comes_before_the_match() -> None:
    text = "I want to talk to a person"
    matcher = WrittenMatcher({text: found(("vpn", 0.9), ("person", 0.1))})

    (one,) = ask(matcher, TARGETS, [Question(text, "person")])
    assert [(m.target, m.confidence) for m in one.result.matches] == [("person", 1.0), ("vpn", 0.0)]
    assert Outcome.RIGHT is judge(one, TARGETS, CUTS).outcome

    (without,) = ask(matcher, Targets(content(article("vpn", "VPN"))), [Question(text, None)])
    assert Outcome.ESCALATED is judge(without, TARGETS, CUTS).outcome


def test_other_commands_count_where_the_content_has_them() -> None:
    matcher = WrittenMatcher({"my tickets": found(("vpn", 0.9))})

    (one,) = ask(matcher, TARGETS, [Question("my tickets", "vpn")])

    assert [match.target for match in one.result.matches] == ["vpn"]


def test_predictions_have_the_id_that_was_expected() -> None:
    one = judge(asked("tunnel", ("vpn", 0.5), ("printer", 0.3), text="la vpn \ud800"), TARGETS, CUTS)

    (line,) = predictions([one])

    assert line == (
        r'{"text": "la vpn \ud800", "expected": "tunnel", "decision": "choose", "predicted": "tunnel", '
        '"confidence": 0.5, "ranked": [["tunnel", 0.5], ["printer", 0.3]], "offered": ["tunnel", "printer"], '
        '"asked_back": false}'
    )


def test_predictions_name_the_first_candidate_of_what_was_escalated() -> None:
    lines = [
        *predictions([judge(asked(None, ("vpn", 0.1)), TARGETS, CUTS), judge(asked(None), TARGETS, CUTS)])
    ]

    assert '"decision": "escalate", "predicted": "vpn", "confidence": 0.1' in lines[0]
    assert '"decision": "escalate", "predicted": null, "confidence": 0.0, "ranked": []' in lines[1]


def test_predictions_name_the_kind_of_a_ticket() -> None:
    found = [asked("vpn", ("laptop", 0.5), ("vpn", 0.2)), asked(None, ("joke", 0.9))]
    ticket, remark = predictions([judge(one, TARGETS, CUTS) for one in found])

    assert '"decision": "ticket", "predicted": "laptop", "confidence": 0.5' in ticket
    assert '"decision": "none", "predicted": "joke", "confidence": 0.9' in remark


def test_unknown_ids_are_named_with_the_nearest() -> None:
    assert TARGETS.unknown(["zzz", "tunnel", None, "prnter"]) == [
        "'prnter' (did you mean 'printer'?)",
        "'zzz'",
    ]


def test_the_text_most_like_a_question_is_found() -> None:
    assert TARGETS.nearest("vpn", "the VPN was down") == "vpn is down"
    assert TARGETS.nearest("password", "i forgot my pwd again") == "forgot my pwd"
    assert TARGETS.nearest("password", "forgot my pwd") != "forgot my pwd"
    assert nearest("anything", []) == ""


def test_of_an_answer_the_answered_one_is_predicted() -> None:
    # The desk's own action is first, and not sure; what is left is.
    one = asked("vpn", ("person", 0.5), ("vpn", 0.45))

    judged = judge(one, TARGETS, replace(CUTS, answer=0.45, choose=0.3))

    assert (judged.decision, judged.predicted, judged.confidence) == ("answer", "vpn", 0.45)
