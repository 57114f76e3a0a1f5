"""Finds numbers that their check digits tell: cards, bank accounts, identity numbers, BitLocker's keys."""

import re
from collections.abc import Iterator

from bot.domain.secrets.values import Span

_CARD = re.compile(r"(?<![\d.])(?<!\d-)\d(?:[ -]?\d){12,18}(?![\d-])")
# How the numbers of cards begin, by their lengths: other numbers have Luhn's digit too, an IMEI for one.
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|(?:50|5[6-8]|6[037])\d{10,17}"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Z0-9])", re.IGNORECASE)
_IBAN_LENGTHS = {
    found[:2]: int(found[2:])
    for found in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24"
        " FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21"
        " LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24"
        " SE24 SI19 SK24 SM27 TN24 TR26 UA29 VA22 VG24 XK20"
    ).split()
}
_SPANISH_ACCOUNT = re.compile(r"(?<![\d-])\d{4}[ -]\d{4}[ -]\d{2}[ -]\d{10}(?![\d-])")
_DNI = re.compile(r"(?<![\w-])(?:\d{8}|\d{1,2}\.\d{3}\.\d{3})(?:[ -]?[A-HJ-NP-TV-Z]|[a-hj-np-tv-z])(?![\w-])")
_NIE = re.compile(r"(?<![\w-])[XYZxyz][ -]?\d{7}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z](?![\w-])")
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_SPANISH_INSURANCE = re.compile(r"(?<![\w/-])(\d{2})[ /-](\d{7,8})[ /-](\d{2})(?![\w/-])")
_AMERICAN_INSURANCE = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_SENT_CODE = re.compile(r"(?<![\w-])G-\d{6}(?![\w-])")  # of Google
_BITLOCKER = re.compile(r"(?<!\d)(?:\d{6}[ -]{1,3}(?:\r?\n)?){7}\d{6}(?!\d)")
_SIX = re.compile(r"\d(?:[ ./-]{0,3}\d){5}")  # digits, which each of these numbers has in a row
_ELEVEN = re.compile(r"\d{11,12}")
_UUID = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")


def find_numbers(text: str) -> Iterator[Span]:
    """Yield the numbers of people, cards and accounts whose check digits are right.

    What stands in a UUID is no such number, whatever its digits: a directory names people and things so.
    """
    if _SIX.search(text) is None:
        return
    text = _UUID.sub(lambda found: "_" * len(found[0]), text)
    for pattern, is_right in _CHECKS:
        for found in pattern.finditer(text):
            if is_right(found):
                yield found.span()
    yield from _find_ibans(text)


def _find_ibans(text: str) -> Iterator[Span]:
    for found in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(found[0][:2].upper(), 0)
        places = [index for index, character in enumerate(found[0]) if character.isalnum()]
        if length and len(places) >= length:
            end = places[length - 1] + 1
            if _is_iban(found[0][:end]):
                yield found.start(), found.start() + end


def _is_iban(number: str) -> bool:
    plain = "".join(character for character in number if character.isalnum()).upper()
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _is_card(found: re.Match[str]) -> bool:
    number = _digits(found[0])
    if _ISSUERS.fullmatch(number) is None or len(set(number)) == 1:
        return False
    turned = [int(digit) for digit in reversed(number)]
    doubled = [digit if index % 2 == 0 else digit * 2 - 9 * (digit > 4) for index, digit in enumerate(turned)]
    return sum(doubled) % 10 == 0


def _is_spanish_account(found: re.Match[str]) -> bool:
    number = _digits(found[0])
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)
    for part, check in (("00" + number[:8], number[8]), (number[10:], number[9])):
        rest = -sum(int(digit) * weight for digit, weight in zip(part, weights, strict=True)) % 11
        if check != str(1 if rest == 10 else rest):
            return False
    return True


def _is_dni(found: re.Match[str]) -> bool:
    return _DNI_LETTERS[int(_digits(found[0])) % 23] == found[0][-1].upper()


def _is_nie(found: re.Match[str]) -> bool:
    first = "XYZ".index(found[0][0].upper())
    return _DNI_LETTERS[int(f"{first}{_digits(found[0])}") % 23] == found[0][-1].upper()


def _is_spanish_insurance(found: re.Match[str]) -> bool:
    return is_spanish_insurance("".join(found.groups()))


def is_spanish_insurance(number: str) -> bool:
    """Tell whether the last two digits of eleven or twelve are those that belong to the others."""
    if _ELEVEN.fullmatch(number) is None:
        return False
    province, middle, check = int(number[:2]), int(number[2:-2]), int(number[-2:])
    width = 10**8 if middle >= 10**7 else 10**7
    return (province * width + middle) % 97 == check


def _is_bitlocker(found: re.Match[str]) -> bool:
    return all(int(group) % 11 == 0 for group in re.findall(r"\d{6}", found[0]))


def _always(_found: re.Match[str]) -> bool:
    return True


_CHECKS = (
    (_CARD, _is_card),
    (_SPANISH_ACCOUNT, _is_spanish_account),
    (_DNI, _is_dni),
    (_NIE, _is_nie),
    (_SPANISH_INSURANCE, _is_spanish_insurance),
    (_AMERICAN_INSURANCE, _always),
    (_SENT_CODE, _always),
    (_BITLOCKER, _is_bitlocker),
)
