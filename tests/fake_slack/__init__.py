"""A Slack of our own for tests: Web API, Socket Mode, signed requests, and people who click.

`python -m tests.fake_slack --port N` runs it; the unmodified SDKs talk to it at `<url>/api/`. `fixture.py` starts it
for tests, `client.py` is how a test acts as a person, sees what a person sees, and finds what a client did wrong."""
