"""`threadwork.yaml`: what it may say, and how mistakes in it are told."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from threadwork.adapters.catalog.files import Catalog, ConfigError, FileCatalog
from threadwork.workflows.agents import ToolSpec, Verdict
from threadwork.workflows.errors import NotFound
from threadwork.workflows.sinks import Sink

SERVERS = "mcpServers:\n  notes: {command: notes}\n  github: {url: 'https://mcp.example.com/mcp'}\n"


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], FileCatalog]:
    monkeypatch.chdir(tmp_path)

    def load(text: str) -> FileCatalog:
        file = Path("threadwork.yaml")
        file.write_text(dedent(text), encoding="utf-8")
        return Catalog.load(file, "openai/gpt-5-mini", tmp_path / "home")

    return load


@pytest.fixture
def mistakes(load: Callable[[str], FileCatalog]) -> Callable[[str], list[str]]:
    def mistakes(text: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text)
        return list(caught.value.problems)

    return mistakes


def skill(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(dedent(text).lstrip(), encoding="utf-8")


# --- without a file ----------------------------------------------------------------------------------


async def test_without_a_file_there_is_one_agent_with_notes(tmp_path: Path) -> None:
    catalog = Catalog.load(None, "openai/gpt-5-mini", tmp_path)
    agent = await catalog.agent("default")
    assert (agent.model, agent.servers, agent.budget.usd) == ("openai/gpt-5-mini", None, 1.0)
    notes = catalog.servers["notes"]
    assert notes.args == ("notes-server", str(tmp_path / "notes"))
    assert notes.trust_annotations


async def test_the_built_in_agent_reads_notes_unasked_and_asks_before_it_writes(tmp_path: Path) -> None:
    policy = (await Catalog.load(None, "demo/scripted", tmp_path).agent("default")).tools
    verdicts = [
        policy.verdict(ToolSpec(name=name)) for name in ("notes.list_notes", "notes.read_note", "notes.write_note")
    ]
    assert verdicts == [Verdict.ALLOW, Verdict.ALLOW, Verdict.ASK]


async def test_the_demo_model_gets_a_budget_whose_warning_shows(tmp_path: Path) -> None:
    assert (await Catalog.load(None, "demo/scripted", tmp_path).agent("default")).budget.usd == 0.10


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "agents:\nmcpServers:\n", "---\n"])
async def test_an_empty_file_means_the_same_as_none(load: Callable[[str], FileCatalog], text: str) -> None:
    catalog = load(text)
    assert [agent.name for agent in await catalog.agents()] == ["default"]
    assert list(catalog.servers) == ["notes"]


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.yaml: cannot be read: no such file"):
        Catalog.load(tmp_path / "gone.yaml", "m", tmp_path)


def test_a_file_that_is_no_text_is_a_mistake_with_a_line(tmp_path: Path) -> None:
    (tmp_path / "threadwork.yaml").write_bytes(b"agents:\n  \xff: {}\n")
    with pytest.raises(ConfigError, match=r"yaml:2: is not UTF-8"):
        Catalog.load(tmp_path / "threadwork.yaml", "m", tmp_path)


# --- what a file says --------------------------------------------------------------------------------


async def test_a_whole_file_is_read(load: Callable[[str], FileCatalog], tmp_path: Path) -> None:
    skill(
        tmp_path / "skills" / "incident-triage",
        "---\nname: incident-triage\ndescription: What to do first\n---\nAsk.\n",
    )
    catalog = load(
        """
        agents:
          default:
            description: Helps with anything
            instructions: You work for the platform team …
            skills: [incident-triage]
            servers: [notes, github]
            tools: {allow: ["notes.read_*"], ask: ["github.*"], deny: ["github.delete_*"]}
            budget: {usd: 1, tokens: null, iterations: 7, timeout: 2h, on_exceeded: stop}
            approvals: {approvers: [123456789012345678, "group:S1"], quorum: 2, four_eyes: true, expire: 24h}
            verbosity: quiet
            model_timeout: 90s
            tool_timeout: 30
          other: {model: demo/scripted}
        mcpServers:
          notes: {command: threadwork, args: [notes-server, ./notes], trust_annotations: true, timeout: 1m30s}
          github: {type: http, url: "https://mcp.example.com/mcp", headers: {Authorization: "Bearer ${GITHUB_TOKEN}"}}
        notify:
          - {to: "discord:123456789", on: [failed, approval, budget], agents: ["*"]}
        triggers:
          nightly: {schedule: "0 9 * * 1-5", goal: Tidy up, to: "slack:C1"}
        access: {run: [U1], limits: {person_per_day: 5}, channels: {C1: {agents: [other]}}}
        """
    )
    agent = await catalog.agent("default")
    assert (agent.budget.usd, agent.budget.tokens, agent.budget.timeout) == (1.0, None, 7_200)
    assert (agent.approvals.approvers, agent.approvals.expire) == (("123456789012345678", "group:S1"), 86_400)
    assert (agent.model_timeout, agent.tool_timeout, agent.access.run) == (90, 30, ("U1",))
    assert (await catalog.agent("other")).model == "demo/scripted"
    assert catalog.servers["notes"].timeout == 90
    assert catalog.servers["github"].headers == {"Authorization": "Bearer ${GITHUB_TOKEN}"}
    assert catalog.notify[0].on == ("failed", "approval", "budget")
    assert catalog.triggers["nightly"].schedule == "0 9 * * 1-5"
    assert catalog.access.limits.person_per_day == 5
    assert [found.instructions for found in await catalog.skills(["incident-triage"])] == ["Ask."]


@pytest.mark.parametrize(
    "schedule",
    ["0 9 * * 1-5", "*/15 * * * *", "0,30 8-18/2 1,15 jan-mar MON-FRI", "0 0 * * 7", "@daily", " 5  4 * * sun "],
)
def test_a_schedule_is_five_fields_or_a_word(load: Callable[[str], FileCatalog], schedule: str) -> None:
    catalog = load(f"triggers: {{t: {{schedule: '{schedule}', goal: Look, to: 'slack:C1'}}}}")
    assert catalog.triggers["t"].schedule == schedule


@pytest.mark.parametrize(
    ("schedule", "what"),
    [
        ("99 99 99 99 99", '"99" is not a minute: use * or 0 to 59'),
        ("61 * * * *", '"61" is not a minute'),
        ("* 24 * * *", '"24" is not an hour'),
        ("* * 0 * *", '"0" is not a day of the month'),
        ("* * * 13 *", '"13" is not a month'),
        ("* * * * 8", '"8" is not a day of the week'),
        ("a b c d e", '"a" is not a minute'),
        ("*/0 * * * *", '"*/0" is not a minute'),
        ("30-10 * * * *", '"30-10" is not a minute'),
        ("1,,2 * * * *", '"1,,2" is not a minute'),
        ("*-5 * * * *", '"*-5" is not a minute'),
        ("١ * * * *", '"١" is not a minute'),
        ("* * * *", "must be five fields"),
        ("@fortnightly", "must be five fields"),
        ("", "must be five fields"),
    ],
)
def test_a_schedule_that_never_comes_is_told(mistakes: Callable[[str], list[str]], schedule: str, what: str) -> None:
    [line] = mistakes(f"triggers: {{t: {{schedule: '{schedule}', goal: Look, to: 'slack:C1'}}}}")
    assert what in line


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("access: {limits: {task: 5}}", ["access.limits"]),
        ("access: {channels: {C1: {run: [U1]}}}", ["access.channels"]),
        ("triggers: {t: {keyword: deploy, goal: Look}}", ["triggers"]),
        ("access: {limits: {task: 0}}\ntriggers: {t: {keyword: deploy, goal: Look}}", ["triggers", "access.limits"]),
        ("agents: {a: {verbosity: quiet}}\naccess: {run: [U1], limits: {}, channels: {}}", []),
        ("models: {local: {model: ollama/llama3}}\naccess: {models: ['openai/*']}", []),
    ],
)
def test_what_nothing_acts_on_is_known_by_name(
    load: Callable[[str], FileCatalog], text: str, sections: list[str]
) -> None:
    assert load(text).without_effect == sections


async def test_the_entries_of_notify_are_subscriptions_that_keep_their_ids_while_they_stay_as_they_are(
    load: Callable[[str], FileCatalog],
) -> None:
    first = "{to: 'slack:T1/C1#17.1', on: [everything], requesters: [123456789012345678], channels: [C2]}"
    [one, two] = await load("notify: [" + first + ", {to: 'discord:9'}]").subscriptions()
    assert (one.sink, two.sink) == (
        Sink(platform="slack", workspace="T1", channel="C1", thread="17.1"),
        Sink(platform="discord", channel="9"),
    )
    assert (one.on, one.requesters, one.channels) == (("everything",), ("123456789012345678",), ("C2",))
    assert (two.on, two.agents, two.source, two.by) == (("failed", "approval", "budget"), ("*",), "file", None)
    [again, changed] = await load("notify: [" + first + ", {to: 'discord:9', on: [failed]}]").subscriptions()
    assert again == one
    assert changed.subscription_id != two.subscription_id


async def test_programs_start_in_the_folder_of_the_file(load: Callable[[str], FileCatalog], tmp_path: Path) -> None:
    assert load(SERVERS).servers["notes"].cwd == str(tmp_path)


async def test_our_own_command_is_found_beside_the_running_python(load: Callable[[str], FileCatalog]) -> None:
    command = load("mcpServers: {notes: {command: threadwork}}").servers["notes"].command
    assert command
    assert Path(command).is_absolute()


async def test_the_files_access_holds_for_agents_that_say_nothing_else(load: Callable[[str], FileCatalog]) -> None:
    catalog = load(
        """
        agents:
          a: {access: {run: [U9]}, approvals: {quorum: 2}}
          b: {approvals: {approvers: [U9]}}
        access: {run: [U1], budget: [U2], approve: [U3, U4]}
        """
    )
    a, b = await catalog.agent("a"), await catalog.agent("b")
    assert (a.access.run, a.access.budget, a.approvals.approvers) == (("U9",), ("U2",), ("U3", "U4"))
    assert (b.access.run, b.approvals.approvers) == (("U1",), ("U9",))


async def test_the_only_agent_is_the_default_and_one_of_several_is_not(load: Callable[[str], FileCatalog]) -> None:
    assert (await load("agents: {ops: {}}").agent("default")).name == "ops"
    with pytest.raises(NotFound, match="there are: docs, ops"):
        await load("agents: {ops: {}, docs: {}}").agent("default")


async def test_an_unknown_agent_is_answered_with_those_there_are(load: Callable[[str], FileCatalog]) -> None:
    with pytest.raises(NotFound, match='did you mean "docs"'):
        await load("agents: {ops: {}, docs: {}}").agent("dosc")


async def test_anchors_and_merged_mappings_work(load: Callable[[str], FileCatalog]) -> None:
    catalog = load("agents:\n  a: &a {verbosity: quiet, budget: {usd: 2}}\n  b: {<<: *a, verbosity: verbose}\n")
    agent = await catalog.agent("b")
    assert (agent.verbosity, agent.budget.usd) == ("verbose", 2)


async def test_a_json_file_of_another_program_can_be_pasted(load: Callable[[str], FileCatalog]) -> None:
    assert list(load('{"mcpServers": {"time": {"command": "t", "args": ["-x"], "env": {"A": "1"}}}}').servers) == [
        "time"
    ]


# --- mistakes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "agents: {a: {budget: {usd: lots}}}",
            'agents.a.budget.usd: must be a number from 0 to 1,000,000 (is "lots")',
        ),
        (
            "agents: {a: {budget: {usd: true}}}",
            "agents.a.budget.usd: must be a number from 0 to 1,000,000 (is true)",
        ),
        (
            "agents: {a: {budget: {usd: -1}}}",
            "agents.a.budget.usd: must be a number from 0 to 1,000,000 (is -1)",
        ),
        (
            "agents: {a: {budget: {usd: .nan}}}",
            'agents.a.budget.usd: must be a number from 0 to 1,000,000 (is ".nan")',
        ),
        ("agents: {a: {budget: {usd: 1.0e+999}}}", "must be a number from 0 to 1,000,000 (is inf)"),
        (
            "agents: {a: {budget: {iterations: 0}}}",
            "iterations: must be a whole number from 1 to 1,000,000 (is 0)",
        ),
        (
            "agents: {a: {budget: {iterations: 2.5}}}",
            "iterations: must be a whole number from 1 to 1,000,000 (is 2.5)",
        ),
        ("agents: {a: {budget: {timeout: soon}}}", "timeout: must be a length of time such as 90s"),
        ("agents: {a: {budget: {timeout: 0}}}", "above 0, at most a year (is 0)"),
        ("agents: {a: {budget: {timeout: 0s}}}", "above 0, at most a year (is"),
        ("agents: {a: {approvals: {four_eyes: yes}}}", 'must be true or false (is "yes")'),
        ("agents: {a: {approvals: {approvers: []}}}", "must be a list, not empty (is empty)"),
        ("agents: {a: {approvals: {approvers: U1}}}", 'approvers: must be a list, not empty (is "U1")'),
        ("agents: {a: {verbosity: loud}}", 'must be one of quiet, normal, verbose (is "loud")'),
        ("agents: {a: {modle: x}}", 'agents.a.modle: unknown key; did you mean "model"? Allowed: access, approvals'),
        (
            "agnets: {}",
            'agnets: unknown key; did you mean "agents"? Allowed: access, agents, mcpServers, mcpServersFrom, models',
        ),
        ("agents: {a: 5}", "agents.a: must be a mapping of keys to values (is 5)"),
        ("agents: {'a b': {}}", "agents.a b: must be made of letters"),
        ("- a\n- b", "threadwork.yaml:1: must be a mapping of keys to values (is a list)"),
        (
            SERVERS + "agents: {a: {servers: [nots]}}",
            'no server "nots"; did you mean "notes"? There are: github, notes',
        ),
        ("agents: {a: {servers: [nots]}}", 'there is no server "nots"; none exist'),
        ("agents: {a: {skills: [triage]}}", 'agents.a.skills[0]: there is no skill "triage"'),
        (SERVERS + "agents: {a: {tools: {deny: [note.*]}}}", 'tools.deny[0]: there is no server "note"'),
        ("agents: {a: {tools: {allow: [read note]}}}", 'allow[0]: is not a pattern: write "server.tool"'),
        ("agents: {a: {tools: {allow: ['n.[ab]']}}}", "is not a pattern"),
        ("mcpServers: {x: {command: a, url: 'http://b'}}", "mcpServers.x: has both command and url"),
        ("mcpServers: {x: {}}", "mcpServers.x: needs a command"),
        ("mcpServers: {x: {url: 'http://b', args: [c]}}", "mcpServers.x.args: goes with command only"),
        ("mcpServers: {x: {url: 'ftp://b'}}", "must begin with http:// or https://"),
        ("mcpServers: {x: {command: a, env: {PORT: 80}}}", "mcpServers.x.env.PORT: must be a text (is 80)"),
        ("mcpServers: {x__y: {command: a}}", 'mcpServers.x__y: must not contain "__"'),
        ("notify: [{on: [failed]}]", "notify[0].to: is required"),
        ("notify: [{to: C1}]", "notify[0].to: must be a platform and a channel"),
        ("notify: [{to: 'slack:C1', on: [fialed]}]", "notify[0].on[0]: must be one of failed, approval"),
        ("notify: [{to: 'slack:T1/C1/17.1'}]", "notify[0].to: must be a platform and a channel"),
        ("notify: [{to: 'slack:C1', requesters: ['group:ops']}]", "notify[0].requesters[0]: must be a user id or *"),
        ("notify: [{to: 'slack:C1', agents: [x]}]", 'notify[0].agents[0]: there is no agent "x"'),
        ("triggers: {t: {goal: g}}", "triggers.t: needs exactly one of schedule, webhook, reaction, keyword"),
        ("triggers: {t: {goal: g, schedule: daily, to: 'slack:C1'}}", "must be five fields"),
        ("triggers: {t: {goal: g, webhook: '${S}'}}", 'a webhook needs "to"'),
        ("triggers: {t: {goal: g, keyword: k, agent: x}}", 'triggers.t.agent: there is no agent "x"'),
        ("access: {limits: {task: -1}}", "access.limits.task: must be a number from 0 to"),
        ("skills: nowhere", "threadwork.yaml:1: skills: there is no folder"),
        ("agents: {a: {}\n", "not YAML: "),
        ("agents:\n\t- a", "threadwork.yaml:2: not YAML: found character '\\t'"),
        ("agents: !env X", "the tag !env means nothing here"),
        ("agents: &a {b: *a}", "an alias refers to a value that contains it"),
        ("a: 1\n---\nb: 2", "not YAML: "),
        ("agents: {? [a] : {}}", "a key must be a word"),
        ("agents: \x00", "not YAML: "),
        (
            "agents: {a: {budget: {usd: 1000001}}}",
            "agents.a.budget.usd: must be a number from 0 to 1,000,000",
        ),
        ("agents: {a: {budget: {iterations: 1000001}}}", "to 1,000,000 (is 1000001)"),
        ("agents: {a: {budget: {tokens: 1000000000001}}}", "to 1,000,000,000,000"),
        ("agents: {a: {budget: {timeout: 400d}}}", "agents.a.budget.timeout: must be a length of time"),
        ("agents: {a: {approvals: {expire: 53w}}}", "at most a year"),
        ("agents: {a: {tool_timeout: 400d}}", "at most a year"),
        (
            "agents: {a: {approvals: {approvers: [U1, U2], quorum: 3}}}",
            "quorum: must be at most 2, the number of people",
        ),
        ("agents: {a: {approvals: {quorum: 2}}}\naccess: {approve: [U1]}", "quorum: must be at most 1"),
        ("agents: {a: {fallback_models: ['', 'a b']}}", "fallback_models[0]: must be a model name (is empty)"),
        ("mcpServers: {x: {command: ''}}", "mcpServers.x.command: must be the program to start (is empty)"),
        ("mcpServers: {x: {url: 'http://'}}", "mcpServers.x.url: must begin with"),
        ("mcpServers: {x: {url: 'http://:80/'}}", "mcpServers.x.url: must be a URL with a host"),
        ("mcpServers: {x: {url: 'http://h:99999/'}}", "must be a URL with a host"),
        ("mcpServers: {x: {url: 'http://[::1/'}}", "must be a URL with a host"),
        (
            'mcpServers: {x: {command: a, cwd: "a\\0b"}}',
            "threadwork.yaml:1: holds a character that is not allowed in text",
        ),
        ('agents: {a: {description: "\\ud800"}}', "threadwork.yaml:1: holds a character that is not allowed in text"),
        ('agents: {"\\ud800": {}}', "threadwork.yaml:1: holds a character that is not allowed in text"),
        ("agents: {a: {budget: {tokens: " + "9" * 5_000 + "}}}", "is not a number that can be used: 999"),
        ("agents: {a: {budget: {tokens: !!int abc}}}", "is not a number that can be used: abc"),
        ("agents: " + "[" * 3_000 + "]" * 3_000, "threadwork.yaml:1: is nested too deeply"),
        ("agents: " + "[" * 3_000, "threadwork.yaml:1: is nested too deeply"),
        ("agents: " + "[" * 100 + "]" * 100, "threadwork.yaml:1: is nested too deeply"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_is_allowed(
    mistakes: Callable[[str], list[str]], text: str, problem: str
) -> None:
    assert any(problem in line for line in mistakes(text)), mistakes(text)


async def test_what_is_large_or_variable_but_possible_is_taken(load: Callable[[str], FileCatalog]) -> None:
    catalog = load(
        """\
        agents:
          a:
            budget: {usd: 1000000, timeout: 365d, tokens: null}
            approvals: {approvers: ["group:ops", U1], quorum: 5}
          b: {approvals: {quorum: 5}, description: "\\ud83d\\ude00"}
        mcpServers: {x: {url: "https://${HOST}:${PORT:-80}/mcp"}, y: {url: "http://[::1]:80/"}}
        """
    )
    assert (await catalog.agent("a")).approvals.quorum == 5
    assert (await catalog.agent("b")).description == "\U0001f600"


def test_every_mistake_is_told_at_once_in_the_order_of_lines(mistakes: Callable[[str], list[str]]) -> None:
    found = mistakes(
        """\
        agents:
          default:
            servers: [nowhere]
            budget:
              usd: lots
              iterations: 0
          default: {}
        notfy: []
        mcpServers:
          x: {command: a, url: b}
        """
    )
    assert [line.split()[:2] for line in found] == [
        ["threadwork.yaml:3:", "agents.default.servers[0]:"],
        ["threadwork.yaml:5:", "agents.default.budget.usd:"],
        ["threadwork.yaml:6:", "agents.default.budget.iterations:"],
        ["threadwork.yaml:7:", "agents.default"],
        ["threadwork.yaml:8:", "notfy:"],
        ["threadwork.yaml:10:", "mcpServers.x.url:"],
        ["threadwork.yaml:10:", "mcpServers.x:"],
    ]


def test_a_duplicate_key_names_the_line_of_the_first(mistakes: Callable[[str], list[str]]) -> None:
    assert mistakes("agents:\n  a: {}\n  b: {}\n  a: {}\n") == [
        "threadwork.yaml:4: agents.a is given twice, first on line 2"
    ]


def test_the_error_reads_as_its_lines(load: Callable[[str], FileCatalog]) -> None:
    with pytest.raises(ConfigError) as caught:
        load("a: 1\nb: 2\n")
    assert str(caught.value) == "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 2


# --- skills ------------------------------------------------------------------------------------------


async def test_skills_can_live_in_another_folder(load: Callable[[str], FileCatalog], tmp_path: Path) -> None:
    skill(tmp_path / "know-how" / "x", "---\ndescription: |\n  Many\n  lines\n---\n\n# X\n---\nmore\n")
    (found,) = await load("skills: know-how\nagents: {a: {skills: [x]}}").skills(["x"])
    assert (found.name, found.description, found.instructions) == ("x", "Many\nlines", "# X\n---\nmore")


async def test_an_unknown_skill_is_answered_with_those_there_are(
    load: Callable[[str], FileCatalog], tmp_path: Path
) -> None:
    skill(tmp_path / "skills" / "x", "---\nname: triage\ndescription: d\n---\n")
    with pytest.raises(NotFound, match=r"there are: triage"):
        await load("").skills(["cooking"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# Only text\n", "SKILL.md:1: must begin with name and description"),
        ("---\nname: x\n---\n", "SKILL.md:2: description: must say"),
        ("---\nname: [x]\ndescription: d\n---\n", "SKILL.md:2: name: must be a word"),
        ("---\nname: x\ndescription: {\n---\n", "not YAML"),
    ],
)
def test_a_skill_that_cannot_be_read_is_told_with_its_file(
    mistakes: Callable[[str], list[str]], tmp_path: Path, text: str, problem: str
) -> None:
    skill(tmp_path / "skills" / "x", text)
    assert any(problem in line for line in mistakes("agents: {a: {}}"))


def test_two_skills_of_one_name_are_a_mistake(mistakes: Callable[[str], list[str]], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        skill(tmp_path / "skills" / folder, "---\nname: same\ndescription: d\n---\n")
    assert any('another skill is called "same"' in line for line in mistakes(""))


# --- which workspaces and servers are together -------------------------------------------------------


async def test_workspaces_and_servers_are_joined_by_name_and_nothing_is_said_where_nothing_stands(
    load: Callable[[str], FileCatalog],
) -> None:
    joined = load('access: {together: ["slack:T0123", "discord:500"]}\n')
    assert await joined.together() == [("slack", "T0123"), ("discord", "500")]
    assert await load("access: {together: []}\n").together() == []
    assert await load("agents: {a: {}}\n").together() is None


@pytest.mark.parametrize("written", ["T0123", "slack", "slack:", "slack:T1/C1", "discord:general", "local", "slack:*"])
def test_what_is_no_workspace_or_server_cannot_be_joined(mistakes: Callable[[str], list[str]], written: str) -> None:
    (mistake,) = mistakes(f'access: {{together: ["{written}"]}}\n')
    assert "access.together[0]" in mistake
    assert "discord:123456789012345678" in mistake


# --- decisions -----------------------------------------------------------------------------------------


async def test_who_allows_for_good_who_is_asked_later_and_what_silence_is(load: Callable[[str], FileCatalog]) -> None:
    catalog = load(
        """
        access: {approve: [U1], grant: [U1]}
        agents:
          default:
            approvals:
              expire: never
              escalate: {after: 30m, to: ["group:ops", "slack:T1:U2", "slack:C0123", "discord:456"]}
              never_always: ["github.delete_*", destructive]
              show: private
          strict:
            access: {grant: ["group:leads"]}
            approvals: {on_expiry: stop}
        """
    )
    default, strict = await catalog.agent("default"), await catalog.agent("strict")
    policy = default.approvals
    assert (policy.expire, policy.show, default.access.grant) == (None, "private", ("U1",))
    assert policy.never_always == ("github.delete_*", "destructive")
    assert policy.escalate is not None
    assert (policy.escalate.after, policy.escalate.members) == (1_800, ("group:ops", "slack:T1:U2"))
    assert (strict.approvals.on_expiry, strict.access.grant) == ("stop", ("group:leads",))
    told = [(one.sink.address, one.on, one.agents, one.source) for one in await catalog.subscriptions()]
    assert told == [
        ("slack:C0123", ("escalated",), ("default",), "file"),
        ("discord:456", ("escalated",), ("default",), "file"),
    ]


@pytest.mark.parametrize(
    ("approvals", "why"),
    [
        ("{on_expiry: escalate}", "on_expiry: needs escalate.to, who is asked then"),
        ("{escalate: {to: [U1]}}", "escalate: needs after, such as 30m; or on_expiry: escalate"),
        ("{escalate: {after: 5m}}", "escalate.to"),
        ("{expire: never, on_expiry: stop}", "on_expiry: never comes about with expire: never"),
        ("{expire: sometimes}", "expire"),
        ("{never_always: [delete]}", "never_always"),
        ("{show: nobody}", "show"),
    ],
)
def test_decisions_that_make_no_sense_are_refused(
    mistakes: Callable[[str], list[str]], approvals: str, why: str
) -> None:
    [problem] = mistakes(f"agents:\n  default:\n    approvals: {approvals}\n")
    assert why in problem
