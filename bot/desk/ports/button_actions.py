"""Names of the buttons that name a ticket or a post; what each does is wired in the composition root."""

CAME_BACK, REOPEN = "came_back", "reopen"
RATE, COMMENT = "rate", "comment"
ASK_DETAILS, DETAILS = "ask_details", "details"
CANNED, REPORT = "canned", "report"
NAME_ARTICLE = "name_article"  # that would have helped, in shadow mode
CANCEL, PERSON = "cancel", "person"
KEEP, LET_GO = "keep", "let_go"
# Answers a file that waits for its reader to agree; it names the post instead of a ticket.
OFFER, ACCEPT, DECLINE = "offer", "accept", "decline"
