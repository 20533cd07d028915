"""Names under which tools are offered."""

import re

from hypothesis import given
from hypothesis import strategies as st

from threadwork.workflows.agents import AgentSpec, RunConfig, ToolSpec
from threadwork.workflows.tool_names import offered_names, safe_name

TAKEN = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,63}")  # by OpenAI, Anthropic, Gemini, Bedrock, Moonshot
NAMES = st.builds("{}.{}".format, st.text(min_size=1, max_size=80), st.text(max_size=140))
CLOSE = st.builds("{}.{}".format, st.sampled_from(["a", "a_", "a__b"]), st.text("ab._-/", max_size=5))


def config(*names: str) -> RunConfig:
    offered = offered_names(names)
    tools = tuple(ToolSpec(name=name, offered=offered[name]) for name in names)
    return RunConfig(agent=AgentSpec(name="a", model="m"), tools=tools, system_prompt="")


@given(st.lists(NAMES | CLOSE, max_size=12))
def test_every_tool_has_a_name_of_its_own_that_every_provider_takes(names: list[str]) -> None:
    offered = offered_names(names)
    assert offered.keys() == set(names)
    assert len(set(offered.values())) == len(offered)
    assert all(TAKEN.fullmatch(name) and "__" in name for name in offered.values())
    assert offered == offered_names(reversed(names))


def test_a_plain_name_stays_what_it_was_whoever_comes_beside_it() -> None:
    alone = offered_names(["notes.read_all"])
    assert alone == {"notes.read_all": "notes__read_all"}
    assert offered_names(["notes.read.all", "notes.read_all"])["notes.read_all"] == "notes__read_all"


def test_a_name_made_to_look_like_anothers_gets_another() -> None:
    marked = offered_names(["s.a.b", "s.a_b"])["s.a.b"]
    forged = f"s.{marked.removeprefix('s__')}"
    assert len(set(offered_names(["s.a.b", "s.a_b", forged]).values())) == 3


def test_a_tool_is_found_as_models_write_its_name() -> None:
    run = config("crm.find", "crm.find_all", "büro.öffnen")
    for called in ("crm__find", "crm__find ", "crm.find", "functions.crm__find", "crm-find", "CRM__Find"):
        assert (found := run.tool(called)) is not None, called
        assert found.name == "crm.find"
    assert run.tool("crm") is None
    assert run.tool("") is None
    assert run.tool("__") is None


def test_a_name_that_may_mean_two_tools_means_none() -> None:
    run = config("a.b_c", "a.bc")
    assert run.tool("a_bc") is None


def test_a_snapshot_of_before_keeps_its_names() -> None:
    run = RunConfig(agent=AgentSpec(name="a", model="m"), tools=(ToolSpec(name="notes.read"),), system_prompt="")
    assert run.tool("notes__read") is not None


@given(st.text(max_size=100))
def test_whatever_a_model_called_can_go_back_to_its_provider(called: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", safe_name(called))
