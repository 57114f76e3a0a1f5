"""The figures on the page, for managers: how the desk does, and what lies behind each number."""
