"""Names of the buttons' actions, as they are stored in posts; the wiring of each package has their rules.

Buttons for ticket actions have the name of the action.
"""

# On a ticket's card, for engineers.
NOTES, REOPEN = "notes", "reopen"
ASK_DETAILS, CANNED, REPORT = "ask_details", "canned", "report"
NAME_ARTICLE = "name_article"  # names the article that would have helped, in shadow mode
SHOW_EACH = "show_each"  # gives each ticket for which a card stands a card of its own
KEEP, LET_GO = "keep", "let_go"
# In an employee's posts about a ticket.
CANCEL, CAME_BACK, RATE, COMMENT, DETAILS = "cancel", "came_back", "rate", "comment", "details"
# Under an answer; they name the episode.
SOLVED, PERSON, CHOOSE, NONE = "solved", "person", "choose", "none"
JOINED, OTHER = "joined", "other"  # under an outage's notice
# A message belongs to a ticket after all, or is about something else after all; they name the episode.
BELONGS, SEPARATE = "belongs", "separate"
# Under the offer of a ticket in a help channel.
WANT_TICKET, NO_TICKET = "want_ticket", "no_ticket"
# On the posts of outages and alerts.
OUTAGE_START, OUTAGE_EDIT, OUTAGE_END = "outage_start", "outage_edit", "outage_end"
# Answer to an offered file that waits for its reader to agree; they name the post instead of a ticket.
OFFER, ACCEPT, DECLINE = "offer", "accept", "decline"
