"""A chart in a message: drawn for eyes, told in words for everybody else, and nothing in it is markup."""

import re

from bot.channels.web.view import environment
from bot.domain.charts import BarChart
from bot.domain.conversations.messages import Reply

TEMPLATE = '{% import "partials/reply.html" as part %}{{ part.blocks(reply, 3) }}'


def rendered(chart: BarChart) -> str:
    return environment().from_string(TEMPLATE).render(reply=Reply((chart,)))


def test_bars_are_as_long_as_their_counts() -> None:
    page = rendered(BarChart("By week", ("2 Mar", "9 Mar"), (("confirmed", (3, 2)), ("assumed", (1, 0)))))
    drawn = re.findall(r'<rect class="bar-(\d)" x="([\d.]+)" width="([\d.]+)"', page)
    assert [(name, float(x), float(width)) for name, x, width in drawn] == [
        *(("1", 0, 75), ("2", 75, 25)),
        *(("1", 0, 50), ("2", 50, 0)),
    ]
    assert '<span class="hidden">confirmed 3, assumed 1</span>' in page


def test_a_chart_of_nothing_has_no_bars() -> None:
    assert 'width="0.0"' in rendered(BarChart("By week", ("2 Mar",), (("confirmed", (0,)),)))


def test_no_name_is_markup() -> None:
    page = rendered(BarChart("<b>&", ('"><i>',), (("<img>", (1,)),)))
    assert not re.search(r"<b>|<i>|<img>", page)
