"""What tools are given as secrets comes out of them as a mark, in no matter what form."""

import base64
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.processor_time import loops
from tests.security import leaky_mcp_server
from threadwork.adapters.hidden_values import HiddenValues, of_environment, worth_hiding
from threadwork.adapters.models.litellm_errors import translated
from threadwork.adapters.models.targets import target
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.adapters.tools.mcp_secrets import secrets_of
from threadwork.adapters.wording.card_words import clean
from threadwork.workflows.agents import ToolSpec
from threadwork.workflows.hidden import mark, marked
from threadwork.workflows.models import ModelSpec
from threadwork.workflows.servers import ServerSpec

SERVER = str(Path(leaky_mcp_server.__file__))
SECRET = 'hunter2/ünd"more+'
PLAIN = "ghp_1234567890abcdefghij"


def talking(**more: Any) -> ServerSpec:
    return ServerSpec(command=sys.executable, args=(SERVER,), env={"GIVEN": "${LOGIN_TOKEN}"}, **more)


def hiding(spec: ServerSpec, **environment: str) -> HiddenValues:
    return HiddenValues(secrets_of({"x": spec}, environment))


@pytest.fixture(params=[SECRET, PLAIN], ids=["odd", "plain"])
async def box(request: pytest.FixtureRequest) -> AsyncIterator[McpToolBox]:
    box = McpToolBox({"talkative": talking()}, {"LOGIN_TOKEN": request.param})
    yield box
    await box.close()


async def said(box: McpToolBox, tool: str, **arguments: Any) -> str:
    return (await box.call(ToolSpec(name=f"talkative.{tool}"), arguments, 30)).text


def assert_hidden(text: str) -> None:
    assert "[hidden: LOGIN_TOKEN]" in text
    for piece in ("hunter2", "ünd", "ghp_", "67890"):
        assert piece not in text


# --- what leaves a tool box ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", leaky_mcp_server.FORMS)
async def test_a_result_and_an_error_hold_a_mark_where_the_secret_stood(box: McpToolBox, form: str) -> None:
    for tool in ("result", "error"):
        text = await said(box, tool, form=form)
        assert_hidden(text)


async def test_structured_content_and_resources_hold_marks(box: McpToolBox) -> None:
    for tool in ("structured", "links"):
        assert_hidden(await said(box, tool))


async def test_files_hold_marks_where_they_are_text_and_so_do_names_and_addresses(box: McpToolBox) -> None:
    output = await box.call(ToolSpec(name="talkative.links"), {}, 30)
    (inside,), (named,) = output.files, output.left_out
    assert_hidden(inside.content.decode())
    assert_hidden(inside.name)
    assert_hidden(named.name)
    assert_hidden(named.link)


async def test_descriptions_and_schemas_hold_marks(box: McpToolBox) -> None:
    found = await box.discover(None)
    described = next(tool for tool in found.tools if tool.name.endswith("described"))
    assert_hidden(described.description)
    assert_hidden(json.dumps(described.input_schema, ensure_ascii=False))


async def test_half_a_secret_at_the_end_of_a_long_line_of_stderr_is_not_shown() -> None:
    spec = talking().model_copy(update={"args": (SERVER, "--fail")})
    box = McpToolBox({"talkative": spec}, {"LOGIN_TOKEN": PLAIN})
    found = await box.discover(None)
    await box.close()
    assert "xxx" in found.problems[0]
    assert "ghp" not in found.problems[0]


async def test_a_secret_of_another_server_and_of_the_worker_itself_is_hidden_too() -> None:
    other = ServerSpec(url="http://127.0.0.1:9", headers={"X-Api-Key": "literal-key-1"})
    spec = ServerSpec(command=sys.executable, args=(SERVER,), env={"GIVEN": "literal-key-1 xoxb-our-own-token"})
    box = McpToolBox({"talkative": spec, "other": other}, {"SLACK_BOT_TOKEN": "xoxb-our-own-token"})
    text = await said(box, "result", form="plain")
    await box.close()
    assert text == "[hidden: X-Api-Key] [hidden: SLACK_BOT_TOKEN]"


# --- which values count --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "counts"),
    [
        ("REGION", "west", False),
        ("REGION", "westwood", True),
        ("API_KEY", "west", True),
        ("apikey", "west", True),
        ("DB_PASSWORD", "12345678", True),
        ("KEYBOARD", "azerty", False),
        ("PORT", "8080808080", False),
        ("HOME", "/home/nobody-there", False),
        ("DATA", str(Path(__file__).parent), False),
        ("BASE", "http://localhost:9000", False),
        ("HOOK", "https://hooks.example/services/T1/B2/abcdef", True),
        ("USE_TOKEN", "true", False),
        ("API_KEY", "abc", False),
    ],
)
def test_long_values_count_and_short_ones_by_their_names(name: str, value: str, counts: bool) -> None:
    spec = ServerSpec(command="x", args=(f"${{{name}}}",))
    assert worth_hiding(name, value) is counts
    assert (hiding(spec, **{name: value})(f"<{value}>") == f"<{mark(name)}>") is counts


WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "AUTHORIZATION", "COOKIE")


@pytest.mark.parametrize("word", [*WORDS, "PAT", "PWD", "AUTH"])
def test_each_word_for_a_secret_makes_one_of_a_variable_of_ours(word: str) -> None:
    found = of_environment({f"HUB_{word}": "abcdefgh1", f"HUB_{word}BOARD": "abcdefgh2", f"HUB{word}S": "12345678"})
    short = {"PAT", "PWD", "AUTH"}  # within a longer word they mean something else
    assert [value for _, value in found] == ["abcdefgh1", *([] if word in short else ["12345678"])]


def test_a_short_secret_hides_no_part_of_a_word() -> None:
    hidden = HiddenValues([("API_KEY", "west")])
    assert hidden("western westward, west.") == "western westward, [hidden: API_KEY]."


@pytest.mark.parametrize(
    "written", [{"env": {"EVIL_TOKEN": "abcdefgh1"}}, {"headers": {"Authorization": "Bearer abcdefgh1"}}]
)
def test_a_literal_secret_in_the_file_is_hidden(written: dict[str, dict[str, str]]) -> None:
    way = {"command": "x"} if "env" in written else {"url": "http://x"}
    assert "abcdefgh1" not in hiding(ServerSpec(**way, **written))("it said abcdefgh1 to me")


@pytest.mark.parametrize(
    "written",
    [
        {"command": "x", "args": ("--api-key=abcdefgh1",)},
        {"command": "x", "args": ("--api-key", "abcdefgh1")},
        {"command": "x", "args": ("env", "GITHUB_TOKEN=abcdefgh1", "server")},
        {"command": "x", "args": ("postgresql://app:abcdefgh1@db/x",)},
        {"command": "x", "args": ("--dsn=postgresql://app:abcdefgh1@db/x",)},
        {"url": "https://app:abcdefgh1@tools.example/mcp"},
        {"url": "https://tools.example/mcp?profile=1&api_key=abcdefgh1"},
    ],
)
def test_a_literal_secret_in_arguments_and_addresses_is_hidden(written: dict[str, Any]) -> None:
    hidden = hiding(ServerSpec(**written))
    assert "abcdefgh1" not in hidden("it said abcdefgh1 to me")
    assert "abcdefgh1" not in hidden(f"{written} cannot be reached")


def test_the_password_in_a_models_address_is_in_no_sentence() -> None:
    spec = ModelSpec(model="openai/x", base_url="http://app:s3cret-pass@gateway/v1", api_key="${KEY}")
    meant = target("mine", {"mine": spec}, {"KEY": "k-12345678"})
    told = translated(RuntimeError("no route for http://app:s3cret-pass@gateway/v1, s3cret-pass or k-12345678"), meant)
    assert "s3cret" not in str(told)
    assert "12345678" not in str(told)


def test_arguments_that_are_no_secrets_are_shown() -> None:
    said = "run --root /srv/notes with --verbose-mode and keyboard=qwertyuiop"
    assert hiding(ServerSpec(command="x", args=tuple(said.split())))(said) == said


def test_a_literal_that_is_no_secret_by_its_name_is_shown() -> None:
    assert hiding(ServerSpec(command="x", env={"REGION": "eu-central-1"}))("in eu-central-1") == "in eu-central-1"


def test_of_a_variable_and_its_field_the_one_that_says_so_counts() -> None:
    spec = ServerSpec(command="x", env={"API_KEY": "${SHORT}"})
    assert hiding(spec, SHORT="abc12")("abc12") == "[hidden: SHORT]"


def test_the_password_of_an_address_is_hidden_with_and_without_the_address() -> None:
    hidden = HiddenValues(
        of_environment({"DATABASE_URL": "postgresql://app:s3cret-pass@db/x", "OPENAI_API_KEY": "ollama"})
    )
    assert hidden("no password s3cret-pass for app@db") == "no password [hidden: DATABASE_URL] for app@db"
    assert "s3cret" not in hidden("postgresql+asyncpg://app:s3cret-pass@db:5432/x")
    assert hidden("ollama run") == "ollama run"


def test_the_lines_of_a_private_key_are_hidden_one_by_one() -> None:
    body = base64.b64encode(bytes(range(96))).decode()
    key = f"-----BEGIN KEY-----\n{body[:64]}\n{body[64:]}\n-----END KEY-----"
    assert body[:64] not in HiddenValues([("SSH_KEY", key)])(f"1: {body[:64]}\n2: {body[64:]}")


def test_a_value_that_is_the_name_of_another_does_not_break_marks() -> None:
    hidden = HiddenValues([("FIRST_TOKEN", "SECOND_TOKEN"), ("SECOND_TOKEN", "abcdefgh")])
    assert hidden("abcdefgh") == "[hidden: SECOND_TOKEN]"


# --- values with something in them ----------------------------------------------------------------------


BASE64 = base64.b64encode(f"some user:{PLAIN}, and so on until a line is full, and then another".encode()).decode()
CUT = {
    "a line of a terminal": f"{PLAIN[:9]}\n{PLAIN[9:]}",
    "a line that goes on": f"{PLAIN[:9]}\\\n    {PLAIN[9:]}",
    "Windows": f"{PLAIN[:9]}\r\n{PLAIN[9:]}",
    "a quotation": f"> {PLAIN[:9]}\n> {PLAIN[9:]}",
    "base64 in lines of 60": "\n".join(BASE64[at : at + 60] for at in range(0, len(BASE64), 60)),
    "base64 in lines of 20": "\n".join(BASE64[at : at + 20] for at in range(0, len(BASE64), 20)),
    "a file's content as GitHub's API has it": json.dumps({"content": f"{BASE64[:30]}\n{BASE64[30:]}\n"}),
    "a colour": f"{PLAIN[:9]}\x1b[1;31m{PLAIN[9:12]}\x1b[0m{PLAIN[12:]}",
    "a colour in JSON": json.dumps(f"{PLAIN[:9]}\x1b[1;31m{PLAIN[9:]}"),
    "nothing to see": f"{PLAIN[:9]}\u200b{PLAIN[9:]}",
    "a soft hyphen": "\u00ad".join(PLAIN),
    "NUL": f"{PLAIN[:9]}\0{PLAIN[9:]}",
}


@pytest.mark.parametrize("name", CUT)
def test_a_value_is_found_in_pieces_that_are_read_as_one(name: str) -> None:
    """What is shown to people loses its colours and all that is invisible: the pieces would be one again."""
    shown = HiddenValues([("LOGIN_TOKEN", PLAIN)])(f"before {CUT[name]} after")
    whole = re.sub(r"\\u001b\[[\d;]*m|\\n|[\s>\\]", "", clean(shown))
    assert "[hidden:LOGIN_TOKEN]" in whole
    assert PLAIN not in whole
    assert base64.b64encode(PLAIN.encode()).decode()[4:-4] not in whole
    assert shown.startswith("before ")
    assert shown.endswith(" after")


def test_lines_of_other_things_stay_as_they_are() -> None:
    hidden = HiddenValues([("LOGIN_TOKEN", PLAIN), ("OTHER_TOKEN", f"{PLAIN[4:]}/x")])
    said = f"{PLAIN[:9]}\n\nsomething else\n{PLAIN[9:]}\n\x1b[1m{PLAIN[4:-1]}\x1b[0m\n"
    assert hidden(said) == said
    both = f"{PLAIN[:9]}\n{PLAIN[9:]}/x and {PLAIN}"
    assert PLAIN[12:] not in hidden(both)


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "a\n" * 500_000, "\x1b[1ma" * 200_000, "\\" * 1_000_000, "\\n" * 500_000]
)
def test_a_megabyte_is_searched_in_good_time(text: str) -> None:
    hidden = HiddenValues((f"T{number}_TOKEN", f"{'a' * 39}{number}") for number in range(100))
    assert loops(lambda: hidden(text)) < 200


# --- marks in arguments ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"url": "https://x/?t=[hidden: API_KEY]"},
        {"deep": [{"er": ["[hidden: API_KEY]"]}]},
        {"[hidden: API_KEY]": 1},
        json.loads(r'{"a": "\u005bhidden: API_KEY]"}'),
    ],
)
def test_a_mark_is_found_anywhere_in_arguments(arguments: Any) -> None:
    assert marked(arguments) == "API_KEY"


def test_what_is_no_mark_is_not_taken_for_one() -> None:
    assert not marked({"text": "[hidden] and [hidden: ] and hidden: x"})
