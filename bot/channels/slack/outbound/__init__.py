"""The desk's replies as Slack posts, edits, modals, reactions and files."""
