"""The connection through which Slack's people come in."""

from collections.abc import Awaitable, Callable
from typing import Self

from fastapi import Request, Response
from slack_bolt.authorization import AuthorizeResult

from threadwork.adapters.chat.background import Work
from threadwork.adapters.chat.tally import Tally
from threadwork.adapters.slack.api.installations import Authorize, SingleToken, authorizer
from threadwork.adapters.slack.api.web import Web
from threadwork.adapters.slack.inbound.app import slack_app
from threadwork.adapters.slack.inbound.context import Context, Known, Turn, always, nothing_known
from threadwork.adapters.slack.inbound.homes import Homes
from threadwork.adapters.slack.inbound.people import People
from threadwork.adapters.slack.inbound.transport import Requests, Socket
from threadwork.adapters.slack.modals.responses import Link
from threadwork.adapters.wording.thread_links import message_link
from threadwork.workflows.inbound import ChatReceiver, ChatViews
from threadwork.workflows.sinks import Sink
from threadwork.workflows.slash_name import AGENT

Withdrawn = Callable[[str], Awaitable[object]]


class SlackConnection:
    """Translates what Slack delivers into what the receiver takes, and shows what comes back.

    A payload is acknowledged once the receiver has stored it, or needs not; what comes after goes on."""

    def __init__(
        self,
        receiver: ChatReceiver,
        views: ChatViews,
        *,
        api_url: str | None = None,
        signing_secret: str | None = None,
        app_token: str | None = None,
        bot_token: str | None = None,
        authorize: Authorize | None = None,
        link: Link | None = None,
        withdrawn: Withdrawn | None = None,
        turn: Turn = always,
        known: Known = nothing_known,
        command: str = AGENT,
        homes: Homes | None = None,
    ) -> None:
        """`app_token`: Socket Mode, else `handle` is mounted at the address that Slack was given; that needs
        `signing_secret`. `bot_token` for one workspace, or `authorize` for several. `link`: address of a message.
        `withdrawn`: told the team id where the app was removed or a token revoked. `turn`: which of several bots
        answers what was delivered to more than one. `known`: whether a message was written down.
        `command`: what the slash command is called. `homes`: where several
        workspaces installed the app, which of them a delivery is about.

        Raises `ValueError` where neither token nor `authorize` is given."""
        source = SingleToken(bot_token, api_url) if bot_token else None
        authorized = _authorized(authorize, source)
        self._web, self._work, addresses = Web(api_url), Work(), _Addresses()
        context = Context(
            receiver=receiver,
            views=views,
            web=self._web,
            people=People(self._web),
            work=self._work,
            link=link or addresses,
            withdrawn=withdrawn or (source.withdrawn if source else _nobody),
            turn=turn,
            known=known,
            command=command,
            homes=homes or Homes(),
        )
        self._refused = Tally("slack_requests_refused")
        app = slack_app(context, addresses.learning(authorized), signing_secret or "", self._refused)
        self._socket = Socket(app, app_token, self._web.url) if app_token else None
        self._requests = Requests(app, signing_secret, self._refused) if signing_secret else None

    @property
    def healthy(self) -> bool:
        """The socket is open; by signed requests there is nothing to lose."""
        return self._socket is None or self._socket.healthy

    async def open(self) -> None:
        if self._socket:
            await self._socket.open()

    async def close(self) -> None:
        """What was begun may end, and be acknowledged, while the socket still stands."""
        await self._work.close()
        if self._socket:
            await self._socket.close()
        await self._work.close(1)
        await self._web.close()
        self._refused.close()

    async def handle(self, request: Request) -> Response:
        """One signed request. Without a signing secret nobody could be told from anybody: 404."""
        return await self._requests.handle(request) if self._requests else Response(status_code=404)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()


def _authorized(authorize: Authorize | None, source: SingleToken | None) -> Authorize:
    """How the token of a workspace is found. Raises `ValueError` where nothing says so."""
    known = authorize or (authorizer(source) if source else None)
    if known is None:
        raise ValueError("Slack needs a bot token, or a way to find one for each workspace.")
    return known


class _Addresses:
    """Addresses of messages: those of Slack's own form where the workspace's is known."""

    def __init__(self) -> None:
        self._urls: dict[str, str] = {}

    def __call__(self, sink: Sink, message_id: str) -> str:
        url = self._urls.get(sink.workspace) if sink.platform == "slack" else None
        known = f"{url}archives/{sink.channel}/p{message_id.replace('.', '')}" if url else ""
        return known or message_link(sink, message_id)

    def learning(self, authorize: Authorize) -> Authorize:
        """The same, but what it tells of workspaces is kept. Bolt passes arguments by their names."""

        async def learn(team_id: str | None) -> AuthorizeResult | None:
            known = await authorize(team_id=team_id)
            if known and known.team_id and known.url:
                self._urls[known.team_id] = known.url
            return known

        return learn


async def _nobody(team_id: str) -> None:
    """Nothing is stored that could be forgotten."""
