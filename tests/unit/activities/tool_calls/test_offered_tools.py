"""Which tools a run offers, and what a model's call of them means."""

import json
from typing import Any

import pytest

from threadwork.activities.agent_config import PROBLEMS, few
from threadwork.activities.tool_calls.builtins import BUILTINS, named, offered_tools, propose, resolved
from threadwork.activities.tool_calls.offered_tools import MAX_TOOLS, arranged, find, usable
from threadwork.adapters.models.refused_tools import one_tool
from threadwork.workflows.agents import AgentSpec, RunConfig, Skill, ToolPolicy, ToolSpec
from threadwork.workflows.errors import ContextOverflow, ModelError, ToolRefused
from threadwork.workflows.models import RequestedCall

WIDE = 1_000_000  # tokens


def tool(name: str, description: str = "", /, **schema: Any) -> ToolSpec:
    return ToolSpec(name=name, description=description, input_schema={"type": "object", "properties": schema})


def config(*found: ToolSpec, policy: ToolPolicy | None = None, window: int = WIDE, skills: Any = ()) -> RunConfig:
    policy = policy or ToolPolicy(allow=("*",))
    tools, findable = arranged(usable(found)[0], policy, len(BUILTINS), window)
    agent = AgentSpec(name="a", model="m", tools=policy)
    return RunConfig(agent=agent, tools=tools, system_prompt="", findable=findable, skills=skills)


def names(run: RunConfig, *without: str) -> list[str]:
    return [given["function"]["name"] for given in offered_tools(run, without)]


def asked(name: str, /, **arguments: Any) -> RequestedCall:
    return RequestedCall(id="1", name=name, arguments=json.dumps(arguments))


MANY = [tool(f"big.task_{number}") for number in range(200)]


def test_what_needs_nothing_is_offered_only_where_it_is_needed() -> None:
    assert names(config()) == ["complete_task", "ask_user", "update_plan", "read_output"]
    skill = Skill(name="s", description="", instructions="")
    assert "read_skill" in names(config(skills=(skill,)))


def test_denied_tools_are_neither_offered_nor_named() -> None:
    run = config(tool("a.read"), tool("a.drop"), policy=ToolPolicy(allow=("*",), deny=("a.drop",)))
    assert "a__drop" not in names(run)
    problem = propose(asked("nothing"), "ref", run).problem
    assert "a__read" in problem
    assert "a__drop" not in problem
    assert "read_skill" not in problem


def test_a_tool_listed_twice_is_offered_once() -> None:
    tools, problems = usable([tool("a.read", "first"), tool("a.read", "second")])
    assert [tool.description for tool in tools] == ["first"]
    assert problems == ("a.read was left out: its server lists it twice.",)


def test_a_request_never_has_more_tools_than_providers_take() -> None:
    exactly = [tool(f"big.task_{number}") for number in range(MAX_TOOLS - len(BUILTINS))]
    assert not config(*exactly).findable
    run = config(*exactly, tool("big.one_more"))
    assert len(names(run)) == MAX_TOOLS - 2  # read_skill and delegate_task are not there
    assert run.findable == ("big.one_more",)


def test_tools_take_a_share_of_the_window_at_most() -> None:
    run = config(*(tool(f"a.t{n}", "words " * 300) for n in range(40)), window=16_000)
    assert 0 < len(run.findable) < 40
    assert len(json.dumps(offered_tools(run))) < 0.3 * 16_000 * 4


def test_what_nobody_is_asked_for_comes_first_and_the_order_stays() -> None:
    run = config(*MANY, tool("z.read"), policy=ToolPolicy(allow=("z.*",)))
    assert "z__read" in names(run)
    assert names(run) == names(config(*MANY, tool("z.read"), policy=ToolPolicy(allow=("z.*",))))


def test_a_denied_tool_is_not_found_either() -> None:
    run = config(*MANY, tool("big.drop_table", "Drop a table."), policy=ToolPolicy(allow=("*",), deny=("big.drop*",)))
    assert "drop_table" not in find(run, "drop table")


@pytest.mark.parametrize("query", ["currency exchange", "convertCurrency", "CURRENCIES convert money"])
def test_a_tool_is_found_by_what_it_does(query: str) -> None:
    wanted = tool(
        "big.convert_currency", "Convert an amount of money into another currency.", amount={"type": "number"}
    )
    found = find(config(*MANY, wanted), query).splitlines()
    assert json.loads(found[0]) == {
        "name": "big__convert_currency",
        "description": "Convert an amount of money into another currency.",
        "arguments": {"type": "object", "properties": {"amount": {"type": "number"}}},
    }


def test_where_nothing_fits_it_is_said_what_there_is() -> None:
    assert find(config(*MANY), "xyzzy").startswith("No tool fits 'xyzzy'.")


@pytest.mark.parametrize("query", ["", " ", "?!", "é" * 10_000, "\x00", "a b " * 5_000, "🦆"])
def test_odd_queries_find_nothing_and_are_answered(query: str) -> None:
    run = config(*(tool(f"big.task_{number}", "words " * 300) for number in range(40)), window=16_000)
    assert find(run, query).startswith("No tool fits")


def test_a_call_through_call_tool_is_the_tools_own() -> None:
    run = config(*MANY, tool("z.pay", **{"$sum": {"type": "integer"}}))
    arguments = {"name": "z.pay", "arguments": {"sum": 3}}
    direct, through = resolved(asked("z__pay", sum=3), run), resolved(asked("call_tool", **arguments), run)
    assert (direct.name, direct.arguments) == (through.name, through.arguments) == ("z__pay", '{"$sum": 3}')
    assert propose(through, "ref", run).name == "z.pay"
    assert propose(through, "ref", run).digest == propose(direct, "ref", run).digest
    written = resolved(asked("call_tool", name="z__pay", arguments='{"sum": 3}'), run)
    assert written.arguments == through.arguments


def test_call_tool_reaches_our_own_tools_and_says_what_is_wrong() -> None:
    run = config(*MANY)
    assert resolved(asked("call_tool", name="complete_task", arguments={"answer": "x"}), run).name == "complete_task"
    assert propose(resolved(asked("call_tool"), run), "r", run).problem.startswith(
        "The arguments of call_tool are wrong"
    )
    twice = asked("call_tool", name="call_tool", arguments={"name": "a__t", "arguments": {}})
    assert propose(resolved(twice, run), "r", run).problem.startswith("call_tool calls a tool")
    unknown = propose(resolved(asked("call_tool", name="nope"), run), "r", run)
    assert "There is no tool 'nope'. More can be found with find_tools." in unknown.problem


def test_a_tool_of_a_server_never_stands_for_one_of_ours() -> None:
    run = config(tool("complete.task"), tool("call.tool"), tool("ask_user.x"))
    for name in ("complete_task", "call_tool", " complete_task"):
        assert propose(resolved(asked(name, answer="a", name="complete_task"), run), "r", run).tool is None


def test_problems_become_one_where_they_are_many() -> None:
    few_problems = few([f"s.t{n} was left out: it has no name." for n in range(60)])
    assert len(few_problems) == PROBLEMS
    assert few_problems[-1].startswith("55 more problems: s.t5 was left out")
    assert len(few_problems[-1]) <= 2_000


def test_what_was_said_goes_back_under_the_name_that_was_offered() -> None:
    run = config(tool("crm.find"))
    assert named(asked("functions.crm.find ", a=1), run).name == "crm__find"
    assert named(asked("call_tool", name="crm.find"), run).name == "call_tool"
    assert named(asked("nope"), run).name == "nope"


def test_tools_that_were_refused_are_offered_no_more() -> None:
    assert "a__read" not in names(config(tool("a.read"), tool("a.write")), "a.read")


class Refusal(Exception):
    status_code = 400


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Invalid 'tools[1].function.name': string does not match pattern.", "b"),
        ("Invalid schema for function 'c': In context=('properties', 'x'), array schema missing items.", "c"),
        ("tools.1.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12", "b"),
        ("tools.2.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'", "c"),
        ("GenerateContentRequest.tools[0].function_declarations[2].parameters.properties: non-empty", "c"),
        ('Invalid value at "tools[0].function_declarations[1].parameters"', "b"),
        ("Value at 'toolConfig.tools.2.member.toolSpec.name' failed to satisfy constraint", "b"),
        ("Unable to submit request because `a` functionDeclaration `parameters.x` schema is wrong: function 'a'", "a"),
        ("Invalid 'tools': array too long. Expected an array with maximum length 128.", None),
        ("Invalid 'messages[1].tool_calls[0].function.name': string does not match.", None),
        ("Invalid 'tools[9].function.name'", None),
        ("max_tokens is too large", None),
    ],
)
def test_a_provider_names_the_tool_it_refuses(said: str, name: str | None) -> None:
    tools = [{"function": {"name": given}} for given in "abc"]
    raised = one_tool(ModelError(said), Refusal(said), tools)
    assert isinstance(raised, ToolRefused) is (name is not None)
    assert getattr(raised, "tool", None) == name


def test_other_errors_stay_what_they_are() -> None:
    overflow = ContextOverflow("tools[1] is too long")
    assert one_tool(overflow, Refusal("tools[1]"), [{"function": {"name": "a"}}]) is overflow
