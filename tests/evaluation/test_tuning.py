from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.decision import Thresholds
from bot.evaluation.env_file import EnvNotWritten, edited, write_settings
from bot.evaluation.judging import MatchedQuestion, Outcome, judge
from bot.evaluation.metrics import figures
from bot.evaluation.targets import Targets
from bot.evaluation.tuning import Gain, best_answer, best_choice, gain, propose, table_of
from tests.support.evaluation.small_content import DESK, asked

TARGETS = Targets(DESK)
IDS = ["vpn", "password", "lunch", "person", "joke", "laptop", "screen"]
SURE = st.floats(0, 1).map(lambda value: round(value, 2))


@st.composite
def any_asked(draw: st.DrawFn) -> MatchedQuestion:
    names = draw(st.lists(st.sampled_from(IDS), max_size=5, unique=True))
    sure = sorted((draw(SURE) for _ in names), reverse=True)
    right = draw(st.none() | st.sampled_from(IDS))
    return asked(right, *zip(names, sure, strict=True), vague=draw(st.integers(0, 9)) == 0)


@given(st.lists(any_asked(), max_size=8), SURE, SURE)
def test_gains_are_what_judging_counts(questions: list[MatchedQuestion], one: float, other: float) -> None:
    thresholds = Thresholds(max(one, other), min(one, other))

    counted = figures([judge(question, TARGETS, thresholds) for question in questions]).outcomes
    found = gain(table_of(questions, TARGETS), thresholds)

    assert found == Gain(
        counted[Outcome.RIGHT],
        counted[Outcome.WRONG],
        counted[Outcome.OFFERED],
        counted[Outcome.MISOFFERED],
        counted[Outcome.NEEDLESS],
        counted[Outcome.ESCALATED],
        counted[Outcome.OPENED],
    )


def several(number: int, right: str | None, *matches: tuple[str, float]) -> list[MatchedQuestion]:
    return [asked(right, *matches, text=f"{right} {matches} {place}") for place in range(number)]


# Sure answers are right from 0.6 on; choices help from 0.25 + 0.2 on.
QUESTIONS = [
    *several(60, "vpn", ("vpn", 0.9)),
    *several(60, "vpn", ("vpn", 0.6)),
    *several(30, None, ("vpn", 0.5)),
    *several(40, "printer", ("vpn", 0.25), ("printer", 0.2)),
    *several(40, None, ("vpn", 0.1)),
]


def test_the_cuts_follow_the_questions() -> None:
    proposal = propose(QUESTIONS, TARGETS, Thresholds(0.75, 0.5), 0.05)

    assert proposal.thresholds == Thresholds(0.6, 0.45)
    assert proposal.now == Gain(60, 0, 60, 30, 40, 40)
    assert proposal.answer_only == Gain(120, 0, 0, 30, 40, 40)
    assert proposal.both == Gain(120, 0, 40, 30, 0, 40)
    assert proposal.better


def test_cuts_that_answer_too_much_are_raised() -> None:
    proposal = propose(QUESTIONS, TARGETS, Thresholds(0.5, 0.35), 0.05)

    assert proposal.now.wrong == 30
    assert (proposal.thresholds.answer, proposal.both.wrong) == (0.6, 0)
    assert proposal.better


def test_good_cuts_are_kept() -> None:
    assert not propose(QUESTIONS, TARGETS, Thresholds(0.6, 0.25), 0.05).better


def test_a_cut_that_gains_nothing_stays() -> None:
    sure = [*several(30, "vpn", ("vpn", 0.995)), *several(30, None, ("vpn", 0.6))]
    proposal = propose(sure, TARGETS, Thresholds(0.835, 0.5), 0.05)
    assert proposal.answer_only.right == proposal.now.right
    assert proposal.thresholds.answer == 0.84  # as now, and not 0.99
    assert proposal.both.misoffered == 0
    useful = several(30, "printer", ("vpn", 0.3), ("printer", 0.25))
    assert propose(useful, TARGETS, Thresholds(0.835, 0.35), 0.05).thresholds == Thresholds(0.84, 0.35)


def test_where_no_cut_keeps_the_limit_the_least_wrong_is_taken() -> None:
    table = table_of(
        [
            *several(5, "vpn", ("printer", 0.9)),
            *several(5, "vpn", ("vpn", 0.8)),
            *several(5, "vpn", ("lunch", 0.5)),
        ],
        TARGETS,
    )

    assert (
        best_answer(table, Thresholds(0.75, 0.35), 0.01).answer == 0.99
    )  # nothing is answered, so nothing wrongly


def test_tickets_of_the_right_kind_are_worth_as_much_as_choices() -> None:
    asked_for = [*several(20, "laptop", ("laptop", 0.4)), *several(20, None, ("vpn", 0.2), ("screen", 0.1))]

    assert best_choice(table_of(asked_for, TARGETS), Thresholds(0.8, 0.6)).choose == 0.4


def test_a_choice_that_never_helps_is_not_offered() -> None:
    table = table_of(several(10, None, ("vpn", 0.5)), TARGETS)

    assert best_choice(table, Thresholds(0.8, 0.35)).choose > 0.5


def test_few_questions_are_no_obstacle() -> None:
    assert propose([asked("vpn", ("vpn", 0.5))], TARGETS, Thresholds(), 0.05).now.offered == 1
    assert propose([asked(None)], TARGETS, Thresholds(), 0.05).now.escalated == 1


NEW = {"FIRSTLINE_ANSWER_FROM": "0.62", "FIRSTLINE_CHOOSE_FROM": "0.20"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "FIRSTLINE_ANSWER_FROM=0.62\nFIRSTLINE_CHOOSE_FROM=0.20\n"),
        ("A=1", "A=1\nFIRSTLINE_ANSWER_FROM=0.62\nFIRSTLINE_CHOOSE_FROM=0.20\n"),
        (
            "# c\r\nfirstline_answer_from = '0.8' # sure\r\n\r\nFIRSTLINE_CHOOSE_FROM=0.1\r\nA=\u2028b\r\n",
            "# c\r\nfirstline_answer_from = 0.62 # sure\r\n\r\nFIRSTLINE_CHOOSE_FROM=0.20\r\nA=\u2028b\r\n",
        ),
        (
            "export FIRSTLINE_ANSWER_FROM=1\n#FIRSTLINE_CHOOSE_FROM=0.3\nFIRSTLINE_ANSWER_FROM=0.9\n",
            "export FIRSTLINE_ANSWER_FROM=1\n#FIRSTLINE_CHOOSE_FROM=0.3\nFIRSTLINE_ANSWER_FROM=0.62\n"
            "FIRSTLINE_CHOOSE_FROM=0.20\n",
        ),
        (
            "\ufeffFIRSTLINE_ANSWER_FROM=1\nFIRSTLINE_CHOOSE_FROM=0.1",
            "\ufeffFIRSTLINE_ANSWER_FROM=0.62\nFIRSTLINE_CHOOSE_FROM=0.20",
        ),
    ],
)
def test_only_the_lines_of_the_settings_change(before: str, after: str) -> None:
    assert edited(before, NEW) == after
    assert edited(after, NEW) == after


def test_the_file_keeps_its_rights_and_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.env", tmp_path / ".env"
    real.write_bytes(b"SECRET=x\r\n")
    real.chmod(0o640)
    link.symlink_to(real)

    write_settings(link, {"FIRSTLINE_ANSWER_FROM": "0.5"})

    assert real.read_bytes() == b"SECRET=x\r\nFIRSTLINE_ANSWER_FROM=0.5\r\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "real.env"]


def test_a_new_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    write_settings(tmp_path / ".env", NEW)

    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvNotWritten, match="cannot be written"):
        write_settings(tmp_path / "none" / ".env", NEW)
    (tmp_path / "latin.env").write_bytes(b"A=\xe9")
    with pytest.raises(EnvNotWritten, match="not UTF-8"):
        write_settings(tmp_path / "latin.env", NEW)
