"""A Discord of our own for tests: REST v10, a gateway, files, and people who type and click.

`python -m tests.fake_discord --port N` runs it; unmodified discord.py talks to it once `discord.http.Route.BASE` is
`<url>/api/v10` and `DiscordWebSocket.DEFAULT_GATEWAY` is `ws://…/gateway`. `fixture.py` starts it for tests,
`client.py` is how a test acts as a person, sees what a person sees, and finds what a client did wrong."""
