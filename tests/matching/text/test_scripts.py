"""Words of scripts without spaces, and of scripts whose letters carry marks."""

import pytest

from bot.matching.text.normalise import fold, readings, words_of
from bot.matching.text.scripts import is_unspaced, letter_pairs
from bot.matching.text.spelling import SpellingCorrector


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("重置密码", "重置 置密 密码"),
        ("密", "密"),
        ("重置VPN密码!", "重置 vpn 密码"),
        ("东京・大阪。京都", "东京 大阪 京都"),
        ("ガッツ", "ガッ ッツ"),
        ("ｶﾞｯﾂ", "ガッ ッツ"),
        ("印刷する", "印刷 刷す する"),
        ("ผ่าน", "ผ่า าน"),
        ("ลืมรหัส VPN", "ลืม มร รหั หัส vpn"),
        ("पासवर्ड भूल", "पासवर्ड भूल"),
        ("2段階 Windows11で", "# 段階 windows11 で"),
    ],
)
def test_a_run_without_spaces_becomes_pairs_of_letters_with_their_marks(text: str, words: str) -> None:
    assert words_of(text).text == readings(text)[0].text == fold(words)


def test_a_code_in_a_run_is_a_code() -> None:
    assert words_of("错误0x800704cf出现").codes == ("0x800704cf",)


def test_the_letters_of_other_scripts_have_spaces() -> None:
    assert not any(is_unspaced(text) for text in ("vpn", "ñ", "мой", "비밀번호", "पासवर्ड", "كلمة", "1", ""))


def test_one_letter_is_its_own_pair() -> None:
    assert letter_pairs(fold("น้")) == ("น้",)
    assert letter_pairs("密") == ("密",)


def test_correction_leaves_pairs_alone_and_drops_those_between_two_words() -> None:
    known = {"密码": 3, "忘记": 2, "รหัส": 3, "รหั": 2, "หัส": 2, "ラー": 1, "エラ": 1}
    corrector = SpellingCorrector(known, known.__contains__)
    read, repaired = corrector.repair(words_of("我忘记密码不行了"))
    assert repaired == {}
    # 我忘 and 记密 and 码不 stand between two words; of 不行 and 行了 one is enough.
    assert read.words == ("忘记", "密码", "不行")
    same, repaired = corrector.repair(words_of("my vpn"))
    assert (same.words, repaired) == (("my", "vpn"), {})
