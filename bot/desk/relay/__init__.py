"""Messages, edits and files carried between an employee and the engineers' rooms."""
