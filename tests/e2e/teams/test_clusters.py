"""Many ask the same in Teams before anybody has called it an outage: one card grows, and takes all along."""

from tests.support.e2e.microsoft import CARD, chat, shown, titles, words
from tests.support.e2e.microsoft import ROOM as TEAMS_ROOM
from tests.support.e2e.running import until
from tests.support.fakes.teams import TeamsFake
from tests.support.fakes.teams.people import Person
from tests.support.unknown import UNKNOWN


async def test_one_card_grows_and_its_first_button_tells_everybody(teams: TeamsFake) -> None:
    people = [f"p{number}" for number in range(12)]
    for person in people:
        teams.store.people[person] = Person(person, person.title())
        await teams.says(person, UNKNOWN)
    card = await shown(teams, TEAMS_ROOM, "and 8 more like it")
    assert titles(card.card)[:2] == ["Known outage", "Claim"]
    _, form = await teams.clicks("eva", card, "Known outage")
    assert form["type"] == CARD
    inputs = {"field.title": "Flurbostats fizz", "field.notice_en": "Stay away!", "field.notice_es": ""}
    await teams.clicks("eva", card, "Tell employees", inputs, card=form["value"])
    await shown(teams, TEAMS_ROOM, "Known outage: Flurbostats fizz")
    for person in (people[0], people[4], people[11]):
        await shown(teams, chat(person), "Stay away!")
    await until(lambda: "more like it" not in words(card), "the card of one ticket")
