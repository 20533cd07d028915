"""Settings: what the environment and `.env` may say, and how mistakes are told."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from threadwork.bot.open_platforms import connected
from threadwork.bot.settings import Settings, SettingsError

pytestmark = pytest.mark.usefixtures("bare")

FERNET = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="


@pytest.fixture
def lines(load: Callable[..., Settings]) -> Callable[..., list[str]]:
    def lines(**variables: str) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            load(**variables)
        assert str(caught.value) == "\n".join(caught.value.lines)
        return list(caught.value.lines)

    return lines


def test_with_nothing_set_everything_has_its_default(load: Callable[..., Settings], tmp_path: Path) -> None:
    settings = load()
    assert settings.temporal_server_url == "localhost:7233"
    assert (settings.temporal_namespace, settings.temporal_task_queue) == ("default", "agent-tasks")
    assert (settings.temporal_max_concurrent_workflows, settings.temporal_max_concurrent_activities) == (100, 200)
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8000)
    assert settings.database == f"sqlite:///{tmp_path}/.threadwork/threadwork.db"
    assert (settings.redis, settings.tls, settings.warnings) == (None, False, ())
    assert settings.threadwork_model == "demo/scripted"
    assert not settings.given("threadwork_model")


def test_the_env_file_is_read_and_the_environment_wins(load: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('REDIS_URL="redis://a:1/0"\nTHREADWORK_MODEL=a/b\nOPENAI_API_KEY=k\n')
    settings = load(THREADWORK_MODEL="c/d")
    assert (settings.redis, settings.threadwork_model) == ("redis://a:1/0", "c/d")
    assert settings.given("redis_url")
    assert (settings.environment["OPENAI_API_KEY"], settings.environment["THREADWORK_MODEL"]) == ("k", "c/d")


def test_an_env_file_that_is_no_text_is_told(lines: Callable[..., list[str]], tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe=\xff")
    assert lines() == [".env cannot be read as text."]


def test_a_nul_in_the_env_file_names_file_and_variable(lines: Callable[..., list[str]], tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=1\nOPENAI_API_KEY=a\x00b\n")
    assert lines() == [".env: OPENAI_API_KEY holds a NUL character."]


@pytest.mark.parametrize("token", ["schlüssel", "two words", "tab\there"])
def test_a_token_that_no_header_carries_is_refused_without_showing_it(
    lines: Callable[..., list[str]], token: str
) -> None:
    assert lines(THREADWORK_API_TOKEN=token) == [
        "THREADWORK_API_TOKEN must be made of printable ASCII characters, without spaces."
    ]


def test_an_empty_variable_is_as_good_as_none(load: Callable[..., Settings]) -> None:
    settings = load(SLACK_APP_TOKEN="", TEMPORAL_SERVER_URL="")
    assert settings.slack_app_token is None
    assert not settings.given("temporal_server_url")


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "TEMPORAL_SERVER_URL",
            "temporal",
            'TEMPORAL_SERVER_URL must be host:port, such as 127.0.0.1:8000 (is "temporal").',
        ),
        ("TEMPORAL_MAX_CONCURRENT_WORKFLOWS", "many", "must be a whole number"),
        ("TEMPORAL_MAX_CONCURRENT_ACTIVITIES", "0", "must be at least 1"),
        ("TEMPORAL_MAX_CONCURRENT_ACTIVITIES", "1.5", "must be a whole number"),
        ("TEMPORAL_NAMESPACE", "two words", "must be one word"),
        ("TEMPORAL_TLS", "perhaps", "must be true or false"),
        ("TEMPORAL_TLS_SERVER_CA", "/nowhere", 'must be a file that is there (is "/nowhere")'),
        ("SLACK_API_URL", "localhost:1", "must be a URL that begins with http:// or https://"),
        ("DISCORD_GATEWAY_URL", "http://x", "must be a URL that begins with ws:// or wss://"),
        ("THREADWORK_HTTP", "8000", "must be host:port"),
        ("THREADWORK_HTTP", ":8000", "must be host:port"),
        ("THREADWORK_HTTP", "127.0.0.1:99999", "must be host:port"),
        ("THREADWORK_HTTP", "http://127.0.0.1:80", "must be host:port"),
        ("THREADWORK_PUBLIC", "8010", "must be host:port"),
    ],
)
def test_a_malformed_value_is_one_line_that_names_the_variable(
    lines: Callable[..., list[str]], name: str, value: str, line: str
) -> None:
    found = lines(**{name: value})
    assert len(found) == 1
    assert found[0].startswith(name)
    assert line in found[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u:hunter2@h/d"),
        ("REDIS_URL", "http://:hunter2@h"),
        ("SLACK_BOT_TOKEN", "xapp-hunter2"),
        ("THREADWORK_ENCRYPTION_KEY", "hunter2"),
    ],
)
def test_a_malformed_secret_is_told_without_showing_it(lines: Callable[..., list[str]], name: str, value: str) -> None:
    found = lines(**{name: value})
    assert found[0].startswith(name)
    assert "hunter2" not in "".join(found)


def test_every_mistake_is_told_at_once(lines: Callable[..., list[str]]) -> None:
    found = lines(TEMPORAL_TLS="x", THREADWORK_HTTP="x", DATABASE_URL="x")
    assert {line.split()[0] for line in found} == {"TEMPORAL_TLS", "THREADWORK_HTTP", "DATABASE_URL"}


def test_slack_needs_a_way_in(lines: Callable[..., list[str]], load: Callable[..., Settings]) -> None:
    assert lines(SLACK_BOT_TOKEN="xoxb-1")[0].startswith("SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET")
    token = load(SLACK_SIGNING_SECRET="s").slack_bot_token
    assert token
    assert token.get_secret_value() == "xoxb-1"


def test_an_app_token_alone_is_not_enough(lines: Callable[..., list[str]]) -> None:
    assert lines(SLACK_APP_TOKEN="xapp-1") == ["SLACK_BOT_TOKEN is not set; SLACK_APP_TOKEN alone cannot post."]


def test_slacks_two_tokens_in_each_others_place_are_told_apart(lines: Callable[..., list[str]]) -> None:
    assert lines(SLACK_BOT_TOKEN="xapp-1", SLACK_APP_TOKEN="xoxb-1") == [
        "SLACK_BOT_TOKEN must begin with xoxb-; yours begins with xapp-, so it is the other token.",
        "SLACK_APP_TOKEN must begin with xapp-; yours begins with xoxb-, so it is the other token.",
    ]


def test_a_misspelt_variable_is_named_where_the_settings_do_not_fit_without_it(lines: Callable[..., list[str]]) -> None:
    assert lines(SLACK_BOT_TOKN="xoxb-1", SLACK_APP_TOKEN="xapp-1") == [
        "SLACK_BOT_TOKEN is not set; SLACK_APP_TOKEN alone cannot post.",
        "SLACK_BOT_TOKN means nothing here; did you mean SLACK_BOT_TOKEN?",
    ]


def test_several_workspaces_need_the_apps_credentials_and_take_the_place_of_the_one_token(
    load: Callable[..., Settings], lines: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lines(SLACK_CLIENT_ID="1.2", SLACK_SIGNING_SECRET="s") == [
        "SLACK_CLIENT_SECRET is not set; an app's client id and its secret go together."
    ]
    settings = load(SLACK_CLIENT_SECRET="hunter2")
    assert [*connected(settings)] == ["slack"]
    assert "hunter2" not in repr(settings)
    assert lines(SLACK_BOT_TOKEN="xoxb-1") == [
        "SLACK_BOT_TOKEN (one workspace) and SLACK_CLIENT_ID (several) are both set; keep one of them."
    ]
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    monkeypatch.delenv("SLACK_SIGNING_SECRET")
    assert lines()[0].endswith("must be set beside SLACK_CLIENT_ID.")
    assert load(SLACK_APP_TOKEN="xapp-1").slack_lookups_per_minute == 50


def test_a_certificate_goes_with_its_key_and_with_a_server(lines: Callable[..., list[str]], tmp_path: Path) -> None:
    (tmp_path / "c").touch()
    found = lines(TEMPORAL_TLS_CERT="c")
    assert found[0].startswith("TEMPORAL_TLS_KEY is not set")
    assert found[1].startswith("TEMPORAL_SERVER_URL is not set; TEMPORAL_TLS_CERT")


def test_an_api_key_implies_tls_unless_it_is_switched_off(load: Callable[..., Settings]) -> None:
    assert load(TEMPORAL_API_KEY="k", TEMPORAL_SERVER_URL="h:1").tls
    assert not load(TEMPORAL_TLS="false").tls


def test_secrets_do_not_show(load: Callable[..., Settings]) -> None:
    settings = load(
        DISCORD_BOT_TOKEN="hunter2", DATABASE_URL="postgresql://u:hunter2@h/d", THREADWORK_API_TOKEN="hunter2"
    )
    assert "hunter2" not in repr(settings) + str(settings)
    assert settings.database == "postgresql://u:hunter2@h/d"


def test_encryption_keys_can_be_several(load: Callable[..., Settings]) -> None:
    assert load(THREADWORK_ENCRYPTION_KEY=f"{FERNET}, {FERNET}").threadwork_encryption_key is not None


@pytest.mark.parametrize(
    ("address", "host", "port", "url", "loopback"),
    [
        ("localhost:1", "localhost", 1, "http://localhost:1", True),
        ("[::1]:8000", "::1", 8000, "http://[::1]:8000", True),
        ("0.0.0.0:80", "0.0.0.0", 80, "http://127.0.0.1:80", False),
        ("10.1.2.3:80", "10.1.2.3", 80, "http://10.1.2.3:80", False),
    ],
)
def test_an_address_is_taken_apart(
    load: Callable[..., Settings], address: str, host: str, port: int, url: str, loopback: bool
) -> None:
    settings = load(THREADWORK_HTTP=address)
    assert (settings.http_host, settings.http_port, settings.http_url) == (host, port, url)
    assert settings.loopback is loopback


def test_listening_beyond_loopback_is_warned_about(load: Callable[..., Settings]) -> None:
    (warning,) = load(THREADWORK_HTTP="0.0.0.0:8000").warnings
    assert "other machines" in warning
    assert "until THREADWORK_API_TOKEN is set" in warning


def test_a_variable_that_is_nearly_ours_is_warned_about(load: Callable[..., Settings]) -> None:
    assert load(THREADWORK_MODLE="x").warnings == (
        "THREADWORK_MODLE means nothing here; did you mean THREADWORK_MODEL?",
    )


def test_the_configuration_file_is_none_only_where_nobody_named_it(
    load: Callable[..., Settings], tmp_path: Path
) -> None:
    assert load().config_path is None
    (tmp_path / "threadwork.yaml").touch()
    assert load().config_path == Path("threadwork.yaml")
    assert load(THREADWORK_CONFIG="gone.yaml").config_path == Path("gone.yaml")


def test_another_process_comes_to_the_same_settings(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(REDIS_URL="redis://:pw@h:1/0", TEMPORAL_TLS="true", TEMPORAL_SERVER_URL="h:1", OTHER="kept")
    changed = settings.model_copy(update={"threadwork_http": "127.0.0.1:9"})
    environment = changed.as_environment()
    assert (environment["REDIS_URL"], environment["OTHER"]) == ("redis://:pw@h:1/0", "kept")
    again = load(**{name: environment[name] for name in ("THREADWORK_HTTP", "TEMPORAL_TLS")})
    assert again.model_dump() == changed.model_dump()


def test_readiness_is_announced_only_where_somebody_asked(load: Callable[..., Settings], tmp_path: Path) -> None:
    load().announce_ready()
    assert list(tmp_path.iterdir()) == []
    load(THREADWORK_READY_FILE=str(tmp_path / "ready")).announce_ready()
    assert (tmp_path / "ready").exists()


def test_settings_cannot_be_changed(load: Callable[..., Settings]) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().threadwork_model = "x"  # type: ignore[misc]


def test_settings_load_neither_litellm_nor_temporal() -> None:
    heavy = ("litellm", "temporalio", "mcp", "discord")
    code = f"import sys, threadwork.bot.settings; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
