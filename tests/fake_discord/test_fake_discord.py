"""The fake Discord, under unmodified discord.py."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.faults import Fault
from tests.fake_discord.limits import Limits

pytest_plugins = ["tests.fake_discord.fixture"]
ANN, BOB, CID = "201", "202", "203"
GENERAL, FLAT, SILENT, HIDDEN, FORUM = "101", "107", "108", "109", "115"
AGENT = "DiscordBot (https://example.com, 1)"


@pytest.fixture(autouse=True)
def _pointed(fake_discord: FakeDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py knows Discord's address by two class attributes."""
    monkeypatch.setattr(Route, "BASE", fake_discord.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(fake_discord.gateway_url))


class Why(discord.ui.Modal, title="Why?"):
    reason = discord.ui.TextInput[Any](label="Reason", custom_id="reason", max_length=20)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"Because {self.reason.value}.", ephemeral=True)


class Buttons(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Stop", custom_id="stop|1")
    async def stop_task(self, interaction: discord.Interaction, button: Any) -> None:
        await interaction.response.edit_message(content="Stopped.", view=None)

    @discord.ui.button(label="Why", custom_id="why|1")
    async def why(self, interaction: discord.Interaction, button: Any) -> None:
        await interaction.response.send_modal(Why())

    @discord.ui.button(label="Deaf", custom_id="deaf|1")
    async def deaf(self, interaction: discord.Interaction, button: Any) -> None:
        """Says nothing."""


class Bot(discord.Client):
    """A bot that does a little of everything, and remembers what it heard."""

    def __init__(self, content: bool = True, **options: Any) -> None:
        intents = discord.Intents.default()
        intents.message_content = content
        super().__init__(intents=intents, guild_ready_timeout=0.1, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[tuple[str, Any]] = []
        self.texts: list[str] = []  # of people, as they were said
        group = app_commands.Group(name="agent", description="Agents")
        group.command(name="run", description="Run")(_run)
        group.command(name="list", description="List")(_list)
        self.tree.add_command(group)
        self.tree.context_menu(name="Ask an agent")(_ask)

    async def setup_hook(self) -> None:
        await self.tree.sync()
        self.add_view(Buttons())

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(("message", message))
        if not message.author.bot:
            self.texts.append(message.content)

    async def on_message_edit(self, before: discord.Message, after: discord.Message) -> None:
        self.heard.append(("edit", after))

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        self.heard.append(("delete", payload))

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        self.heard.append(("react", payload))

    async def on_error(self, event: str, *arguments: Any, **more: Any) -> None:
        raise


async def _run(interaction: discord.Interaction, goal: str, agent: str = "default") -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    await interaction.followup.send(f"{agent} starts: {goal}", ephemeral=True)
    assert isinstance(interaction.channel, discord.TextChannel)
    root = await interaction.channel.send("working", view=Buttons())
    thread = await interaction.channel.create_thread(name=goal, message=discord.Object(root.id))
    await thread.send("in the thread")


async def _agents(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    names = ("default", "deploy")
    return [app_commands.Choice(name=name, value=name) for name in names if name.startswith(current)]


_run = app_commands.autocomplete(agent=_agents)(_run)


async def _list(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("Nothing runs.", ephemeral=True)


async def _ask(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"Asked about: {message.content}", ephemeral=True)


@asynccontextmanager
async def running(discord_: FakeDiscord, bot: Bot | None = None) -> AsyncIterator[Bot]:
    bot = bot or Bot()
    await bot.login(discord_.bot_token)
    task = asyncio.create_task(bot.connect())
    try:
        await asyncio.wait_for(bot.wait_until_ready(), 30)
        yield bot
    finally:
        await bot.close()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def by_rest(discord_: FakeDiscord) -> AsyncIterator[discord.Client]:
    """Without a gateway."""
    client = discord.Client(intents=discord.Intents.none())
    try:
        await client.login(discord_.bot_token)
        yield client
    finally:
        await client.close()


async def until(true: Callable[[], Any], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "It did not come to pass in time."
        await asyncio.sleep(0.02)


async def call(discord_: FakeDiscord, verb: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
    """One call past discord.py, which is too well-behaved for some."""
    headers = {"Authorization": f"Bot {discord_.bot_token}", "User-Agent": AGENT, **more.pop("headers", {})}
    async with (
        aiohttp.ClientSession() as session,
        session.request(verb, f"{discord_.api_url}{path}", json=body, headers=headers, **more) as answer,
    ):
        return answer.status, await answer.json() if answer.content_length else None


def problems(discord_: FakeDiscord) -> list[str]:
    return [violation.problem for violation in discord_.violations()]


# --- commands, buttons, windows ------------------------------------------------------------------------------


async def test_a_command_is_deferred_and_works_in_a_thread(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord):
        done = await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "tidy up"})
        await until(
            lambda: fake_discord.threads(GENERAL) and fake_discord.messages(fake_discord.threads(GENERAL)[0].id)[1:]
        )
    assert done.acked
    assert done.ms < 3_000
    assert done.body["type"] == 5
    assert [seen.readable for seen in fake_discord.answers(done)] == ["default starts: tidy up"]
    assert fake_discord.screen(ANN, GENERAL).splitlines() == [
        "threadwork: default starts: tidy up",
        "(Only you can see this)",
        "threadwork: working",
        "[Stop] [Why] [Deaf]",
        "🧵 tidy up",
    ]
    assert "default starts" not in fake_discord.screen(BOB, GENERAL)
    (thread,) = fake_discord.threads(GENERAL)
    assert fake_discord.screen(BOB, thread.id).endswith("threadwork: in the thread")
    assert problems(fake_discord) == []


async def test_what_a_person_could_not_type_is_impossible(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord):
        for name, options, reason in (
            ("agent run", {}, "goal has to be filled in"),
            ("agent run", {"goal": 3}, "does not fit"),
            ("agent run", {"goal": "x", "speed": "fast"}, "no option speed"),
            ("agent fly", {}, "followed by one of run, list"),
            ("other", {}, "There is no command /other"),
        ):
            with pytest.raises(AssertionError, match=reason):
                await fake_discord.slash(ANN, GENERAL, name, options)
    assert fake_discord.deliveries() == []


async def test_a_completion_gives_the_choices_that_fit(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord):
        choices = await fake_discord.autocomplete(ANN, GENERAL, "agent run", "agent", "dep", {"goal": "x"})
    assert [one["value"] for one in choices] == ["deploy"]


async def test_a_button_changes_its_message_and_a_window_is_filled_in(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord) as bot:
        channel = bot.get_channel(int(GENERAL))
        assert isinstance(channel, discord.TextChannel)
        card = await channel.send("working", view=Buttons())
        await fake_discord.click(ANN, str(card.id), "Why")
        (form,) = fake_discord.modals(ANN)
        assert form.readable == "Why?\nReason: []\n[Cancel] [Submit]"
        with pytest.raises(AssertionError, match="has to be filled in"):
            await fake_discord.submit_modal(ANN)
        with pytest.raises(AssertionError, match="do not fit"):
            await fake_discord.submit_modal(ANN, {"Reason": "x" * 21})
        told = await fake_discord.submit_modal(ANN, {"reason": "it is late"})
        await fake_discord.click(BOB, str(card.id), "stop|1")
    assert fake_discord.modals(ANN) == []
    assert [one.readable for one in fake_discord.answers(told)] == ["Because it is late."]
    seen = next(one for one in fake_discord.messages(GENERAL) if one.id == str(card.id))
    assert seen.history == ["working\n[Stop] [Why] [Deaf]", "Stopped."]
    assert problems(fake_discord) == []


async def test_a_menu_command_gets_its_message(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord):
        message = await fake_discord.say(ANN, GENERAL, "the disk is full")
        asked = await fake_discord.context_menu(BOB, message, "Ask an agent")
    assert [one.readable for one in fake_discord.answers(asked)] == ["Asked about: the disk is full"]


async def test_commands_work_in_direct_messages_too(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord):
        told = await fake_discord.slash(ANN, fake_discord.direct(ANN), "agent list")
    assert [one.readable for one in fake_discord.answers(told)] == ["Nothing runs."]
    assert told.payload["user"]["id"] == ANN


async def test_whoever_gets_no_response_is_told_so(fake_discord: FakeDiscord) -> None:
    fake_discord.change(response_seconds=0.2)
    async with running(fake_discord) as bot:
        channel = bot.get_channel(int(GENERAL))
        assert isinstance(channel, discord.TextChannel)
        card = await channel.send("working", view=Buttons())
        clicked = await fake_discord.click(ANN, str(card.id), "Deaf")
    assert not clicked.acked
    assert clicked.ms == float("inf")
    assert "This interaction failed" in fake_discord.screen(ANN, GENERAL)
    assert "This interaction failed" not in fake_discord.screen(BOB, GENERAL)


@pytest.mark.breaches
async def test_a_response_that_comes_too_late_finds_no_interaction(fake_discord: FakeDiscord) -> None:
    fake_discord.change(response_seconds=0.1)
    fake_discord.faults(Fault(kind="stall", seconds=0.3, methods=("create_interaction_response",)))
    async with running(fake_discord):
        told = await fake_discord.slash(ANN, GENERAL, "agent list")
        await until(lambda: any(one.code == 10_062 for one in fake_discord.calls("create_interaction_response")))
    assert not told.acked
    assert any("The first response came after" in problem for problem in problems(fake_discord))


async def test_every_bot_gets_every_interaction_and_one_acknowledges(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord), running(fake_discord):
        told = await fake_discord.slash(ANN, GENERAL, "agent list")
        await until(lambda: len(fake_discord.calls("create_interaction_response")) == 2)
        codes = {one.code for one in fake_discord.calls("create_interaction_response")}
    assert len(set(told.sockets)) == 2
    assert codes == {0, 40_060}
    assert len(fake_discord.answers(told)) == 1
    assert problems(fake_discord) == []


async def test_an_interaction_delivered_twice_is_one(fake_discord: FakeDiscord) -> None:
    fake_discord.change(twice=True)
    async with running(fake_discord):
        told = await fake_discord.slash(ANN, GENERAL, "agent list")
        await until(lambda: len(fake_discord.calls("create_interaction_response")) == 2)
    (delivery,) = fake_discord.deliveries("command")
    assert len(delivery.sockets) == 2
    assert delivery.acks == 2
    assert len(fake_discord.answers(told)) == 1


@pytest.mark.breaches
async def test_an_old_token_is_dead_and_one_without_a_response_is_not_alive(fake_discord: FakeDiscord) -> None:
    fake_discord.change(response_seconds=0.1)
    async with running(fake_discord) as bot:
        channel = bot.get_channel(int(GENERAL))
        assert isinstance(channel, discord.TextChannel)
        card = await channel.send("working", view=Buttons())
        silent = await fake_discord.click(ANN, str(card.id), "Deaf")
        fake_discord.change(response_seconds=3)
        heard = await fake_discord.slash(ANN, GENERAL, "agent list")
    early = await call(fake_discord, "POST", f"/webhooks/700/{silent.payload['token']}", {"content": "x"})
    fake_discord.change(token_seconds=0.01)
    late: tuple[int, dict[str, Any]] = (0, {})
    async with asyncio.timeout(20):
        while late[0] != 401:  # there is a limit of calls, too
            await asyncio.sleep(0.05)
            late = await call(fake_discord, "POST", f"/webhooks/700/{heard.payload['token']}", {"content": "x"})
    assert (early[0], early[1]["code"]) == (404, 10_015)
    assert (late[0], late[1]["code"]) == (401, 50_027)


# --- talk ----------------------------------------------------------------------------------------------------


async def test_what_people_say_change_and_sign_reaches_the_bot(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord) as bot:
        named = await fake_discord.mention(ANN, GENERAL, "look", files={"log.txt": "line"})
        other = await fake_discord.say(BOB, GENERAL, "me too", reply_to=named)
        await until(lambda: "me too" in bot.texts)  # discord.py changes a message that it has yet to hand over
        await fake_discord.edit_message(BOB, other, "not me")
        await fake_discord.react(BOB, named, "🛑")
        await fake_discord.delete_message(BOB, other)
        await fake_discord.dm(ANN, "psst")
        await until(lambda: "psst" in bot.texts)
    assert [kind for kind, _ in bot.heard] == ["message", "message", "edit", "react", "delete", "message"]
    assert bot.texts == [f"<@{fake_discord.bot}> look", "me too", "psst"]
    (_, message), (_, reply), (_, edited), (_, reaction), *_ = bot.heard
    assert [user.id for user in message.mentions] == [int(fake_discord.bot)]
    assert message.attachments[0].filename == "log.txt"
    assert reply.reference.message_id == message.id
    assert edited.content == "not me"
    assert reaction.emoji.name == "🛑"


async def test_a_file_goes_up_and_comes_down(fake_discord: FakeDiscord) -> None:
    async with by_rest(fake_discord) as client:
        channel = await client.fetch_channel(int(GENERAL))
        assert isinstance(channel, discord.TextChannel)
        sent = await channel.send(file=discord.File(io.BytesIO(b"an answer"), "answer.md", description="whole"))
        assert await sent.attachments[0].read() == b"an answer"
    (seen,) = fake_discord.messages(GENERAL)
    assert [(file.name, file.text) for file in seen.files] == [("answer.md", "an answer")]
    assert seen.readable == "📎 answer.md"


async def test_without_the_intent_the_content_is_blank_but_for_mentions(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord, Bot(content=False)) as bot:
        await fake_discord.say(ANN, GENERAL, "secret")
        await fake_discord.mention(ANN, GENERAL, "for you")
        await fake_discord.dm(ANN, "direct")
        await until(lambda: len(bot.texts) == 3)
    assert bot.texts == ["", f"<@{fake_discord.bot}> for you", "direct"]


async def test_an_intent_that_is_not_switched_on_closes_the_gateway(fake_discord: FakeDiscord) -> None:
    fake_discord.change(privileged=0)
    bot = Bot()
    async with bot:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await asyncio.wait_for(bot.start(fake_discord.bot_token), 10)


async def test_a_mention_notifies_unless_it_is_not_allowed(fake_discord: FakeDiscord) -> None:
    async with by_rest(fake_discord) as client:
        channel = client.get_partial_messageable(int(GENERAL))
        await channel.send(f"<@{ANN}> <@&71> @everyone `<@{BOB}>`")
        await channel.send(f"<@{ANN}> <@&71>", allowed_mentions=discord.AllowedMentions.none())
    loud, quiet = fake_discord.messages(GENERAL)
    assert loud.pings == [ANN, "71"]
    assert quiet.pings == []
    assert "@Ann @ops" in quiet.readable


# --- messages and threads ------------------------------------------------------------------------------------


async def test_a_nonce_finds_the_first_message_for_some_minutes(fake_discord: FakeDiscord) -> None:
    fake_discord.faults(Fault(kind="lose_answer", methods=("create_message",), once=True))
    async with by_rest(fake_discord) as client:
        channel = client.get_partial_messageable(int(GENERAL))
        with pytest.raises(aiohttp.ClientError):
            await channel.send("once", nonce="task-1")
        again = await channel.send("once", nonce="task-1")
        fake_discord.change(nonce_seconds=0.001)
        later = await channel.send("once", nonce="task-1")
    assert [one.id for one in fake_discord.messages(GENERAL)] == [str(again.id), str(later.id)]
    assert [one.outcome for one in fake_discord.calls("create_message")] == ["answer_lost", "ok", "ok"]
    status, page = await call(fake_discord, "GET", f"/channels/{GENERAL}/messages")
    assert status == 200
    assert all("nonce" not in one for one in page)


async def test_history_is_read_forwards_backwards_and_in_pages(fake_discord: FakeDiscord) -> None:
    ids = [await fake_discord.say(ANN, GENERAL, f"line {number}") for number in range(5)]
    async with by_rest(fake_discord) as client:
        channel = client.get_partial_messageable(int(GENERAL))
        newest = [one.content async for one in channel.history(limit=2)]
        after = [one.content async for one in channel.history(after=discord.Object(int(ids[1])), oldest_first=True)]
        before = [one.content async for one in channel.history(before=discord.Object(int(ids[2])))]
    assert newest == ["line 4", "line 3"]
    assert after == ["line 2", "line 3", "line 4"]
    assert before == ["line 1", "line 0"]
    _, page = await call(fake_discord, "GET", f"/channels/{GENERAL}/messages?after={ids[0]}&limit=2")
    assert [one["content"] for one in page] == ["line 2", "line 1"]


@pytest.mark.breaches
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"content": "x" * 2_001}, "2001 characters, 2000 fit"),
        ({"embeds": [{"description": "x" * 4_000}, {"description": "x" * 2_001}]}, "6001 characters in all"),
        ({"embeds": [{"title": "x"}] * 11}, "embeds"),
        ({"embeds": [{"title": "x", "footer": {"text": ""}}]}, "footer without a text"),
        ({"content": "x", "nonce": "x" * 26, "enforce_nonce": True}, "nonce"),
        ({"content": "x", "components": [{"type": 1, "components": []}]}, "components"),
        ({"content": "", "embeds": []}, "an empty message"),
        ({"content": "x", "flags": 32_768}, "Components V2"),
    ],
)
async def test_what_does_not_fit_a_message_is_refused_and_noted(
    fake_discord: FakeDiscord, body: dict[str, Any], problem: str
) -> None:
    status, told = await call(fake_discord, "POST", f"/channels/{GENERAL}/messages", body)
    assert status == 400
    assert told["code"] in (50_035, 50_006)
    assert problem in problems(fake_discord)[0]
    assert fake_discord.messages(GENERAL) == []


def rows(*ids: str, count: int = 1) -> list[dict[str, Any]]:
    buttons = [{"type": 2, "style": 2, "label": "B", "custom_id": id_} for id_ in ids]
    return [{"type": 1, "components": buttons}] * count


@pytest.mark.breaches
@pytest.mark.parametrize(
    ("components", "problem"),
    [
        (rows("same", "same"), "custom_id same is there twice"),
        (rows("x" * 101), "components"),
        (rows(*"abcdef"), "components"),
        ([{"type": 1, "components": [{"type": 2, "style": 1, "label": "B"}]}], "has a custom_id only"),
        ([row for number in range(6) for row in rows(str(number))], "6 action rows"),
        ([{"type": 10, "content": "text"}], "only action rows"),
    ],
)
async def test_buttons_that_discord_does_not_take_are_refused(
    fake_discord: FakeDiscord, components: list[Any], problem: str
) -> None:
    body = {"content": "x", "components": components}
    status, told = await call(fake_discord, "POST", f"/channels/{GENERAL}/messages", body)
    assert (status, told["code"]) == (400, 50_035)
    assert problem in problems(fake_discord)[0]


@pytest.mark.breaches
async def test_components_v2_are_read_and_counted(fake_discord: FakeDiscord) -> None:
    view = discord.ui.LayoutView()
    view.add_item(discord.ui.Container(discord.ui.TextDisplay("**Approve?**"), discord.ui.ActionRow(
        discord.ui.Button(label="Yes", custom_id="yes"))))  # fmt: skip
    async with by_rest(fake_discord) as client:
        await client.get_partial_messageable(int(GENERAL)).send(view=view)
    (seen,) = fake_discord.messages(GENERAL)
    assert seen.readable == "**Approve?**\n[Yes]"
    texts = [{"type": 10, "content": "x" * 2_500}] * 2
    body = {"flags": 32_768, "components": texts}
    status, _ = await call(fake_discord, "POST", f"/channels/{GENERAL}/messages", body)
    assert status == 400
    assert "5000 characters of text" in problems(fake_discord)[0]


async def test_an_archived_thread_opens_for_a_post_but_not_for_an_edit(fake_discord: FakeDiscord) -> None:
    root = await fake_discord.say(ANN, GENERAL, "start here")
    thread = await fake_discord.open_thread(ANN, GENERAL, "talk", root)
    assert thread == root
    status, post = await call(fake_discord, "POST", f"/channels/{thread}/messages", {"content": "one"})
    assert status == 200
    fake_discord.channel(thread, archived=True)
    edit = await call(fake_discord, "PATCH", f"/channels/{thread}/messages/{post['id']}", {"content": "two"})
    assert (edit[0], edit[1]["code"]) == (400, 50_083)
    await call(fake_discord, "POST", f"/channels/{thread}/messages", {"content": "three"})
    assert not fake_discord.place(thread).archived
    fake_discord.channel(thread, archived=True, locked=True)
    fake_discord.channel(GENERAL, denied=("manage_threads",))
    locked = await call(fake_discord, "POST", f"/channels/{thread}/messages", {"content": "four"})
    reopened = await call(fake_discord, "PATCH", f"/channels/{thread}", {"archived": False})
    assert locked[1]["code"] == 160_005
    assert reopened[1]["code"] == 50_013


async def test_a_thread_is_opened_listed_archived_and_reopened(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord) as bot:
        channel = bot.get_channel(int(GENERAL))
        assert isinstance(channel, discord.TextChannel)
        alone = await channel.create_thread(name="alone", type=discord.ChannelType.public_thread)
        root = await channel.send("root")
        hung = await channel.create_thread(name="hung", message=discord.Object(root.id))
        assert hung.id == root.id
        with pytest.raises(discord.HTTPException) as error:
            await channel.create_thread(name="again", message=discord.Object(root.id))
        assert error.value.code == 160_004
        await alone.edit(archived=True)
        active = [one.id for one in await channel.guild.active_threads()]
        archived = [one.id async for one in channel.archived_threads()]
        await until(lambda: bot.get_channel(hung.id) is not None)
        await alone.edit(archived=False)
    assert (active, archived) == ([hung.id], [alone.id])
    assert not fake_discord.place(str(alone.id)).archived


async def test_reactions_are_set_once_and_seen(fake_discord: FakeDiscord) -> None:
    message = await fake_discord.say(ANN, GENERAL, "done?")
    async with by_rest(fake_discord) as client:
        partial = client.get_partial_messageable(int(GENERAL)).get_partial_message(int(message))
        await partial.add_reaction("✅")
        await partial.add_reaction("✅")
        read = await partial.fetch()
        assert [(str(one.emoji), one.count, one.me) for one in read.reactions] == [("✅", 1, True)]
        await partial.remove_reaction("✅", discord.Object(int(fake_discord.bot)))
    assert fake_discord.messages(GENERAL)[0].reactions == {}


# --- who may, and what is there ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"/channels/{HIDDEN}/messages", 50_001),
        (f"/channels/{SILENT}/messages", 50_013),
        ("/channels/999/messages", 10_003),
        (f"/channels/{FORUM}/messages", 50_008),
    ],
)
async def test_a_post_where_the_bot_may_not_is_refused_without_blame(
    fake_discord: FakeDiscord, path: str, code: int
) -> None:
    _, told = await call(fake_discord, "POST", path, {"content": "x"})
    assert told["code"] == code
    assert problems(fake_discord) == []


async def test_what_is_gone_or_of_others_cannot_be_edited(fake_discord: FakeDiscord) -> None:
    theirs = await fake_discord.say(ANN, GENERAL, "mine")
    _, gone = await call(fake_discord, "PATCH", f"/channels/{GENERAL}/messages/1", {"content": "x"})
    _, foreign = await call(fake_discord, "PATCH", f"/channels/{GENERAL}/messages/{theirs}", {"content": "x"})
    _, kept = await call(fake_discord, "DELETE", f"/channels/{GENERAL}/messages/{theirs}")
    assert (gone["code"], foreign["code"], kept["code"]) == (10_008, 50_005, 50_013)
    _, flat = await call(fake_discord, "POST", f"/channels/{FLAT}/messages", {"content": "root"})
    _, hung = await call(fake_discord, "POST", f"/channels/{FLAT}/messages/{flat['id']}/threads", {"name": "t"})
    _, inner = await call(fake_discord, "POST", f"/channels/{fake_discord.direct(ANN)}/messages", {"content": "root"})
    direct = f"/channels/{fake_discord.direct(ANN)}/messages/{inner['id']}/threads"
    assert hung["code"] == 50_013
    assert (await call(fake_discord, "POST", direct, {"name": "t"}))[1]["code"] == 50_024


async def test_the_bot_comes_to_the_same_permissions_as_the_fake(fake_discord: FakeDiscord) -> None:
    fake_discord.channel("103", members=(ANN,))
    async with running(fake_discord) as bot:
        guild = bot.get_guild(int(fake_discord.guild))
        assert guild
        seen = {channel.name: channel.permissions_for(guild.me) for channel in guild.text_channels}
        member = await guild.fetch_member(int(ANN))
        names = [role.name for role in member.roles]
    assert not seen["hidden"].view_channel
    assert not seen["silent"].send_messages
    assert not seen["flat"].create_public_threads
    assert seen["ops"].view_channel
    assert names == ["@everyone", "ops"]
    with pytest.raises(AssertionError, match="sees no channel"):
        fake_discord.screen(BOB, "103")


async def test_a_dead_token_is_refused_everywhere(fake_discord: FakeDiscord) -> None:
    fake_discord.revoke_token()
    with pytest.raises(discord.LoginFailure):
        async with by_rest(fake_discord):
            pass


@pytest.mark.breaches
async def test_commands_that_stay_keep_their_id(fake_discord: FakeDiscord) -> None:
    command = {"name": "agent", "description": "Agents", "type": 1}
    path = f"/applications/{fake_discord.app}/commands"
    _, (first,) = await call(fake_discord, "PUT", path, [command])
    _, (second, _) = await call(fake_discord, "PUT", path, [{**command, "description": "x"}, {**command, "name": "b"}])
    assert second["id"] == first["id"]
    assert (await call(fake_discord, "PUT", path, [{**command, "name": "Not Small"}]))[0] == 400
    assert [one["name"] for one in fake_discord.commands()] == ["agent", "b"]


# --- limits and faults ---------------------------------------------------------------------------------------


async def test_discord_py_keeps_to_the_limits_it_reads(fake_discord: FakeDiscord) -> None:
    fake_discord.begin(profile="discord")
    message = await fake_discord.say(ANN, GENERAL, "done?")
    async with by_rest(fake_discord) as client:
        partial = client.get_partial_messageable(int(GENERAL)).get_partial_message(int(message))
        started = time.monotonic()
        for emoji in "🟢🟡🔴":
            await partial.add_reaction(emoji)
        assert time.monotonic() - started >= 0.4
    assert [one.status for one in fake_discord.calls("add_my_message_reaction")] == [204] * 3
    assert problems(fake_discord) == []


@pytest.mark.breaches
async def test_a_channel_takes_five_messages_in_five_seconds(fake_discord: FakeDiscord) -> None:
    fake_discord.begin(profile="discord", grace=0)
    path = f"/channels/{GENERAL}/messages"
    statuses = [(await call(fake_discord, "POST", path, {"content": "x"}))[0] for _ in range(5)]
    status, told = await call(fake_discord, "POST", path, {"content": "sixth"})
    elsewhere, _ = await call(fake_discord, "POST", "/channels/102/messages", {"content": "x"})
    assert [*statuses, elsewhere] == [200] * 6
    assert status == 429
    assert 0 < told["retry_after"] <= 5
    assert not told["global"]
    assert problems(fake_discord) == []
    early, _ = await call(fake_discord, "POST", path, {"content": "sixth"})
    assert early == 429
    (problem,) = problems(fake_discord)
    assert "before its retry_after was over" in problem


async def test_a_429_is_waited_out_by_discord_py(fake_discord: FakeDiscord) -> None:
    async with by_rest(fake_discord) as client:
        fake_discord.faults(Fault(kind="rate_limited", retry_after=0.3, next_calls=1))
        await client.get_partial_messageable(int(GENERAL)).send("at last")
    assert [one.status for one in fake_discord.calls("create_message")] == [429, 200]
    assert problems(fake_discord) == []


def test_the_global_limit_counts_calls_of_every_kind() -> None:
    now = 100.0
    limits = Limits(real=True, per_second=3, grace=0, clock=lambda: now)
    for channel in "abc":
        limits.take("create_message", channel)
    limits.take("create_interaction_response", "i")
    with pytest.raises(Exception, match="429"):
        limits.take("get_message", "d")
    with pytest.raises(Exception, match="429"):
        limits.obeyed("create_message", "z")
    now += 1.1
    limits.obeyed("create_message", "z")
    limits.take("create_message", "z")


async def test_faults_are_counted_and_told(fake_discord: FakeDiscord) -> None:
    path = f"/channels/{GENERAL}/messages"
    fake_discord.faults(
        Fault(kind="server_error", methods=("create_message",), every=2),
        Fault(kind="refuse", methods=("get_message",), code=50_001),
        Fault(kind="cut", methods=("list_messages",)),
        Fault(kind="server_error_after", methods=("update_message",)),
    )
    statuses = [(await call(fake_discord, "POST", path, {"content": "x"}))[0] for _ in range(4)]
    _, refused = await call(fake_discord, "GET", f"{path}/1")
    with pytest.raises(aiohttp.ClientError):
        await call(fake_discord, "GET", path)
    first = fake_discord.messages(GENERAL)[0]
    changed, _ = await call(fake_discord, "PATCH", f"{path}/{first.id}", {"content": "y"})
    assert statuses == [200, 500, 200, 500]
    assert refused["code"] == 50_001
    assert changed == 500
    assert fake_discord.calls("update_message")[0].delivered
    assert fake_discord.messages(GENERAL)[0].content == "y"
    assert fake_discord.violations() == []


# --- the gateway ---------------------------------------------------------------------------------------------


async def test_what_was_missed_is_replayed_on_resume(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord) as bot:
        fake_discord.cut_gateway()
        await fake_discord.say(ANN, GENERAL, "while you were away")
        await until(lambda: bot.texts)
        assert bot.texts == ["while you were away"]
        fake_discord.cut_gateway(politely=True)
        await until(lambda: fake_discord.sessions()["resumed"] == 2)
        told = await fake_discord.slash(ANN, GENERAL, "agent list")
    assert told.acked
    assert fake_discord.sessions() == {"open": 0, "identified": 1, "resumed": 2}


async def test_an_invalid_session_begins_anew_without_what_was_missed(fake_discord: FakeDiscord) -> None:
    async with running(fake_discord) as bot:
        fake_discord.invalidate_sessions()
        await fake_discord.say(ANN, GENERAL, "lost")
        await until(lambda: fake_discord.sessions()["identified"] == 2 and fake_discord.connections() == 1)
        await fake_discord.say(ANN, GENERAL, "heard")
        await until(lambda: bot.texts)
    assert bot.texts == ["heard"]


async def test_shards_get_the_servers_that_fall_to_them(fake_discord: FakeDiscord) -> None:
    async with aiohttp.ClientSession() as session:
        seen = [await _guilds(session, fake_discord, [number, 2]) for number in (0, 1)]
    assert seen == [[fake_discord.guild], [str(1 << 22)]]


async def _guilds(session: aiohttp.ClientSession, discord_: FakeDiscord, shard: list[int]) -> list[str]:
    async with session.ws_connect(discord_.gateway_url) as ws:
        assert (await ws.receive_json())["op"] == 10
        identity = {"token": discord_.bot_token, "intents": 513, "shard": shard, "properties": {}}
        await ws.send_json({"op": 2, "d": identity})
        ready = await ws.receive_json()
        await ws.send_json({"op": 1, "d": ready["s"]})
        assert (await ws.receive_json())["t"] == "GUILD_CREATE"
        assert (await ws.receive_json())["op"] == 11
        return [guild["id"] for guild in ready["d"]["guilds"]]


async def test_a_connection_lives_no_longer_than_it_is_told_to(fake_discord: FakeDiscord) -> None:
    fake_discord.begin(cut_every=0.5)
    async with running(fake_discord) as bot:
        await fake_discord.say(ANN, GENERAL, "before")
        await until(lambda: fake_discord.sessions()["resumed"])
        await fake_discord.say(ANN, GENERAL, "after")
        await until(lambda: len(bot.texts) == 2)
    assert bot.texts == ["before", "after"]
