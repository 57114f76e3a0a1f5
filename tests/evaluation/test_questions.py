import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.labelled_question import Question
from bot.evaluation.questions import QuestionsInvalid, read_questions, read_texts, repeated


def written(folder: Path, data: bytes | str) -> Path:
    path = folder / "questions.jsonl"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    data = (
        b'\xef\xbb\xbf{"text": "a", "expected": "x", "lang": "en"}\r\n\r\n{"text": "b", "expected": null}\r\n'
    )

    questions = read_questions(written(tmp_path, data))

    assert [Question("a", "x", "en", 1), Question("b", None, "", 3)] == questions


def test_a_line_separator_inside_a_text_is_no_end_of_line(tmp_path: Path) -> None:
    path = written(tmp_path, '{"text": "a\u2028b\u0085c", "expected": null}')

    assert [question.text for question in read_questions(path)] == ["a\u2028b\u0085c"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("[1]", "this is not an object"),
        ('{"expected": "x"}', '"text" must be the question'),
        ('{"text": "  ", "expected": "x"}', '"text" must be the question'),
        ('{"text": 3, "expected": "x"}', '"text" must be the question'),
        ('{"text": "a"}', '"expected" is missing'),
        ('{"text": "a", "expected": 3}', '"expected" must be an id'),
        ('{"text": "a", "expected": ""}', '"expected" must be an id'),
        ('{"text": "a", "expected": null, "lang": 1}', '"lang" must be'),
    ],
)
def test_a_bad_line_is_named_with_what_to_do(tmp_path: Path, line: str, said: str) -> None:
    path = written(tmp_path, f'{{"text": "fine", "expected": null}}\n{line}\n')

    with pytest.raises(QuestionsInvalid) as raised:
        read_questions(path)

    assert str(raised.value).startswith(f"{path}:2: {said}")


def test_all_bad_lines_are_told_up_to_a_number(tmp_path: Path) -> None:
    with pytest.raises(QuestionsInvalid) as raised:
        read_questions(written(tmp_path, "no\n" * 23))

    told = str(raised.value).splitlines()
    assert len(told) == 21
    assert told[-1] == "and 3 more lines"


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_says_how_to_write_one(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(QuestionsInvalid, match="has no questions"):
        read_questions(written(tmp_path, data))


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionsInvalid, match="1: this is not UTF-8"):
        read_questions(written(tmp_path, '{"text": "sesión", "expected": null}'.encode("latin-1")))


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(QuestionsInvalid, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(QuestionsInvalid, match="cannot be read"):
        read_questions(tmp_path)


def test_repeated_and_contradicting_questions_are_told() -> None:
    questions = [
        Question("Hi  there", "x", "", 1),
        Question("hi there", "y", "", 4),
        Question("b", "x", "", 5),
    ]

    twice, torn = repeated(questions)

    assert twice == "questions that stood in the file before, and count again: 1 (lines 1, 4)"
    assert torn == "the same question expects different answers: lines 1, 4; keep the right one"
    assert repeated(questions[1:]) == []


@given(st.binary(max_size=200))
def test_any_bytes_are_questions_or_told(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = written(tmp_path_factory.getbasetemp(), data)

    try:
        told = [question.text.strip() for question in read_questions(path)]
    except QuestionsInvalid as error:
        told = [str(error)] if str(path) in str(error) else []
    assert told
    assert all(told)


@given(st.lists(st.tuples(st.text(min_size=1).filter(str.strip), st.none() | st.text(min_size=1))))
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str | None]]
) -> None:
    lines = [json.dumps({"text": text, "expected": expected}) for text, expected in pairs]
    path = written(tmp_path_factory.getbasetemp(), "\n".join([*lines, '{"text": "end", "expected": null}']))

    read = [(question.text, question.expected) for question in read_questions(path)]

    assert [*pairs, ("end", None)] == read


def test_texts_are_read_plain_or_as_questions_one_a_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        b'\xef\xbb\xbfthe vpn is down\r\n\r\n{"text": "no toner", "expected": "x"}\r\n"quoted"\n42\n',
    )

    assert read_texts(path) == ["the vpn is down", "no toner", '"quoted"', "42"]


def test_lines_without_a_text_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, '{"text": "  "}\n{"expected": "x"}\n{"text": 3}\n   \n{not json\n')

    assert read_texts(path) == ["{not json"]


@pytest.mark.parametrize("data", ["", "\n \n", '{"expected": null}\n'])
def test_a_file_without_texts_is_told(tmp_path: Path, data: str) -> None:
    with pytest.raises(QuestionsInvalid, match="has no texts; write one a line"):
        read_texts(written(tmp_path, data))


def test_a_file_of_texts_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(QuestionsInvalid, match="cannot be read"):
        read_texts(tmp_path / "gone.txt")
