"""Words that say that a trouble is there again, and words that only sound so."""

import pytest

from bot.domain.conversations.reopen_phrases import says_it_came_back

BACK = (
    "it came back",
    "it's back",
    "its back",
    "it is back again",
    "still broken",
    "happens again",
    "it happened again",
    "it is happening again",
    "the problem is back",
    "the same problem again",
    "same issue again",
    "the error is back",
    "broken again",
    "it stopped working again",
    "please reopen my ticket",
    "reopen",
    "thanks, but it came back",
    "thanks! it has come back since this morning",
    "It keeps coming back",
    "the problem came back",
    "the issue has come back",
    "it is still not working",
    "it still does not work",
    "still the same",
    "not fixed",
    "it wasn't fixed",
    "ha vuelto a pasar",
    "ha vuelto",
    "vuelve a fallar",
    "sigue fallando",
    "sigue roto",
    "me pasa otra vez",
    "el problema ha vuelto",
    "reabrir el ticket",
    "otra vez lo mismo",
    "no está arreglado",
    "no funciona otra vez",
    "gracias, pero ha vuelto a fallar",
    "volvió a salir el error",
    "sigue sin funcionar",
    "sigue igual",
    "falla de nuevo",
)

NOT = (
    "thanks",
    "thank you so much",
    "gracias",
    "it's back to normal",
    "it's back online",
    "it works again",
    "all good now, it is back up",
    "if it comes back I will tell you",
    "thanks, let me know if it happens again",
    "it has not come back",
    "it hasn't come back",
    "it never came back",
    "ya no ha vuelto a pasar",
    "no ha vuelto",
    "si vuelve a fallar te aviso",
    "ha vuelto a funcionar",
    "vuelve a ir bien",
    "I came back from holidays",
    "I will be back tomorrow",
    "can you call me back",
    "ok",
    "👍",
    "hope it doesn't happen again",
    "perfect",
    "María ha vuelto de vacaciones",
    "working again",
    "thanks, I can print again",
)


@pytest.mark.parametrize("text", BACK)
def test_it_came_back(text: str) -> None:
    assert says_it_came_back(text)
    assert says_it_came_back(text.upper())


@pytest.mark.parametrize("text", NOT)
def test_it_did_not_come_back(text: str) -> None:
    assert not says_it_came_back(text)
