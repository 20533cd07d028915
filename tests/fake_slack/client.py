"""What a test does and sees in the fake Slack.

People's acts are coroutines that return once the app acknowledged, or Slack gave up; looks block for milliseconds."""

from typing import Any

import httpx

from tests.fake_slack.faults import Fault
from tests.fake_slack.journal import Call, Delivery, Violation
from tests.fake_slack.screen_views import Seen, View

Json = dict[str, Any]
PATIENCE = 120.0  # seconds; acts wait for the app and its retries


class FakeSlack:
    """A fake that runs at `url`. An act that no person could do raises `AssertionError` with the reason."""

    app_token = "xapp-test"
    bot_token = "xoxb-test"  # workspace T1
    config_token = "xoxe.xoxp-1-test"
    signing_secret = "signing-secret"
    client_id = "1.1"
    client_secret = "client-secret"

    def __init__(self, url: str) -> None:
        self.url = url
        self.api_url = f"{url}/api/"  # SLACK_API_URL

    # --- habits -------------------------------------------------------------------------------------------

    def begin(self, **settings: Any) -> None:
        """Forget everything and cut every socket; fields of `Settings`, the others as usual."""
        self._post("/control/begin", settings)

    def change(self, **settings: Any) -> None:
        """Other settings from now on, nothing forgotten. Rates (`profile`) and `cut_every` need `begin`."""
        self._change("settings", **settings)

    def faults(self, *faults: Fault) -> None:
        """Misbehave so from now on, and in no other way; without any, behave."""
        self._change("faults", faults=[fault.model_dump() for fault in faults])

    def channel(self, id: str, **changes: Any) -> None:
        """Change a channel, or make one: `name, kind, members, is_archived, gone, team` (fields of `Channel`)."""
        self._change("channel", id=id, **changes)

    def cut_sockets(self, politely: bool = False) -> None:
        """Abort every socket; politely: as Slack does when it refreshes them."""
        self._change("cut", politely=politely)

    def oauth_code(self, team: str = "T1") -> str:
        """What the browser brings back after somebody agreed to install the app."""
        return str(self._change("code", team=team))

    def revoke_tokens(self, team: str = "T1") -> None:
        """From now on its bot tokens are `token_revoked`."""
        self._change("revoked", team=team)

    # --- people's acts ------------------------------------------------------------------------------------

    async def slash(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        return Delivery.model_validate(await self._act("slash", user=user, channel=channel, command=command, text=text))

    async def click(self, user: str, ts: str, button: str, choice: Any = None, values: Json | None = None) -> Delivery:
        """`button`: action id or label, on a message, an ephemeral one too. `choice`: option of a menu."""
        return Delivery.model_validate(
            await self._act("click", user=user, ts=ts, button=button, choice=choice, values=values)
        )

    async def click_in_view(self, user: str, button: str, choice: Any = None, values: Json | None = None) -> Delivery:
        """In the modal on top."""
        given = {"user": user, "button": button, "choice": choice, "values": values}
        return Delivery.model_validate(await self._act("click_in_view", **given))

    async def click_in_home(
        self, user: str, button: str, choice: Any = None, values: Json | None = None, team: str = ""
    ) -> Delivery:
        given = {"user": user, "button": button, "choice": choice, "values": values, "team": team}
        return Delivery.model_validate(await self._act("click_in_view", home=True, **given))

    async def submit_view(self, user: str, values: Json | None = None) -> Delivery:
        """The modal on top. `values` by action id, block id or label; a file field takes {name: content}.

        What is left out keeps what the window held. Then `views(user)` shows what came of it."""
        return Delivery.model_validate(await self._act("submit_view", user=user, values=values))

    async def close_view(self, user: str) -> None:
        await self._act("close_view", user=user)

    async def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Delivery:
        return Delivery.model_validate(
            await self._act("shortcut", user=user, channel=channel, ts=ts, callback_id=callback_id)
        )

    async def say(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        files: dict[str, str] | None = None,
        broadcast: bool = False,
        wait: bool = True,
    ) -> str:
        """The message's ts. `files`: name and content. `wait`: until the app acknowledged its events."""
        given = {"thread_ts": thread_ts, "files": files, "broadcast": broadcast, "wait": wait}
        return str((await self._act("say", user=user, channel=channel, text=text, **given))["ts"])

    async def mention(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        files: dict[str, str] | None = None,
        wait: bool = True,
        team: str = "",
    ) -> str:
        """Says `<@bot> text`: the app gets app_mention and message. `team`: whose bot, in a shared channel."""
        given = {"thread_ts": thread_ts, "files": files, "wait": wait, "team": team}
        return str((await self._act("mention", user=user, channel=channel, text=text, **given))["ts"])

    async def deliver(self, channel: str, message: Json, tells: tuple[str, ...] = (), wait: bool = True) -> str:
        """A message as it was recorded elsewhere, of a person or an app; its ts. See `recorded_messages`."""
        return str((await self._act("deliver", channel=channel, message=message, tells=tells, wait=wait))["ts"])

    async def edit_message(self, user: str, channel: str, ts: str, text: str, wait: bool = True) -> None:
        await self._act("edit_message", user=user, channel=channel, ts=ts, text=text, wait=wait)

    async def delete_message(self, user: str, channel: str, ts: str, wait: bool = True) -> None:
        """One's own, or one of the bot's."""
        await self._act("delete_message", user=user, channel=channel, ts=ts, wait=wait)

    async def react(self, user: str, channel: str, ts: str, name: str, remove: bool = False, wait: bool = True) -> None:
        await self._act("react", user=user, channel=channel, ts=ts, name=name, remove=remove, wait=wait)

    async def open_home(self, user: str, tab: str = "home", wait: bool = True, team: str = "") -> None:
        """`team`: in which of the person's workspaces; else their own."""
        await self._act("open_home", user=user, tab=tab, team=team, wait=wait)

    async def agent_session_stopped(self, user: str, channel: str, thread_ts: str, wait: bool = True) -> None:
        """Slack's own stop button, there only while the session's status is `processing`."""
        await self._act("agent_session_stopped", user=user, channel=channel, thread_ts=thread_ts, wait=wait)

    async def uninstall(self, team: str = "T1", wait: bool = True) -> None:
        await self._act("uninstall", team=team, wait=wait)

    # --- looks --------------------------------------------------------------------------------------------

    def screen(self, user: str, channel: str, thread_ts: str = "") -> str:
        """What the person reads in a channel, or in a thread; [labels] are buttons."""
        return str(self._see("screen", user=user, channel=channel, thread_ts=thread_ts))

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Seen]:
        """Oldest first, deleted and ephemeral ones too. `thread_ts`: only that thread, its root first."""
        return [Seen.model_validate(one) for one in self._see("messages", channel=channel, thread_ts=thread_ts)]

    def views(self, user: str) -> list[View]:
        """The person's open modals, the top one last."""
        return [View.model_validate(view) for view in self._see("views", user=user)]

    def home(self, user: str, team: str = "") -> View | None:
        seen = self._see("home", user=user, team=team)
        return View.model_validate(seen) if seen else None

    def calls(self, method: str | None = None) -> list[Call]:
        """Calls of the Web API, in the order of arrival."""
        calls = [Call.model_validate(call) for call in self._see("calls")]
        return [call for call in calls if method in (None, call.method)]

    def violations(self) -> list[Violation]:
        return [Violation.model_validate(violation) for violation in self._see("violations")]

    def deliveries(self, kind: str | None = None) -> list[Delivery]:
        """Payloads sent to the app. `kind`: slash_commands, interactive or events_api."""
        found = [Delivery.model_validate(delivery) for delivery in self._see("deliveries")]
        return [delivery for delivery in found if kind in (None, delivery.kind)]

    def sessions(self) -> list[Json]:
        """Agent sessions: channel, thread_ts, status, title."""
        return list(self._see("sessions"))

    def sockets(self) -> int:
        """How many are open."""
        return int(self._see("sockets"))

    def defects(self) -> list[str]:
        """Answers of the fake that Slack's contracts do not know: errors of its own."""
        return list(self._see("defects"))

    async def _act(self, name: str, /, **arguments: Any) -> Json:
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=PATIENCE) as client:
            answer = await client.post(f"{self.url}/control/act/{name}", json=arguments)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def _see(self, name: str, /, **arguments: Any) -> Any:
        return self._post(f"/control/see/{name}", arguments)

    def _change(self, name: str, /, **arguments: Any) -> Any:
        return self._post(f"/control/change/{name}", arguments)

    def _post(self, path: str, body: Any) -> Any:
        answer = httpx.post(f"{self.url}{path}", json=body, timeout=PATIENCE, trust_env=False, verify=False)
        assert answer.is_success, answer.text
        return answer.json()
