"""Tool servers that ask people something in the middle of a call (protocol 2026-07-28)."""

import json
import re
import uuid
from typing import Any

import pytest
from temporalio.client import Client

from tests.worker_harness import ANN, BOB, WRITE, WorkerHarness, agent, call, done
from threadwork.activities.tool_calls.elicitation import DECLINE, OPENED, Wrong, answer, question
from threadwork.activities.tool_calls.secret_forms import is_secret
from threadwork.adapters.discord.cards import text as discord
from threadwork.adapters.memory.catalog import MemoryCatalog, MemoryDirectory
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.slack.cards import text as slack
from threadwork.bot.directories import Directories
from threadwork.workflows.agents import Access, ApprovalPolicy, ToolPolicy, ToolSpec
from threadwork.workflows.event_types import EventType
from threadwork.workflows.models import Asked, Given, ModelRequest, ToolOutput

AGENT = agent(tools=ToolPolicy(allow=("notes.*",)), approvals=ApprovalPolicy(approvers=("nobody",)))
TURN = says("", call("notes__write", name="a"))


def form(message: str = "How many?", /, **fields: dict[str, Any]) -> dict[str, Any]:
    return {"mode": "form", "message": message, "requestedSchema": {"type": "object", "properties": fields}}


class Curious(MemoryToolBox):
    """Its one tool asks before it answers."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__((WRITE, lambda _: "wrote"))
        self._params = params
        self.given: list[Given] = []

    async def call(
        self,
        tool: ToolSpec,
        arguments: dict[str, Any],
        timeout: float,
        given: Given | None = None,
        progress: Any = None,
        task_id: str = "",
    ) -> ToolOutput:
        if given is None:
            return ToolOutput(text="", asked=Asked(state="s-1", requests={"k": self._params}))
        self.given.append(given)
        return await super().call(tool, arguments, timeout)


async def test_a_question_of_a_server_is_asked_in_the_thread_and_its_call_goes_on_with_the_answer(
    temporal: Client,
) -> None:
    tools = Curious(form(count={"type": "integer"}))
    harness = WorkerHarness(temporal, [TURN, done()], agent=AGENT, tools=tools)
    async with harness.workers():
        task = await harness.start(by=ANN)
        asked = await task.happened(EventType.QUESTION_ASKED)
        assert asked.data["server"] == "notes"
        assert asked.data["question"] == "The tool server notes asks: How many?"
        await _answer(task, asked.data["question_id"], "11", BOB)  # who may not
        await task.happened(EventType.CLICK_REFUSED)
        await _answer(task, asked.data["question_id"], "many", ANN)  # what is no number
        again = await task.happened(EventType.QUESTION_ASKED, times=2)
        assert "count must be a number." in again.data["question"]
        await _answer(task, again.data["question_id"], "42", ANN)
        assert (await task.result())["reason"] == "goal_achieved"
    assert tools.given == [Given(state="s-1", answers={"k": {"action": "accept", "content": {"count": 42}}})]
    events = await task.events()
    assert [e.data["reason"] for e in events if e.type == EventType.CLICK_REFUSED] == [
        "Only who started the task, or decides on its calls, may answer a tool server."
    ]
    assert {e.data["answer"] for e in events if e.type == EventType.QUESTION_ANSWERED} == {"answered"}
    assert "42" not in json.dumps([list(r.messages) for r in harness.model.requests])


async def _answer(task: Any, question_id: str, text: str, by: Any) -> None:
    click = {"click_id": uuid.uuid4().hex, "question_id": question_id, "answer": text, "by": by.model_dump()}
    await task.signal("answer_question", click)


async def test_nobody_is_asked_for_a_secret(temporal: Client) -> None:
    tools = Curious(form(api_key={"type": "string"}))
    harness = WorkerHarness(temporal, [TURN, done()], agent=AGENT, tools=tools)
    async with harness.workers():
        task = await harness.start(by=ANN)
        await task.result()
    assert EventType.QUESTION_ASKED not in await task.types()
    told = [m["content"] for m in harness.model.requests[-1].messages if m["role"] == "tool"]
    assert told[0].endswith(
        "wrote\n\n[notes wanted to ask: “How many?” Nobody was asked: it looks as if it wanted a secret, and a "
        "thread is no place for one. Tell the person.]"
    )
    assert tools.given == [Given(state="s-1", answers={"k": {"action": "decline"}})]


async def test_a_stop_ends_the_wait_for_an_answer(temporal: Client) -> None:
    tools = Curious(form(name={"type": "string"}))
    harness = WorkerHarness(temporal, [TURN, done()], agent=AGENT, tools=tools)
    async with harness.workers():
        task = await harness.start(by=ANN)
        await task.happened(EventType.QUESTION_ASKED)
        await task.stop()
        assert (await task.result())["reason"] == "cancelled"
    assert tools.given == []


@pytest.mark.parametrize("name", ["password", "apiKey", "api_key", "pinCode", "card_number", "ssn", "accessToken"])
def test_what_looks_secret_is_not_asked(name: str) -> None:
    assert is_secret(form(**{name: {"type": "string"}}))


@pytest.mark.parametrize(
    "title",
    [
        "Passwort",
        "Mot de passe",
        "Contraseña",
        "Senha",
        "密码",
        "Пароль",
        "パスワード",
        "비밀번호",
        "Wachtwoord",
        "كلمة المرور",
    ],
)
def test_what_looks_secret_in_other_languages_is_not_asked_either(title: str) -> None:
    assert is_secret(form(a={"type": "string", "title": title}))


@pytest.mark.parametrize("name", ["name", "shipping", "discard", "keyboard", "monkey", "spinner", "Passenger", "Ort"])
def test_ordinary_fields_are_asked(name: str) -> None:
    assert not is_secret(form(**{name: {"type": "string"}}))


def page(url: object, message: str = "Sign in") -> dict[str, Any]:
    return {"mode": "url", "message": message, "url": url, "elicitationId": "1"}


@pytest.mark.parametrize(
    "url",
    [
        "https://bank.example/login?client_id=a1&scope=read+write&back=https%3A%2F%2Fx.example#top",
        "http://localhost:8123/go",
        "https://bank.example/" + "a" * 229,
    ],
)
def test_a_page_to_be_opened_is_named_by_its_host_and_its_whole_address(url: str) -> None:
    """The protocol: clients MUST show the full URL for examination before consent."""
    asked = question("bank", page(url, "Sign in. " * 100))
    assert re.match(r"The tool server bank wants you to open a page on (bank.example|localhost): Sign in.", asked.text)
    assert asked.text.endswith(f"…\n{url}")
    assert len(asked.text) <= 400
    assert asked.options == (OPENED, DECLINE)
    assert answer(page(url), OPENED) == {"action": "accept"}
    assert answer(page(url), DECLINE) == {"action": "decline"}


@pytest.mark.parametrize(
    "words", ["[Your bank](", "[a]:", "`", "```", "<", "**", "|", "[bank.example](https://evil.example)"]
)
def test_no_words_of_a_server_hide_where_its_page_is(words: str) -> None:
    url = "https://bank.example/go?a_b=1&c__d__=2"
    text = question("bank", page(url, words)).text
    for markdown in (slack.markdown, discord.markdown):
        assert markdown(text).endswith(f"\n{url}")
        assert "](" not in markdown(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://bank.example/" + "a" * 230,
        "http://bank.example/",
        "https://bank.example@evil.example/secret",
        "https://u:secret@bank.example/",
        "https://bank.example/|Your bank>",
        "https://bank.example/](https://evil.example",
        "https://bank.example/\nhttps://evil.example/",
        "https://bаnk.example/",
        "javascript:alert(1)",
        "slack://open",
        "http://localhost.evil.example/",
        "https://bank.example/@everyone",
        "http://[broken",
        None,
    ],
)
def test_a_page_whose_address_may_not_stand_in_a_thread_can_only_be_declined(url: object) -> None:
    asked = question("bank", page(url))
    assert str(url) not in asked.text
    assert "Its address is not shown" in asked.text
    assert asked.options == (DECLINE,)
    with pytest.raises(Wrong, match="nobody can have opened it"):
        answer(page(url), "fine")


def test_several_fields_are_answered_line_by_line() -> None:
    params = form(size={"enum": ["s", "m"]}, gift={"type": "boolean"}, note={"type": "string"})
    params["requestedSchema"]["required"] = ["size"]
    told = answer(params, "Size: M\ngift: yes")
    assert told == {"action": "accept", "content": {"size": "m", "gift": True}}
    with pytest.raises(Wrong, match="Something is missing: size"):
        answer(params, "gift: no")


async def test_whoever_decides_on_calls_by_a_group_or_another_account_may_answer_a_server(temporal: Client) -> None:
    """Whether or not they may talk to the agent."""
    groups = MemoryDirectory({BOB.key: ["group:ops"]})
    for run in ("*", "U1"):
        tools = Curious(form(count={"type": "integer"}))
        policy = ApprovalPolicy(approvers=("group:ops",))
        spec = AGENT.model_copy(update={"approvals": policy, "access": Access(run=(run,))})
        harness = WorkerHarness(temporal, [TURN, done()], agent=spec, tools=tools)
        harness.use(directory=Directories({"slack": groups}, harness.store.people))
        stranger = BOB.model_copy(update={"user_id": "U9", "name": "Zed"})
        async with harness.workers():
            task = await harness.start(by=ANN)
            asked = await task.happened(EventType.QUESTION_ASKED)
            await _answer(task, asked.data["question_id"], "11", stranger)
            await task.happened(EventType.CLICK_REFUSED)
            await _answer(task, asked.data["question_id"], "42", BOB)
            await task.result()
        assert [given.answers["k"]["content"] for given in tools.given] == [{"count": 42}]


async def test_a_server_of_a_child_is_answered_by_a_click_and_a_strangers_line_is_for_the_lead(
    temporal: Client,
) -> None:
    def tell(request: ModelRequest) -> Any:
        said = sum(m["role"] == "assistant" for m in request.messages)
        if request.messages[1]["content"] == "Look.":
            return TURN if not said else done()
        return done() if said else says("", call("delegate_task", agent="scout", goal="Look."))

    lead = agent(delegates=("scout",), access=Access(run=("*",)))
    scout = AGENT.model_copy(update={"name": "scout", "approvals": ApprovalPolicy(approvers=("U2",))})
    tools = Curious(form(count={"type": "integer"}))
    harness = WorkerHarness(temporal, tell, tools=tools, catalog=MemoryCatalog(lead, scout))
    stranger = BOB.model_copy(update={"user_id": "U9", "name": "Zed"})
    async with harness.workers():
        task = await harness.start(by=ANN)
        asked = await task.happened(EventType.QUESTION_ASKED)
        await task.reply("What is this?", by=stranger)
        await _answer(task, asked.data["question_id"], "11", stranger)
        await task.happened(EventType.CLICK_REFUSED)
        await _answer(task, asked.data["question_id"], "42", BOB)
        await _answer(task, asked.data["question_id"], "43", BOB)
        await task.result()
        refused = [e.data["reason"] for e in await task.events() if e.type == EventType.CLICK_REFUSED]
    assert [given.answers["k"]["content"] for given in tools.given] == [{"count": 42}]
    assert "What is this?" in str(harness.model.requests[-1].messages)
    assert refused[0] == "Only who started the task, or decides on its calls, may answer a tool server."


async def test_an_answer_that_comes_twice_or_after_the_stop_is_told_to_be_late(temporal: Client) -> None:
    tools = Curious(form(count={"type": "integer"}))
    harness = WorkerHarness(temporal, [TURN, done()], agent=AGENT, tools=tools)
    async with harness.workers():
        task = await harness.start(by=ANN)
        asked = await task.happened(EventType.QUESTION_ASKED)
        await task.signal("pause_execution", "", ANN.model_dump(), "p")
        for text in ("1", "2"):
            await _answer(task, asked.data["question_id"], text, ANN)
        await task.happened(EventType.CLICK_REFUSED)
        assert tools.given == []  # it was paused meanwhile
        await task.stop(ANN)
        await task.result()
    assert tools.given == []


@pytest.mark.parametrize(
    "params",
    [
        {"mode": "form", "message": None, "requestedSchema": ["no", "object"]},
        {"mode": "form", "requestedSchema": {"type": "object", "properties": {}, "required": ["ghost"]}},
        form(a={"type": ["string", "null"], "oneOf": {"const": 1}}),
    ],
)
def test_odd_questions_are_asked_and_answered_all_the_same(params: dict[str, Any]) -> None:
    assert question("odd", params).options[-1] == DECLINE
    assert answer(params, "fine")["action"] == "accept"


@pytest.mark.parametrize("said", ["nan", "inf", "-Infinity", "1e999", "9" * 5_000, ""])
def test_what_json_cannot_say_is_no_number(said: str) -> None:
    for kind in ("number", "integer"):
        if kind == "number" and said.startswith("9"):
            continue
        with pytest.raises(Wrong, match="n must be a number"):
            answer(form(n={"type": kind}), said)


def test_several_of_a_list_are_picked_by_commas() -> None:
    params = form(colours={"type": "array", "items": {"enum": ["Red", "Blue"]}})
    assert answer(params, "blue, red") == {"action": "accept", "content": {"colours": ["Blue", "Red"]}}
    with pytest.raises(Wrong, match="colours must be one of: Red, Blue"):
        answer(params, "green")


async def test_in_a_delegated_task_too_only_the_requester_or_who_decides_may_answer(temporal: Client) -> None:
    nobody = {"approvals": ApprovalPolicy(approvers=("nobody",)), "tools": ToolPolicy(allow=("notes.*",))}
    lead, scout = agent(delegates=("scout",), **nobody), agent(name="scout", **nobody)

    def tell(request: ModelRequest) -> Any:
        told = [m for m in request.messages if m["role"] == "assistant"]
        if str(request.messages[1]["content"]) != "Do it.":
            return done("written") if told else says("", call("notes__write", name="a"))
        return done() if told else says("", call("delegate_task", agent="scout", goal="Write."))

    tools = Curious(form(name={"type": "string"}))
    harness = WorkerHarness(temporal, MemoryModel(tell), tools=tools, catalog=MemoryCatalog(lead, scout))
    async with harness.workers():
        task = await harness.start(by=ANN)
        asked = await task.happened(EventType.QUESTION_ASKED)
        assert asked.data["server"] == "notes"
        await task.reply("mine", by=BOB)
        await _answer(task, asked.data["question_id"], "mine", BOB)
        await task.happened(EventType.FOLLOW_UP_RECEIVED)
        await task.reply("hers", by=ANN)
        assert (await task.result())["reason"] == "goal_achieved"
    assert tools.given == [Given(state="s-1", answers={"k": {"action": "accept", "content": {"name": "hers"}}})]
    assert "mine" in str(harness.model.requests[-1].messages), "what Bob wrote is a message to the agent"


@pytest.mark.parametrize(("said", "told"), [(OPENED, "wrote"), (DECLINE, "notes.write did not run")])
async def test_a_call_that_needs_a_page_opened_first_is_made_once_more(temporal: Client, said: str, told: str) -> None:
    """The error -32042 of the protocol of 2025-11-25: the server has ended the call."""

    class Strict(Curious):
        async def call(self, *call: Any, **_: Any) -> ToolOutput:
            output = await super().call(*call)
            if not self.calls and output.asked is not None:
                self.calls.append(("refused", {}))
                return ToolOutput(text="", asked=Asked(requests=output.asked.requests, over=True))
            return ToolOutput(text="wrote")

    tools = Strict(page("https://bank.example/x"))
    harness = WorkerHarness(temporal, [TURN, done()], agent=AGENT, tools=tools)
    async with harness.workers():
        task = await harness.start(by=ANN)
        asked = await task.happened(EventType.QUESTION_ASKED)
        assert asked.data["question"].endswith("\nhttps://bank.example/x")
        await _answer(task, asked.data["question_id"], said, ANN)
        await task.result()
    [output] = [m["content"] for m in harness.model.requests[-1].messages if m["role"] == "tool"]
    assert output.startswith(told)
    assert tools.given == [], "it begins anew"
