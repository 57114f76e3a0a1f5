"""What errors say."""

from bot.domain.errors import DeliveryFailed, FirstlineError


def test_an_errors_docstring_is_its_message() -> None:
    kinds = [kind for kind in FirstlineError.__subclasses__() if kind.__module__ == FirstlineError.__module__]
    assert len(kinds) > 5
    for kind in kinds:
        if kind is not DeliveryFailed:
            assert str(kind()) == (kind.__doc__ or "").strip()
