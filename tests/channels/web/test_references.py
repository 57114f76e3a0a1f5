"""Tickets' numbers in sentences: they stay on one line, and lead engineers to their tickets."""

import pytest

from bot.channels.web.markdown import MOST_REFERENCES, with_references


def test_a_number_stays_on_one_line_and_leads_nowhere() -> None:
    html = with_references("I have added this to HELP-1002 <now>.")
    assert html == 'I have added this to <span class="nowrap">HELP-1002</span> &lt;now&gt;.'


def test_for_engineers_it_is_a_link_but_for_the_open_ticket_s_own() -> None:
    html = with_references("HELP-1001: merged into help-1002", "HELP-1001")
    assert html == (
        '<span class="nowrap">HELP-1001</span>: merged into '
        '<a class="nowrap" href="/?ticket=HELP-1002" data-ticket="HELP-1002">help-1002</a>'
    )


def test_a_number_with_the_hyphen_of_a_word_processor_leads_to_its_ticket() -> None:
    html = with_references("see HELP\u20111002", leads=True)
    assert 'href="/?ticket=HELP-1002" data-ticket="HELP-1002">HELP\u20111002<' in html


@pytest.mark.parametrize("text", ["HELP-0", "XHELP-1001", "HELP-1001x", "help 1001", "HELP-1234567890123"])
def test_what_is_no_number_of_a_ticket_stays_as_it_is(text: str) -> None:
    assert with_references(text, leads=True) == text


def test_what_is_full_of_numbers_has_some_links_and_then_words() -> None:
    html = with_references("HELP-1002 " * (MOST_REFERENCES + 50), leads=True)
    assert html.count("<a ") == MOST_REFERENCES
    assert html.count(">HELP-1002<") + html.count(" HELP-1002") == MOST_REFERENCES + 50
