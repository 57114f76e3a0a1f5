"""Answers employees: with articles, choices, questions back, outage notices, tickets, and their buttons."""
