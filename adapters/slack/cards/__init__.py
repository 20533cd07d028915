"""Cards as Slack's blocks."""
