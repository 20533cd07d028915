"""Manners of a thread: what people say in a task's thread, as Slack and Discord send it, and what must come of it."""
