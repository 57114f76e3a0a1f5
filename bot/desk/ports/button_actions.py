"""Names of the buttons' actions, as they are stored in posts; the wiring of each package has their rules.

Buttons for ticket actions have the name of the action.
"""

# On a ticket's card, for engineers.
NOTES, REOPEN = "notes", "reopen"
ASK_DETAILS, CANNED, REPORT = "ask_details", "canned", "report"
DRAFT = "draft"  # makes the draft of an article of a resolved ticket
NAME_ARTICLE = "name_article"  # names the article that would have helped, in shadow mode
SHOW_EACH = "show_each"  # gives each ticket for which a card stands a card of its own
KEEP, LET_GO = "keep", "let_go"
# In an employee's posts about a ticket.
CANCEL, CAME_BACK, RATE, COMMENT, DETAILS = "cancel", "came_back", "rate", "comment", "details"
# Under an answer; they name the episode.
SOLVED, PERSON, CHOOSE, NONE = "solved", "person", "choose", "none"
NOT_HELPFUL, REASON = "not_helpful", "reason"  # the second says why an answer did not help
JOINED, OTHER = "joined", "other"  # under an outage's notice
# A message belongs to a ticket after all, or is about something else after all; they name the episode.
BELONGS, SEPARATE = "belongs", "separate"
# Under the offer of a ticket in a help channel.
WANT_TICKET, NO_TICKET = "want_ticket", "no_ticket"
# On the posts of outages and alerts.
OUTAGE_START, OUTAGE_EDIT, OUTAGE_END = "outage_start", "outage_edit", "outage_end"
# Answer to an offered file that waits for its reader to agree; they name the post instead of a ticket.
OFFER, ACCEPT, DECLINE = "offer", "accept", "decline"
# Under the question whether two accounts are one person's; they name the request.
JOIN_YES, JOIN_NO = "join_yes", "join_no"
ADD_HERE = "add_here"  # shows a ticket of another channel, with a field to add to it
# Under the day on which an engineer is said to be back.
AWAY_YES, AWAY_OTHER = "away_yes", "away_other"
# Under an approval that another system asks for; they name it in their argument.
APPROVE, DISAPPROVE = "approve", "disapprove"
TAKE_OVER = "take_over"  # takes a ticket over from an engineer who is away
