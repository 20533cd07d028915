"""What Slack's refusals and silences mean."""

import socket

import pytest
from aiohttp import web

from tests.adapters.slack.outbound_harness import MARK, ROOM, THREAD, part
from tests.adapters.slack.scripted_web_api import LOST, Scripted, answer
from threadwork.adapters.slack.api.clients import Clients, one_token
from threadwork.adapters.slack.api.errors import Refused
from threadwork.adapters.slack.api.web import Web
from threadwork.adapters.slack.chat import SlackChat
from threadwork.adapters.slack.checks import check_token
from threadwork.workflows.errors import ChatUnavailable, NotFound, Rejected, SinkGone

pytest_plugins = ["tests.fake_slack.fixture"]


GONE = {
    "channel_not_found": "Invite",
    "is_archived": "Unarchive",
    "not_in_channel": "/invite",
    "token_revoked": "Install the app again",
    "account_inactive": "Install the app again",
    "invalid_auth": "Install the app again",
    "team_access_not_granted": "Install the app again",
    "restricted_action": "administrator",
    "thread_not_found": "Ask again",
}


@pytest.mark.parametrize("error", GONE)
async def test_a_sink_that_is_gone_for_good_says_what_a_person_can_do(
    chat: SlackChat, slack: Scripted, error: str
) -> None:
    slack.answers["chat.postMessage"] = [answer(error=error)]
    with pytest.raises(SinkGone) as gone:
        await chat.post(THREAD, part(), MARK)
    assert GONE[error] in gone.value.hint
    assert "xoxb" not in str(gone.value)


async def test_a_missing_permission_is_named(chat: SlackChat, slack: Scripted) -> None:
    slack.answers["chat.postMessage"] = [answer(error="missing_scope", needed="chat:write", provided="commands")]
    with pytest.raises(SinkGone, match="lacks the permission chat:write"):
        await chat.post(ROOM, part(), MARK)


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_an_edit_of_a_message_that_is_gone_is_not_found(chat: SlackChat, slack: Scripted, error: str) -> None:
    slack.answers["chat.update"] = [answer(error=error)]
    with pytest.raises(NotFound):
        await chat.edit(ROOM, "2.0", part(), MARK)


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long", "no_text", "never_heard"])
async def test_what_slack_will_never_take_is_rejected_with_its_word(
    chat: SlackChat, slack: Scripted, error: str
) -> None:
    slack.answers["chat.postMessage"] = [answer(error=error)]
    with pytest.raises(Rejected, match=error):
        await chat.post(ROOM, part(), MARK)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (answer(429, {"Retry-After": "7"}, error="ratelimited"), 7),
        (answer(200, {"Retry-After": "3"}, error="rate_limited"), 3),
        (answer(429, error="ratelimited"), 30),
        (web.Response(status=429, headers={"Retry-After": "4"}, text="slow down", content_type="text/html"), 4),
        (answer(error="token_expired"), 0),
        (answer(error="team_added_to_org"), 0),
        (answer(error="fatal_error"), None),
        (answer(error="service_unavailable"), None),
        (answer(500, error="internal_error"), None),
        (web.Response(status=502, text="<html>bad gateway</html>", content_type="text/html"), None),
        (web.Response(status=503, text="not json", content_type="application/json"), None),
        (web.Response(status=504, text="gateway", content_type="text/plain"), None),
        (LOST, None),
    ],
)
async def test_only_what_certainly_had_no_effect_comes_with_seconds(
    chat: SlackChat, slack: Scripted, given: web.Response, seconds: float | None
) -> None:
    slack.answers["chat.postMessage"] = [given]
    with pytest.raises(ChatUnavailable) as later:
        await chat.post(ROOM, part(), MARK)
    assert later.value.retry_after == seconds
    assert slack.counts == {"chat.postMessage": 1}, "the SDK must not try again"


async def test_without_a_connection_nothing_was_sent() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        clients = Clients(one_token("xoxb-secret"), f"http://127.0.0.1:{held.getsockname()[1]}/api")
        with pytest.raises(ChatUnavailable, match="cannot be reached") as later:
            await SlackChat(clients).post(ROOM, part(), MARK)
        await clients.close()
    assert later.value.retry_after == 0


async def test_a_workspace_without_the_app_is_gone(slack: Scripted) -> None:
    async def nobody(team_id: str) -> None:
        return None

    clients = Clients(nobody, slack.url)
    with pytest.raises(SinkGone, match="not installed in the Slack workspace T1"):
        await SlackChat(clients).post(ROOM, part(), MARK)
    await clients.close()
    assert not slack.calls


async def test_every_workspace_has_its_own_token(slack: Scripted) -> None:
    async def token(team_id: str) -> str:
        return f"xoxb-{team_id}"

    clients = Clients(token, slack.url)
    for workspace in ("T1", "T2"):
        await SlackChat(clients).post(ROOM.model_copy(update={"workspace": workspace}), part(), MARK)
    await clients.close()
    assert slack.tokens == ["Bearer xoxb-T1", "Bearer xoxb-T2"]


@pytest.mark.parametrize(
    ("error", "meant"),
    [("token_expired", ChatUnavailable), ("team_added_to_org", ChatUnavailable), ("token_revoked", Refused)],
)
async def test_what_passes_for_cards_passes_for_people_too(slack: Scripted, error: str, meant: type[Exception]) -> None:
    slack.answers["views.open"] = [answer(error=error)]
    calls = Web(slack.url)
    with pytest.raises(meant):
        await calls.call("xoxb-secret", "views.open", trigger_id="1", view={})
    await calls.close()
    assert slack.counts == {"views.open": 1}


async def test_an_expired_token_is_an_answer_where_the_token_is_asked_about(slack: Scripted) -> None:
    slack.answers["auth.test"] = [answer(error="token_expired")]
    (told,) = await check_token("xoxb-secret", slack.url, agent=False)
    assert "token_expired" in told.detail
    assert told.state == "fail"
