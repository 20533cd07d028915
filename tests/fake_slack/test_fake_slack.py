"""The fake Slack, under the unmodified SDKs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.models import blocks as kit
from slack_sdk.web.async_client import AsyncWebClient

from tests.fake_slack.blocks import problems
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.faults import Fault

pytest_plugins = ["tests.fake_slack.fixture"]
MODAL = {
    "type": "modal",
    "callback_id": "start",
    "title": {"type": "plain_text", "text": "Start"},
    "submit": {"type": "plain_text", "text": "Run"},
    "blocks": [
        {
            "type": "input",
            "block_id": "goal",
            "label": {"type": "plain_text", "text": "Goal"},
            "element": {"type": "plain_text_input", "action_id": "goal_text", "multiline": True},
        },
        {
            "type": "input",
            "block_id": "files",
            "optional": True,
            "label": {"type": "plain_text", "text": "Files"},
            "element": {"type": "file_input", "action_id": "files_input"},
        },
    ],
}
BUTTONS: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "May I *delete*?"}},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": label.lower(), "value": "v"}
            for label in ("Approve", "Deny")
        ],
    },
]


def client(slack: FakeSlack, token: str = "xoxb-test") -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=slack.api_url, retry_handlers=[])


async def error_of(work: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await work
    return str(caught.value.response["error"])


def bolt(slack: FakeSlack) -> AsyncApp:
    return AsyncApp(token=slack.bot_token, signing_secret=slack.signing_secret, client=client(slack))


@asynccontextmanager
async def by_socket(slack: FakeSlack, app: AsyncApp) -> AsyncIterator[None]:
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.2)
    handler.client.web_client = AsyncWebClient(base_url=slack.api_url)
    await handler.connect_async()
    try:
        yield
    finally:
        await handler.close_async()


@asynccontextmanager
async def by_post(app: AsyncApp) -> AsyncIterator[str]:
    runner = web.AppRunner(app.web_app(path="/slack/events"))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


# --- Web API ---------------------------------------------------------------------------------------------------


async def test_auth_test_says_who_the_bot_is_and_what_it_may(fake_slack: FakeSlack) -> None:
    fake_slack.begin(scopes=["chat:write"])
    answer = await client(fake_slack).auth_test()
    assert (answer["team_id"], answer["user_id"], answer.headers["x-oauth-scopes"]) == ("T1", "UBOT1", "chat:write")
    refused = client(fake_slack).reactions_add(channel="C1", timestamp="1.000000", name="eyes")
    assert await error_of(refused) == "missing_scope"


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-no", "invalid_auth")])
async def test_a_wrong_token_is_refused(fake_slack: FakeSlack, token: str, error: str) -> None:
    assert await error_of(client(fake_slack, token).auth_test()) == error


async def test_a_revoked_token_stays_refused(fake_slack: FakeSlack) -> None:
    fake_slack.revoke_tokens("T1")
    assert await error_of(client(fake_slack).auth_test()) == "token_revoked"
    assert (await client(fake_slack, "xoxb-two").auth_test())["team_id"] == "T2"


async def test_history_has_roots_and_replies_has_the_thread(fake_slack: FakeSlack) -> None:
    slack = client(fake_slack)
    mark = {"event_type": "threadwork", "event_payload": {"mark": "m1"}}
    root = (await slack.chat_postMessage(channel="C1", text="root", metadata=mark))["ts"]
    reply = (await slack.chat_postMessage(channel="C1", text="reply", thread_ts=root))["ts"]
    aloud = (await slack.chat_postMessage(channel="C1", text="aloud", thread_ts=root, reply_broadcast=True))["ts"]
    history = await slack.conversations_history(channel="C1", include_all_metadata=True)
    assert [m["ts"] for m in history["messages"]] == [aloud, root]
    assert history["messages"][1]["metadata"] == mark
    assert history["messages"][1]["reply_count"] == 2
    replies = await slack.conversations_replies(channel="C1", ts=root)
    assert [m["ts"] for m in replies["messages"]] == [root, reply, aloud]
    assert "metadata" not in replies["messages"][0]
    assert fake_slack.violations() == []


async def test_reading_goes_page_by_page_and_from_a_moment_on(fake_slack: FakeSlack) -> None:
    slack = client(fake_slack)
    posted = [(await slack.chat_postMessage(channel="C1", text=str(n)))["ts"] for n in range(5)]
    read, cursor = [], ""
    while True:
        page = await slack.conversations_history(channel="C1", limit=2, oldest=posted[0], cursor=cursor)
        read += [m["ts"] for m in page["messages"]]
        if not (cursor := page["response_metadata"]["next_cursor"]):
            break
    assert read == posted[:0:-1]


async def test_a_repeated_post_makes_a_second_message(fake_slack: FakeSlack) -> None:
    mark = {"event_type": "threadwork", "event_payload": {"mark": "m1"}}
    for _ in range(2):
        await client(fake_slack).chat_postMessage(channel="C1", text="x", metadata=mark)
    assert len(fake_slack.messages("C1")) == 2


async def test_an_edit_keeps_the_metadata_and_a_deletion_hides(fake_slack: FakeSlack) -> None:
    slack = client(fake_slack)
    mark = {"event_type": "threadwork", "event_payload": {"mark": "m1"}}
    ts = (await slack.chat_postMessage(channel="C1", text="one", metadata=mark))["ts"]
    await slack.chat_update(channel="C1", ts=ts, text="two")
    await slack.reactions_add(channel="C1", timestamp=ts, name="eyes")
    [seen] = fake_slack.messages("C1")
    assert (seen.history, seen.metadata, seen.reactions) == (["one", "two"], mark, {"eyes": ["UBOT1"]})
    assert fake_slack.screen("U1", "C1") == "threadwork: two\n:eyes: 1"
    await slack.chat_delete(channel="C1", ts=ts)
    assert (fake_slack.screen("U1", "C1"), fake_slack.messages("C1")[0].deleted) == ("", True)
    assert await error_of(slack.chat_update(channel="C1", ts=ts, text="three")) == "message_not_found"


@pytest.mark.parametrize(
    ("channel", "error"),
    [("C8", "not_in_channel"), ("C9", "channel_not_found"), ("C7", "is_archived"), ("C21", "channel_not_found")],
)
async def test_channels_where_the_bot_cannot_write(fake_slack: FakeSlack, channel: str, error: str) -> None:
    assert await error_of(client(fake_slack).chat_postMessage(channel=channel, text="x")) == error
    assert fake_slack.violations() == []


@pytest.mark.breaches
async def test_a_call_beside_the_contract_is_a_violation(fake_slack: FakeSlack) -> None:
    slack = client(fake_slack)
    for call in (
        slack.api_call("chat.postMessage", json={"channel": "C1", "text": "x", "colour": "red"}),
        slack.api_call("chat.postMessage", json={"text": "x"}),
        slack.api_call("chat.postMessage", json={"channel": "C1", "text": {"no": "string"}}),
        slack.api_call("conversations.history", params={"channel": "C1", "limit": "many"}),
    ):
        assert await error_of(call) == "invalid_arguments"
    problems = [violation.problem for violation in fake_slack.violations()]
    assert [word in problem for word, problem in zip(("colour", "channel", "text", "limit"), problems, strict=True)]
    assert len(problems) == 4


async def test_nested_arguments_may_come_as_json_in_a_form(fake_slack: FakeSlack) -> None:
    form = {"channel": "C1", "text": "x", "blocks": '[{"type": "divider"}]', "mrkdwn": "false"}
    await client(fake_slack).api_call("chat.postMessage", data=form)
    assert fake_slack.messages("C1")[0].blocks[0]["type"] == "divider"


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(**fields: Any) -> dict[str, Any]:
    made = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": "a", **fields}
    return {"type": "actions", "elements": [made]}


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([section("x" * 3_001)], "invalid_blocks"),
        ([section("x" * 2_900)] * 5, "msg_blocks_too_long"),
        ([{"type": "divider"}] * 51, "invalid_blocks"),
        ([{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2_001}]}], "invalid_blocks"),
        ([button(), button()], "invalid_blocks"),
        ([button(text={"type": "plain_text", "text": "x" * 76})], "invalid_blocks"),
        ([button(value="x" * 2_001)], "invalid_blocks"),
        ([button(action_id="x" * 256)], "invalid_blocks"),
        ([button(colour="red")], "invalid_blocks"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "invalid_blocks"),
        ([{"type": "markdown", "text": "x" * 6_001}] * 2, "invalid_blocks"),
        ([{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}], "invalid_blocks"),
        ([section("")], "invalid_blocks"),
        ([{"type": "no_such_block"}], "invalid_blocks"),
    ],
)
@pytest.mark.breaches
async def test_blocks_beyond_the_limits_are_refused(
    fake_slack: FakeSlack, blocks: list[dict[str, Any]], error: str
) -> None:
    assert await error_of(client(fake_slack).chat_postMessage(channel="C1", text="x", blocks=blocks)) == error
    assert len(fake_slack.violations()) == 1


def test_the_newest_blocks_are_understood() -> None:
    rich = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
    }
    task = {"task_id": "1", "title": "Look", "status": "in_progress", "details": rich}
    feedback = kit.FeedbackButtonsElement(
        action_id="feedback",
        positive_button=kit.FeedbackButtonObject(text="Good", value="good", accessibility_label="Good answer"),
        negative_button=kit.FeedbackButtonObject(text="Bad", value="bad"),
    )
    blocks = [
        {"type": "markdown", "text": "**bold**"},
        {"type": "task_card", **task},
        {"type": "plan", "title": "Plan", "tasks": [{"type": "task_card", **task}]},
        kit.ContextActionsBlock(elements=[feedback]).to_dict(),
        rich,
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]]},
        {"type": "image", "image_url": "https://example.com/x.png", "alt_text": "x"},
    ]
    assert problems(blocks, "message") == []
    assert problems(MODAL["blocks"], "modal") == []
    assert problems([button()], "home") == []


@pytest.mark.breaches
async def test_metadata_is_flat_and_small(fake_slack: FakeSlack) -> None:
    slack = client(fake_slack)
    for payload, error in (({"a": {"b": 1}}, "invalid_metadata_schema"), ({"a": "x" * 9_000}, "metadata_too_large")):
        posted = slack.chat_postMessage(channel="C1", text="x", metadata={"event_type": "t", "event_payload": payload})
        assert await error_of(posted) == error


async def test_a_file_goes_up_in_three_steps_and_comes_down_with_a_token(fake_slack: FakeSlack) -> None:
    slack = client(fake_slack)
    done = await slack.files_upload_v2(channel="C1", filename="report.md", content="# Report", title="Report")
    [seen] = fake_slack.messages("C1")
    assert (seen.files[0].name, seen.files[0].text) == ("report.md", "# Report")
    unshared = await slack.files_upload_v2(filename="alone.txt", content="alone")
    info = await slack.files_info(file=unshared["file"]["id"])
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {fake_slack.bot_token}"}
        async with session.get(info["file"]["url_private"], headers=headers) as answer:
            assert await answer.text() == "alone"
        async with session.get(done["file"]["url_private"]) as answer:
            assert "Sign in" in await answer.text()
    assert fake_slack.violations() == []


async def test_people_and_groups_are_known(fake_slack: FakeSlack) -> None:
    slack = client(fake_slack)
    assert (await slack.users_info(user="U1"))["user"]["profile"]["display_name"] == "Ann"
    assert (await slack.usergroups_users_list(usergroup="S1"))["users"] == ["U1", "U2"]
    assert (await slack.conversations_open(users="U1"))["channel"]["id"] == "D1"
    assert await error_of(slack.users_info(user="U99")) == "user_not_found"
    assert await error_of(slack.users_info(user="U22")) == "user_not_visible"


async def test_a_stream_grows_stops_and_dies(fake_slack: FakeSlack) -> None:
    slack = client(fake_slack)
    stream = await slack.chat_stream(channel="D1", thread_ts=await fake_slack.say("U1", "D1", "hello"))
    await stream.append(markdown_text="Hello ")
    await stream.append(markdown_text="Ann")
    await stream.stop()
    assert fake_slack.screen("U1", "D1").endswith("↳ 1 reply")
    assert fake_slack.messages("D1")[1].readable == "Hello Ann"
    fake_slack.change(stream_seconds=0.001)
    ts = (await slack.chat_startStream(channel="D1", thread_ts=fake_slack.messages("D1")[0].ts))["ts"]
    dead = slack.chat_appendStream(channel="D1", ts=ts, markdown_text="x")
    assert await error_of(dead) == "message_not_in_streaming_state"


# --- rates and faults ------------------------------------------------------------------------------------------


@pytest.mark.breaches
async def test_posts_to_one_channel_are_limited_and_early_calls_are_violations(fake_slack: FakeSlack) -> None:
    fake_slack.begin(profile="slack", grace=0)
    slack = client(fake_slack)
    for n in range(10):
        await slack.chat_postMessage(channel="C1", text=str(n))
    with pytest.raises(SlackApiError) as caught:
        await slack.chat_postMessage(channel="C1", text="too fast")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
    assert fake_slack.violations() == []
    await slack.chat_postMessage(channel="C2", text="another channel")
    assert await error_of(slack.chat_postMessage(channel="C1", text="not waited")) == "ratelimited"
    assert "Retry-After" in fake_slack.violations()[0].problem


async def test_an_answer_lost_once_for_each_post(fake_slack: FakeSlack) -> None:
    fake_slack.faults(Fault(kind="lose_answer", methods=("chat.postMessage",), once=True))
    slack = client(fake_slack)
    for text in ("a", "b"):
        with pytest.raises(aiohttp.ClientError):
            await slack.chat_postMessage(channel="C1", text=text)
        await slack.chat_postMessage(channel="C1", text=text)
    assert [m.text for m in fake_slack.messages("C1")] == ["a", "a", "b", "b"]
    assert [call.delivered for call in fake_slack.calls("chat.postMessage")] == [True] * 4


async def test_every_third_call_is_too_many_and_every_second_fails(fake_slack: FakeSlack) -> None:
    fake_slack.faults(Fault(kind="rate_limited", every=3), Fault(kind="refuse", every=2, error="user_not_found"))
    slack = client(fake_slack)
    outcomes = []
    for _ in range(3):
        try:
            await slack.users_info(user="U1")
            outcomes.append("ok")
        except SlackApiError as error:
            outcomes.append(error.response["error"])
    assert outcomes == ["ok", "user_not_found", "ratelimited"]


# --- what people do --------------------------------------------------------------------------------------------


async def story(slack: FakeSlack, app: AsyncApp) -> list[str]:
    """An app with one of everything; what it heard."""
    heard: list[str] = []

    @app.command("/agent")
    async def command(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        heard.append(f"command {body['text']}")
        if body["text"]:
            await ack("Started.")
            return
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("start")
    async def submitted(ack: Any, body: dict[str, Any]) -> None:
        goal = body["view"]["state"]["values"]["goal"]["goal_text"]["value"]
        files = body["view"]["state"]["values"]["files"]["files_input"]["files"]
        heard.append(f"goal {goal} {[file['name'] for file in files]}")
        if goal == "bad":
            await ack(response_action="errors", errors={"goal": "Not that."})
        else:
            await ack()

    @app.action("approve")
    async def approved(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        heard.append(f"approve {body['container'].get('message_ts') or body['container']['view_id']}")
        if body.get("response_url"):
            await respond(text="Approved.", replace_original=False)

    @app.event("app_mention")
    async def mentioned(event: dict[str, Any]) -> None:
        heard.append(f"mention {event['text']}")

    @app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(f"message {event.get('subtype', '')} {event.get('text', '')} {event.get('thread_ts', '')}".strip())

    for name in ("reaction_added", "app_home_opened", "agent_session_stopped"):

        async def happened(event: dict[str, Any]) -> None:
            heard.append(event["type"])

        app.event(name)(happened)

    @app.shortcut("ask")
    async def asked(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        heard.append(f"ask {body['message']['text']}")

    return heard


async def act_out(slack: FakeSlack, heard: list[str]) -> None:
    answered = await slack.slash("U1", "C1", "/agent", "run tests")
    assert answered.acked
    assert answered.ms < 3_000
    assert "threadwork (only you): Started." in slack.screen("U1", "C1")
    assert slack.screen("U2", "C1") == ""
    await slack.slash("U1", "C1", "/agent")
    async with asyncio.timeout(20):
        while not slack.views("U1"):
            await asyncio.sleep(0.02)
    assert slack.views("U1")[0].readable == "Start\nGoal: [plain_text_input]\nFiles: [file_input]\n[Run]"
    await slack.submit_view("U1", {"Goal": "bad"})
    assert slack.views("U1")[0].readable.splitlines()[-2] == "! Not that."
    await slack.submit_view("U1", {"goal_text": "good", "Files": {"a.txt": "text"}})
    assert slack.views("U1") == []
    ts = (await client(slack).chat_postMessage(channel="C1", text="May I?", blocks=BUTTONS))["ts"]
    assert "May I *delete*?\n[Approve] [Deny]" in slack.screen("U2", "C1")
    assert (await slack.click("U2", ts, "Approve")).acked
    async with asyncio.timeout(20):
        while "Approved." not in slack.screen("U2", "C1"):
            await asyncio.sleep(0.02)
    said = await slack.mention("U3", "C1", "hello")
    await slack.say("U3", "C1", "a reply", thread_ts=said, files={"log.txt": "line"})
    await slack.edit_message("U3", "C1", said, "hello again")
    await slack.react("U1", "C1", ts, "octagonal_sign")
    await slack.shortcut("U1", "C1", said, "ask")
    await slack.open_home("U1")
    await client(slack).views_publish(user_id="U1", view={"type": "home", "blocks": BUTTONS})
    await slack.click_in_home("U1", "Approve")
    setting = client(slack).api_call(
        "agents.sessions.setStatus", json={"channel_id": "C1", "thread_ts": said, "status": "processing"}
    )
    await setting
    await slack.agent_session_stopped("U1", "C1", said)
    for expected in (
        "command run tests",
        "goal bad []",
        "goal good ['a.txt']",
        f"approve {ts}",
        "mention <@UBOT1> hello",
        "message  <@UBOT1> hello",
        f"message file_share a reply {said}",
        "message message_changed",
        "reaction_added",
        "ask hello again",
        "app_home_opened",
        "agent_session_stopped",
    ):
        assert expected in heard
    assert heard.count(f"approve {slack.home('U1').id}") == 1  # type: ignore[union-attr]
    assert slack.violations() == []
    assert all(delivery.acked for delivery in slack.deliveries())


async def test_everything_people_do_reaches_an_app_over_a_socket(fake_slack: FakeSlack) -> None:
    app = bolt(fake_slack)
    heard = await story(fake_slack, app)
    async with by_socket(fake_slack, app):
        await act_out(fake_slack, heard)


async def test_everything_people_do_reaches_an_app_by_signed_post(fake_slack: FakeSlack) -> None:
    app = bolt(fake_slack)
    heard = await story(fake_slack, app)
    async with by_post(app) as url:
        fake_slack.begin(request_urls=[url])
        await act_out(fake_slack, heard)


async def test_a_wrong_signature_is_not_acknowledged(fake_slack: FakeSlack) -> None:
    app = bolt(fake_slack)
    heard = await story(fake_slack, app)
    async with by_post(app) as url:
        fake_slack.begin(request_urls=[url], signing_secret="another")
        refused = await fake_slack.slash("U1", "C1", "/agent", "run")
    assert (refused.acked, refused.attempts[0].status, heard) == (False, 401, [])
    assert "operation_timeout" in fake_slack.screen("U1", "C1")


async def test_an_event_is_posted_again_until_it_is_acknowledged(fake_slack: FakeSlack) -> None:
    app, seen = bolt(fake_slack), []

    @app.middleware
    async def fail_first(req: Any, next: Any) -> Any:
        seen.append(req.headers.get("x-slack-retry-num"))
        if len(seen) == 1:
            raise RuntimeError("not yet")
        return await next()

    @app.event("message")
    async def message() -> None: ...

    async with by_post(app) as url:
        fake_slack.begin(request_urls=[url], retry_gap=0.05)
        await fake_slack.say("U1", "C1", "hello")
    assert seen == [None, ["1"]]
    [delivery] = fake_slack.deliveries("events_api")
    assert [(attempt.acked, attempt.status) for attempt in delivery.attempts] == [(False, 500), (True, 200)]


async def test_everything_may_arrive_twice_and_over_another_socket(fake_slack: FakeSlack) -> None:
    fake_slack.begin(twice=True)
    apps = (bolt(fake_slack), bolt(fake_slack))
    triggers: tuple[list[str], list[str]] = ([], [])
    for app, seen in zip(apps, triggers, strict=True):
        app.command("/agent")(once(seen))
    async with by_socket(fake_slack, apps[0]), by_socket(fake_slack, apps[1]):
        delivery = await fake_slack.slash("U1", "C1", "/agent", "run")
        assert fake_slack.sockets() == 2
    assert len(triggers[0]) == 1
    assert triggers[0] == triggers[1]
    assert sorted(attempt.copy_number for attempt in delivery.attempts) == [1, 2]
    assert fake_slack.screen("U1", "C1").count("Once.") == 1


def once(triggers: list[str]) -> Any:
    async def command(ack: Any, body: dict[str, Any]) -> None:
        triggers.append(body["trigger_id"])
        await ack("Once.")

    return command


async def test_a_payload_goes_over_the_next_socket_when_one_is_cut(fake_slack: FakeSlack) -> None:
    app, count = bolt(fake_slack), []

    @app.command("/agent")
    async def command(ack: Any) -> None:
        count.append(1)
        if len(count) == 1:
            await asyncio.to_thread(fake_slack.cut_sockets)
        await ack("Done.")

    async with by_socket(fake_slack, app):
        delivery = await fake_slack.slash("U1", "C1", "/agent", "run")
    assert [attempt.acked for attempt in delivery.attempts] == [False, True]
    assert delivery.attempts[0].problem == "SocketLost"


@pytest.mark.breaches
async def test_a_trigger_opens_one_window_and_soon(fake_slack: FakeSlack) -> None:
    fake_slack.change(trigger_seconds=60)
    app, triggers = bolt(fake_slack), []

    @app.command("/agent")
    async def command(ack: Any, body: dict[str, Any]) -> None:
        triggers.append(body["trigger_id"])
        await ack()

    async with by_socket(fake_slack, app):
        for _ in range(2):
            await fake_slack.slash("U1", "C1", "/agent")
    slack = client(fake_slack)
    await slack.views_open(trigger_id=triggers[1], view=MODAL)
    assert await error_of(slack.views_open(trigger_id=triggers[1], view=MODAL)) == "exchanged_trigger_id"
    fake_slack.change(trigger_seconds=0)
    assert await error_of(slack.views_open(trigger_id=triggers[0], view=MODAL)) == "expired_trigger_id"
    fake = slack.views_open(trigger_id=triggers[0], view={**MODAL, "title": {"type": "plain_text", "text": "x" * 25}})
    assert await error_of(fake) == "invalid_arguments"


@pytest.mark.breaches
async def test_a_response_url_serves_five_times(fake_slack: FakeSlack) -> None:
    app, urls = bolt(fake_slack), []

    @app.command("/agent")
    async def command(ack: Any, body: dict[str, Any]) -> None:
        urls.append(body["response_url"])
        await ack()

    async with by_socket(fake_slack, app), aiohttp.ClientSession() as session:
        await fake_slack.slash("U1", "C1", "/agent")
        statuses = [(await session.post(urls[0], json={"text": str(n)})).status for n in range(6)]
    assert statuses == [200] * 5 + [404]
    assert fake_slack.screen("U1", "C1").splitlines() == [f"threadwork (only you): {n}" for n in range(5)]
    assert [violation.method for violation in fake_slack.violations()] == ["response_url"]


async def test_the_bots_own_messages_come_back_as_events(fake_slack: FakeSlack) -> None:
    async with by_socket(fake_slack, bolt(fake_slack)), asyncio.timeout(20):
        ts = (await client(fake_slack).chat_postMessage(channel="C1", text="mine"))["ts"]
        while not any(delivery.acked for delivery in fake_slack.deliveries("events_api")):
            await asyncio.sleep(0.02)
    event = fake_slack.deliveries("events_api")[0].payload["event"]
    assert (event["bot_id"], event["ts"], event["channel_type"]) == ("B1", ts, "channel")


async def test_rarer_doings_reach_the_app_too(fake_slack: FakeSlack) -> None:
    app, closed = bolt(fake_slack), []

    @app.command("/agent")
    async def command(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view={**MODAL, "notify_on_close": True})
        await ack()

    @app.view_closed("start")
    async def close(ack: Any, body: dict[str, Any]) -> None:
        closed.append(body["view"]["callback_id"])
        await ack()

    async with by_socket(fake_slack, app):
        await fake_slack.slash("U1", "D1", "/agent")
        await fake_slack.close_view("U1")
        slack = client(fake_slack)
        root = (await slack.chat_postMessage(channel="C1", text="root"))["ts"]
        reply = (await slack.chat_postMessage(channel="C1", text="aloud", thread_ts=root, reply_broadcast=True))["ts"]
        await slack.files_upload_v2(channel="C1", thread_ts=root, filename="a.txt", content="a")
        await slack.chat_update(channel="C1", ts=root, text="root again")
        await slack.chat_delete(channel="C1", ts=reply)
        said = await fake_slack.say("U21", "C1", "a guest", wait=False)
        await fake_slack.react("U1", "C1", said, "x", wait=False)
        await fake_slack.react("U1", "C1", said, "x", remove=True, wait=False)
        await fake_slack.delete_message("U21", "C1", said, wait=False)
        await fake_slack.delete_message("U1", "C1", root, wait=False)
        await fake_slack.uninstall(wait=False)
        assert await error_of(slack.auth_test()) == "token_revoked"
    assert closed == ["start"]
    events = [delivery.payload["event"] for delivery in fake_slack.deliveries("events_api")]
    assert {event.get("subtype", event["type"]) for event in events} == {
        "message",
        "thread_broadcast",
        "file_share",
        "message_changed",
        "message_deleted",
        "reaction_added",
        "reaction_removed",
        "app_uninstalled",
        "tokens_revoked",
    }
    guest = next(event for event in events if event.get("text") == "a guest")
    assert (guest["team"], guest["channel_type"]) == ("T2", "channel")
    assert len({delivery.payload["event_id"] for delivery in fake_slack.deliveries("events_api")}) == len(events)


async def test_what_no_person_could_do_is_refused(fake_slack: FakeSlack) -> None:
    ts = (await client(fake_slack).chat_postMessage(channel="C1", text="May I?", blocks=BUTTONS))["ts"]
    with pytest.raises(AssertionError, match=r"there are \[Approve\], \[Deny\]"):
        await fake_slack.click("U1", ts, "Launch")
    with pytest.raises(AssertionError, match="not processing"):
        await fake_slack.agent_session_stopped("U1", "C1", ts)
    with pytest.raises(AssertionError, match="no window"):
        await fake_slack.submit_view("U1")


async def test_pings_are_told_from_escaped_text(fake_slack: FakeSlack) -> None:
    slack = client(fake_slack)
    await slack.chat_postMessage(channel="C1", text="<!channel> and <@U1> &lt;!here&gt; &amp; <https://x.org|there>")
    [seen] = fake_slack.messages("C1")
    assert (seen.pings, seen.readable) == (["!channel", "@U1"], "@channel and @Ann <!here> & there")


# --- installing ------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # the SDK's own
async def test_a_code_becomes_a_token_that_rotates(fake_slack: FakeSlack) -> None:
    fake_slack.begin(rotation=True)
    secrets = {"client_id": fake_slack.client_id, "client_secret": fake_slack.client_secret}
    anybody = client(fake_slack, "")
    first = await anybody.oauth_v2_access(**secrets, code=fake_slack.oauth_code("T2"))
    assert (await client(fake_slack, first["access_token"]).auth_test())["team_id"] == "T2"
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await anybody.oauth_v2_access(**secrets, **again)
    assert await error_of(anybody.oauth_v2_access(**secrets, **again)) == "invalid_refresh_token"
    assert second["access_token"] != first["access_token"]
    fake_slack.change(token_seconds=0)
    assert await error_of(client(fake_slack, first["access_token"]).auth_test()) == "token_expired"


async def test_a_file_is_attached_by_an_edit_once_its_upload_is_complete(fake_slack: FakeSlack) -> None:
    slack = client(fake_slack)
    posted = await slack.chat_postMessage(channel="C1", text="see")
    unfinished = await slack.files_getUploadURLExternal(filename="a.txt", length=1)
    for id_ in ("F0", str(unfinished["file_id"])):
        update = slack.chat_update(channel="C1", ts=posted["ts"], text="see", file_ids=[id_])
        assert await error_of(update) == "file_not_found"
    done = await slack.files_upload_v2(filename="a.txt", content="a")
    await slack.chat_update(channel="C1", ts=posted["ts"], text="see", file_ids=[done["file"]["id"]])
    await slack.chat_update(channel="C1", ts=posted["ts"], text="look")
    [seen] = fake_slack.messages("C1")
    assert [file.text for file in seen.files] == ["a"]


@pytest.mark.breaches
async def test_a_message_whose_links_slack_would_fetch_is_noted(fake_slack: FakeSlack) -> None:
    await client(fake_slack).chat_postMessage(channel="C1", text="https://evil.example", unfurl_links=True)
    assert "would fetch" in str(fake_slack.violations())
