"""Names of the buttons that name a ticket; what each does is wired in the composition root."""

CAME_BACK, REOPEN = "came_back", "reopen"
RATE, COMMENT = "rate", "comment"
ASK_DETAILS, DETAILS = "ask_details", "details"
CANNED, REPORT = "canned", "report"
CANCEL, PERSON = "cancel", "person"
KEEP, LET_GO = "keep", "let_go"
