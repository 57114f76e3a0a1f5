"""Traces of messages, from the event to the posts: nothing here is imported unless they are switched on."""
