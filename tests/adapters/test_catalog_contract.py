"""What every catalog promises behind the port `Catalog`: the file's, and its twin in memory."""

from collections.abc import Callable
from pathlib import Path

import pytest

from threadwork.activities.ports import Catalog
from threadwork.adapters.catalog.files import FileCatalog
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.workflows.agents import AgentSpec, Skill
from threadwork.workflows.errors import NotFound

SKILLS = ("greet", "triage")
Open = Callable[..., Catalog]


@pytest.fixture(params=["file", "memory"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """One with agents of these names, and both skills."""

    def of_file(*agents: str) -> Catalog:
        for name in SKILLS:
            (tmp_path / "skills" / name).mkdir(parents=True)
            text = f"---\nname: {name}\ndescription: How to {name}.\n---\nDo it.\n"
            (tmp_path / "skills" / name / "SKILL.md").write_text(text, encoding="utf-8")
        file = tmp_path / "threadwork.yaml"
        entries = "".join(f"  {name}: {{description: Helps., model: demo/scripted}}\n" for name in agents)
        file.write_text(f"agents:\n{entries}", encoding="utf-8")
        return FileCatalog.load(file, "demo/scripted", tmp_path / "home")

    def in_memory(*agents: str) -> Catalog:
        skills = [Skill(name=name, description=f"How to {name}.", instructions="Do it.") for name in SKILLS]
        specs = [AgentSpec(name=name, description="Helps.", model="demo/scripted") for name in agents]
        return MemoryCatalog(*specs, skills=skills)

    return of_file if request.param == "file" else in_memory


async def test_an_agent_that_is_not_there_is_not_found_and_those_there_are_are_named(catalog: Open) -> None:
    with pytest.raises(NotFound, match="no agent") as missing:
        await catalog("scout", "writer").agent("default")
    assert "scout" in f"{missing.value.detail} {missing.value.hint}"


async def test_the_only_agent_is_the_default(catalog: Open) -> None:
    only = catalog("scout")
    assert (await only.agent("default")).name == (await only.agent("scout")).name == "scout"


async def test_skills_come_in_the_order_asked_for(catalog: Open) -> None:
    assert [one.name for one in await catalog("scout").skills(["triage", "greet"])] == ["triage", "greet"]


async def test_a_skill_that_is_not_there_is_not_found(catalog: Open) -> None:
    with pytest.raises(NotFound, match="no skill"):
        await catalog("scout").skills(["greet", "none"])
