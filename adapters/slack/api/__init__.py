"""How Slack is called: one try a call, at its pace, with the token of the workspace."""
