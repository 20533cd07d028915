"""A chat platform of our own, with the habits of Slack and Discord, that misbehaves on demand.

`python -m tests.chat_platform --port N` runs it; `fixture.py` does so for tests, `client.py` asks it
what it holds, `adapter.py` makes it a platform behind the port `ChatAdapter`."""
