"""Configuration that is too large, too deep or half written: refused at once, in a sentence with its line."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.processor_time import loops
from threadwork.adapters.catalog.files import Catalog, ConfigError
from threadwork.adapters.catalog.yaml_source import SIZE, VALUES, YamlSource
from threadwork.adapters.sql.database import normalised
from threadwork.bot.settings import Settings, SettingsError
from threadwork.workflows.errors import Rejected

Mistakes = Callable[[str], list[str]]


@pytest.fixture
def mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mistakes:
    monkeypatch.chdir(tmp_path)

    def mistakes(text: str) -> list[str]:
        file = Path("threadwork.yaml")
        file.write_text(dedent(text), encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            Catalog.load(file, "openai/gpt-5-mini", tmp_path / "home")
        return list(caught.value.problems)

    return mistakes


def laughs(levels: int = 9, many: int = 9) -> str:
    """https://en.wikipedia.org/wiki/Billion_laughs_attack, in YAML (kubernetes#83253)."""
    lines = ["a0: &a0 [" + ", ".join(["lol"] * many) + "]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * many) + "]" for n in range(1, levels)]
    return "\n".join(lines)


MANY_AGENTS = "agents:\n" + "".join(f"  a{number}: {{servers: [x{number}]}}\n" for number in range(4_000))
LARGE = {
    "billion laughs": laughs(),
    "laughs by merging": "a: &a {k: 1}\n" + "".join(f"b{n}: {{<<: [{', '.join(['*a'] * 900)}]}}\n" for n in range(50)),
    "10 MB of agents": "agents:\n" + "".join(f"  agent{n}: {{model: x}}\n" for n in range(450_000)),
    "10 MB of one text": "agents: {a: {instructions: '" + "x" * 10_000_000 + "'}}",
    "10 MB of nothing": "#" * 10_000_000,
    "a list without end": "agents: [" + "a," * 400_000 + "]",
    "a hole": "[" * 900_000,
    "a deep mapping": "{a: " * 200_000,
    "dashes": "- " * 400_000,
    "digits without a unit": "agents: {a: {tool_timeout: '" + "1" * 900_000 + "'}}",
    "thousands of mistakes": MANY_AGENTS + "mcpServers:\n" + "".join(f"  s{n}: {{command: c}}\n" for n in range(1_500)),
    "a long wrong name": "agents: {a: {servers: [" + "x" * 900_000 + "]}}\nmcpServers: {y: {command: c}}",
    "a long wrong key": "agents: {a: {" + "k" * 900_000 + ": 1}}",
}


@pytest.mark.parametrize("name", LARGE)
def test_what_would_take_for_ever_is_refused_in_under_a_second(mistakes: Mistakes, name: str) -> None:
    problems: list[str] = []
    assert loops(lambda: problems.extend(mistakes(LARGE[name]))) < 100
    assert 0 < len(problems) <= 101
    assert all(line.startswith(("threadwork.yaml:", "…")) and len(line) < 1_000 for line in problems)


def test_aliases_are_counted_each_time_they_are_read(mistakes: Mistakes) -> None:
    assert f"at most {VALUES:,} are read" in mistakes(laughs())[0]
    assert YamlSource(laughs(levels=3)).problems == [], "a few aliases are no attack"


def test_a_file_that_is_too_large_says_how_large_it_may_be(mistakes: Mistakes) -> None:
    assert mistakes("# " + "x" * SIZE) == [f"threadwork.yaml:1: is too large; at most {SIZE:,} characters are read"]


def test_a_skill_that_is_too_large_is_told_with_its_file(mistakes: Mistakes, tmp_path: Path) -> None:
    folder = tmp_path / "skills" / "big"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text("---\nname: big\ndescription: d\n---\n" + "x" * 6_000_000)
    [problem] = mistakes("skills: skills")
    assert "big/SKILL.md:1: is too large" in problem


@pytest.mark.parametrize(
    ("text", "begins", "says"),
    [
        ("mcpServers:\n  a:\n    command:\n", "threadwork.yaml:3: mcpServers.a.command: ", "is empty"),
        ("mcpServers:\n  a:\n    url:\n", "threadwork.yaml:3: mcpServers.a.url: ", "is empty"),
        ("mcpServers:\n  a:\n    command: x\n    env:\n", "threadwork.yaml:4: mcpServers.a.env: ", "is empty"),
        ("mcpServers:\n  a:\n    command: x\n    args:\n", "threadwork.yaml:4: mcpServers.a.args: ", "is empty"),
        ("mcpServers:\n  a:\n    command: x\n    cwd:\n", "threadwork.yaml:4: mcpServers.a.cwd: ", "is empty"),
        (
            "mcpServers:\n  a:\n    url: https://h/\n    headers:\n",
            "threadwork.yaml:4: mcpServers.a.headers",
            "is empty",
        ),
        ("mcpServers:\n  a:\n    command: x\n    env: {A: }\n", "threadwork.yaml:4: mcpServers.a.env.A", "is empty"),
        (
            "mcpServers:\n  a:\n    command: x\n    args:\n    -\n",
            "threadwork.yaml:5: mcpServers.a.args[0]",
            "is empty",
        ),
        ("mcpServers:\n  a:\n", "threadwork.yaml:2: mcpServers.a: ", "is empty"),
        ("agents:\n  a:\n    budget: {usd: }\n", "threadwork.yaml:3: agents.a.budget.usd: ", "is empty"),
        ("agents:\n  a:\n    tools:\n      allow:\n", "threadwork.yaml:4: agents.a.tools.allow: ", "is empty"),
        ("agents:\n  a:\n    model:\n", "threadwork.yaml:3: agents.a.model: ", "is empty"),
        ("access:\n  run:\n", "threadwork.yaml:2: access.run: ", "is empty"),
        ("triggers:\n  t:\n", "threadwork.yaml:2: triggers.t: ", "is empty"),
        ("notify:\n  -\n", "threadwork.yaml:2: notify[0]: ", "is empty"),
        ("mcpServers: {a: {command: ~}}\n", "threadwork.yaml:1: mcpServers.a: ", "needs a command"),
        ("mcpServers: {a: {url: null}}\n", "threadwork.yaml:1: mcpServers.a: ", "needs a command"),
        ("mcpServers: {a: {command: ''}}\n", "threadwork.yaml:1: mcpServers.a.command: ", "must be the program"),
        ("skills: " + "x" * 5_000, "threadwork.yaml:1: skills: ", "there is no folder"),
        ("agents: !foo {a: {}}", "threadwork.yaml:1: ", "the tag !foo means nothing here"),
        ("agents:\n  a:\n    fallback_models: !bar [x]", "threadwork.yaml:3: ", "the tag !bar means nothing here"),
        ("agents: {!key a: {}}", "threadwork.yaml:1: ", "the tag !key means nothing here"),
        ("agents: !!set {a}", "threadwork.yaml:1: ", "the tag tag:yaml.org,2002:set means nothing here"),
        ("agents:\n  a:\n    <<: budget\n", "threadwork.yaml:3: ", "can only merge mappings"),
        ("<<: [1]\nagents: {}", "threadwork.yaml:1: ", "can only merge mappings"),
        ("agents: {a: {approvals: {quorum: 100000000000000000000000}}}", "threadwork.yaml:1: ", "from 1 to 100"),
        ("agents: {a: {approvals: {quorum: 101, approvers: ['*']}}}", "threadwork.yaml:1: ", "from 1 to 100"),
        ("agents: {a: {approvals: {quorum: 2, approvers: [U1, 'slack:T1:U1']}}}", "threadwork.yaml:1: ", "at most 1"),
        ("access: {approve: [bob]}\nagents: {a: {approvals: {quorum: 2}}}", "threadwork.yaml:2: ", "at most 1"),
        ("agents: {a: {budget: {usd: 1e999}}}", "threadwork.yaml:1: ", "agents.a.budget.usd"),
        ("agents: {a: {budget: {iterations: 99999999999999999999}}}", "threadwork.yaml:1: ", "from 1 to 1,000,000"),
    ],
)
def test_what_is_half_written_gets_its_sentence_with_its_line(
    mistakes: Mistakes, text: str, begins: str, says: str
) -> None:
    told = [line for line in mistakes(text) if line.startswith(begins)]
    assert any(says in line for line in told), mistakes(text)
    assert len(told) == 1, "one mistake, one line"


def test_a_heading_or_an_agent_of_which_nothing_is_said_is_still_none(tmp_path: Path) -> None:
    file = tmp_path / "threadwork.yaml"
    file.write_text("agents:\n  a:\nmcpServers:\nnotify:\n", encoding="utf-8")
    assert Catalog.load(file, "m", tmp_path).servers == {}


# --- settings ----------------------------------------------------------------------------------------

PASSWORD = "hunter2hunter2"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "postgresql://ann:{0}@host:notaport/db"),
        ("DATABASE_URL", "postgresql://ann:{0}@host:99999/db"),
        ("DATABASE_URL", "postgresql://ann:{0}@[::1]:x/db"),
        ("DATABASE_URL", "postgres://ann:x/{0}@host:-1/db"),
        ("DATABASE_URL", "postgres://ann:{0}@host:²/db"),
        ("REDIS_URL", "redis://:{0}@host:notaport/0"),
        ("REDIS_URL", "rediss://ann:{0}@host:0/0"),
        ("REDIS_URL", "redis://:{0}@host:70000"),
        ("TEMPORAL_SERVER_URL", "https://ann:{0}@host:7233x"),
        ("TEMPORAL_SERVER_URL", "ann:{0}@host:notaport"),
        ("THREADWORK_HTTP", "127.0.0.1:notaport"),
        ("THREADWORK_HTTP", "127.0.0.1:" + "9" * 5_000),
        ("THREADWORK_HTTP", "127.0.0.1:0"),
        ("SLACK_API_URL", "https://ann:{0}@host:notaport/api"),
        ("TEMPORAL_UI_URL", "http://host:808080"),
        ("DISCORD_GATEWAY_URL", "wss://host:x"),
        ("TEMPORAL_TLS_SERVER_CA", "x" * 5_000),
        ("THREADWORK_HOME", "~nobody-is-called-so/x"),
        ("THREADWORK_CONFIG", "~nobody-is-called-so/x"),
    ],
)
def test_a_setting_that_cannot_be_names_its_variable_and_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, value.format(PASSWORD))
    with pytest.raises(SettingsError) as caught:
        Settings.load(tmp_path / ".env")
    assert any(line.startswith(f"{variable} ") for line in caught.value.lines)
    assert all(len(line) < 500 and PASSWORD not in line for line in caught.value.lines)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "postgresql://ann:p:%40/x@host:5432/db"),
        ("DATABASE_URL", "postgresql://host/db?sslmode=require"),
        ("DATABASE_URL", "postgresql:///db?host=/var/run/postgresql"),
        ("DATABASE_URL", "postgresql://ann:pw@[::1]:5432/db"),
        ("DATABASE_URL", "sqlite:///a:b@c.db"),
        ("REDIS_URL", "redis://:p@ss@host:6379/0"),
        ("REDIS_URL", "unix:///tmp/redis.sock"),
        ("THREADWORK_HTTP", "[::1]:8000"),
    ],
)
def test_odd_addresses_that_work_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, value)
    assert Settings.load(tmp_path / ".env").given(variable.lower())


def test_a_database_url_that_came_another_way_gets_its_sentence_too() -> None:
    with pytest.raises(Rejected, match="DATABASE_URL is not a URL"):
        normalised(f"postgresql://ann:{PASSWORD}@host:notaport/db")
