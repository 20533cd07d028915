"""Lines that people say in threads, as Slack and Discord send them, and what is handed on of each."""
