"""A wrong press is found out by what others asked, and what is proposed is measured without itself."""

from dataclasses import replace

from bot.desk.knowledge.example_trial import ExampleTrial
from bot.domain.knowledge.content import Content, Intent
from bot.domain.knowledge.decision import Tolerance
from bot.domain.knowledge.proposal import Confirmation, ConfirmedQuestion, Held
from bot.matching.matcher import WordMatcher

PASSWORD = (
    "I forgot my password", "reset my password please", "my password has expired",
    "password does not work any more", "how do I change my password", "need a new password",
)  # fmt: skip
PRINTER = (
    "the printer is jammed", "printer out of paper", "printer prints blank pages",
    "cannot print on the second floor", "the printer shows an error", "add a printer to my laptop",
)  # fmt: skip
COFFEE = ("the coffee machine leaks", "no coffee beans left", "coffee tastes burnt")


def intent(name: str, *examples: str) -> Intent:
    return Intent(name, {"en": examples}, reply={"en": "Do this."})


CONTENT = Content(
    {},
    {
        one.id: one
        for one in (
            intent("password", *PASSWORD[:3]),
            intent("printer", *PRINTER[:3]),
            intent("coffee", *COFFEE),
        )
    },
    "few",
)


def questions(*texts: tuple[str, str]) -> list[ConfirmedQuestion]:
    return [
        ConfirmedQuestion(number, text, "en", target, number, Confirmation.CHOSEN)
        for number, (text, target) in enumerate(texts)
    ]


def trial() -> ExampleTrial:
    return ExampleTrial(CONTENT, WordMatcher, Tolerance(0.05), lambda _done, _of: None)


RIGHT = [*((text, "password") for text in PASSWORD[3:]), *((text, "printer") for text in PRINTER[3:])]
WRONG = ("my password was not accepted, reset my password", "coffee")


def test_what_others_contradict_is_held_back_and_the_rest_is_proposed() -> None:
    found = trial().run(questions(*RIGHT, WRONG))

    proposed = {(one.text, one.target) for proposal in found.proposals for one in proposal.examples}
    assert WRONG not in proposed
    assert proposed == set(RIGHT)
    assert found.held == {Held.DOUBTFUL: 1}


def test_two_people_who_agree_are_believed() -> None:
    asked = questions(*RIGHT, WRONG)
    asked[-1] = replace(asked[-1], people=2)
    proposed = {one.text for proposal in trial().run(asked).proposals for one in proposal.examples}
    assert WRONG[0] in proposed


def test_each_question_is_measured_by_a_content_without_it() -> None:
    # Each is answered at once as soon as it is itself an example; alone it can gain nothing.
    alone = trial().run(questions(("zyzzyva quokka", "coffee")))
    (proposal,) = alone.proposals
    assert (proposal.measure.asked, proposal.measure.gain, proposal.measure.taken) == (1, 0, 0)


def test_the_measure_tells_what_the_others_examples_bring() -> None:
    words = ("frobnicator wobbles", "wobbling frobnicator", "the frobnicator wobbles again")
    asked = questions(*((text, "coffee") for text in words))
    (proposal,) = trial().run(asked).proposals
    assert proposal.measure.asked == len(words)
    assert proposal.measure.gain > 0


def test_nothing_asked_is_nothing_proposed() -> None:
    assert trial().run([]).proposals == ()


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    asked = questions(*RIGHT)
    ExampleTrial(CONTENT, WordMatcher, Tolerance(0.05), lambda *at: told.append(at)).run(asked)
    assert told[-1] == (3 * len(asked), 3 * len(asked))
    assert [done for done, _ in told] == list(range(1, 3 * len(asked) + 1))
