"""A strict stand-in of a site of Jira Service Management, with its people, its workflow and its faults."""

from tests.support.fakes.jira.server import SECRET, TOKEN, served
from tests.support.fakes.jira.site import Account, Issue, Site

__all__ = ["SECRET", "TOKEN", "Account", "Issue", "Site", "served"]
