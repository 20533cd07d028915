"""`/slack/install` and `/slack/oauth_redirect`: a workspace installs the app by itself."""

import html
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from threadwork.adapters.chat.tally import Tally
from threadwork.adapters.slack.api.client import web_client
from threadwork.adapters.slack.api.errors import asking
from threadwork.adapters.slack.api.installations import Installations
from threadwork.adapters.slack.api.renewal import moment
from threadwork.adapters.slack_installations import Facts, OAuthStates, Tokens
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.slash_name import AGENT

INSTALL, RETURN = "/slack/install", "/slack/oauth_redirect"
REASONS = {
    "access_denied": "You did not allow it.",
    "invalid_browser": "It began in another browser, or longer than ten minutes ago.",
    "invalid_state": "It began longer than ten minutes ago, or was finished before.",
    "invalid_code": "Slack did not confirm it.",
}

log = structlog.get_logger(__name__)
_SILENT_LOGGER = logging.Logger("slack_oauth", logging.CRITICAL + 1)  # Bolt's own lines show codes and requests


class SlackOAuth:
    """The two pages. `api_url` and `authorize_url` None: Slack's own."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        installations: Installations,
        states: OAuthStates,
        scopes: Sequence[str],
        api_url: str | None = None,
        authorize_url: str | None = None,
        command: str = AGENT,
    ) -> None:
        settings = AsyncOAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=list(scopes),
            user_scopes=[],
            install_page_rendering_enabled=False,  # straight to Slack, which asks for consent anyway
            authorization_url=authorize_url,
            installation_store=_Store(installations),
            state_store=_States(states),
            callback_options=AsyncCallbackOptions(
                success=_succeeding(command), failure=_failing(Tally("slack_not_installed"))
            ),
            logger=_SILENT_LOGGER,
        )
        self._flow = AsyncOAuthFlow(client=web_client(api_url), logger=_SILENT_LOGGER, settings=settings)

    async def install(self, request: Request) -> Response:
        """Sends the browser to Slack."""
        return to_starlette_response(await self._flow.handle_installation(_bolt(request)))

    async def returned(self, request: Request) -> Response:
        """Slack has sent it back: the installation is stored."""
        try:
            with asking():
                return to_starlette_response(await self._flow.handle_callback(_bolt(request)))
        except ChatUnavailable as error:
            return HTMLResponse(_page("Threadwork was not installed", error.detail), 502)


def _bolt(request: Request) -> Any:
    return to_async_bolt_request(request, b"")  # a page is asked for: nobody sends a body with that


class _Store(AsyncInstallationStore):
    """What the flow stores into."""

    def __init__(self, installations: Installations) -> None:
        self._installations = installations

    async def async_save(self, installation: Installation) -> None:
        team_id, token = installation.team_id, installation.bot_token
        if installation.is_enterprise_install or not team_id or not token:
            raise BoltError("Threadwork is installed in one workspace at a time, not in a whole organisation.")
        facts = Facts(
            bot_user_id=installation.bot_user_id or "",
            bot_id=installation.bot_id or "",
            app_id=installation.app_id or "",
            team_name=installation.team_name or "",
            enterprise_id=installation.enterprise_id,
            scopes=tuple(installation.bot_scopes or ()),
            installed_by=installation.user_id or "",
        )
        expires_at = moment(installation.bot_token_expires_at)
        tokens = Tokens(token=token, refresh_token=installation.bot_refresh_token, expires_at=expires_at)
        await self._installations.add(team_id, facts, tokens)
        log.info("slack_installed", team_id=team_id)


class _States(AsyncOAuthStateStore):
    def __init__(self, states: OAuthStates) -> None:
        self._states = states

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        return await self._states.issue()

    async def async_consume(self, state: str) -> bool:
        return state.isascii() and state.isprintable() and await self._states.consume(state)  # PostgreSQL knows no NUL


def _succeeding(command: str) -> Callable[[AsyncSuccessArgs], Awaitable[BoltResponse]]:
    async def succeeded(args: AsyncSuccessArgs) -> BoltResponse:
        team = args.installation.team_name or "your workspace"
        cookie = args.settings.state_utils.build_set_cookie_for_deletion()
        told = f"Open Slack, invite it to a channel with /invite, and type {command} help."
        return _answer(200, f"Threadwork is installed in {team}", told, cookie)

    return succeeded


def _failing(refused: Tally) -> Callable[[AsyncFailureArgs], Awaitable[BoltResponse]]:
    async def failed(args: AsyncFailureArgs) -> BoltResponse:
        refused.add(args.reason if args.error or args.reason in REASONS else "something else")
        why = str(args.error) if args.error else REASONS.get(args.reason, "Slack sent something that does not fit.")
        cookie = args.settings.state_utils.build_set_cookie_for_deletion()
        return _answer(args.suggested_status_code, "Threadwork was not installed", why, cookie, again=True)

    return failed


def _answer(status: int, title: str, text: str, cookie: str, again: bool = False) -> BoltResponse:
    headers: dict[str, str | Sequence[str]] = {"Content-Type": "text/html; charset=utf-8", "Set-Cookie": cookie}
    return BoltResponse(status=status, body=_page(title, text, again), headers=headers)


def _page(title: str, text: str, again: bool = True) -> str:
    link = f'<p><a href="{INSTALL}">Try it again</a></p>' if again else ""
    return (
        '<!doctype html><meta name="viewport" content="width=device-width"><title>Threadwork</title>'
        '<body style="font: 1.1em sans-serif; max-width: 30em; margin: 3em auto; padding: 0 1em">'
        f"<h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{link}"
    )
