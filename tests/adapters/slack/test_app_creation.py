"""A manifest that Slack refuses, and answers that are none of Slack's."""

from typing import Any

import pytest
from aiohttp import web

from tests.adapters.slack.scripted_web_api import Scripted, answer, fine
from tests.fake_slack.client import FakeSlack
from threadwork.adapters.slack.app_creation import CreatedApp, create_app
from threadwork.adapters.slack.manifest import manifest
from threadwork.workflows.errors import ChatUnavailable, Rejected

METHOD = "apps.manifest.create"
SECRETS = {"client_id": "1.2", "client_secret": "cs-value", "signing_secret": "ss-value"}


@pytest.mark.breaches
async def test_each_fault_of_a_manifest_is_told_with_its_place(fake_slack: FakeSlack) -> None:
    wrong = manifest()
    wrong["features"]["shortcuts"][0]["name"] = "x" * 25
    with pytest.raises(Rejected, match=r"manifest:\n  /features/shortcuts/0/name: 'x+' is too long"):
        await create_app(fake_slack.config_token, fake_slack.api_url, wrong)
    nowhere = manifest()
    nowhere["settings"]["socket_mode_enabled"] = False
    with pytest.raises(Rejected, match="/settings/interactivity: Interactivity requires a Request URL"):
        await create_app(fake_slack.config_token, fake_slack.api_url, nowhere)


@pytest.mark.parametrize("errors", [None, [], "many", ["bad"]])
async def test_faults_that_slack_does_not_list_do_not_hide_its_answer(slack: Scripted, errors: Any) -> None:
    slack.answers[METHOD] = [answer(error="invalid_manifest", errors=errors)]
    with pytest.raises(Rejected, match="does not accept the manifest:\n  It does not say why"):
        await create_app("xoxe.xoxp-1", slack.url, manifest())


@pytest.mark.parametrize(
    "given",
    [
        fine(),
        fine(app_id="A1", credentials={**SECRETS, "client_secret": None}),
        fine(app_id="A1", credentials={**SECRETS, "signing_secret": "a\nTHREADWORK_HTTP=0.0.0.0:80"}),
        fine(app_id="A1/../../evil", credentials=SECRETS),
    ],
)
async def test_an_answer_that_would_spoil_a_file_or_a_link_is_not_taken(slack: Scripted, given: web.Response) -> None:
    slack.answers[METHOD] = [given]
    with pytest.raises(ChatUnavailable, match=r"its answer has no .* look at"):
        await create_app("xoxe.xoxp-1", slack.url, manifest())


async def test_a_page_instead_of_an_answer_leaves_it_open_whether_there_is_an_app(slack: Scripted) -> None:
    slack.answers[METHOD] = [web.Response(status=502, text="<html>Bad gateway</html>")]
    with pytest.raises(ChatUnavailable, match=r"look at https://api\.slack\.com/apps"):
        await create_app("xoxe.xoxp-1", slack.url, manifest())


async def test_the_token_goes_in_the_header_and_secrets_are_not_shown(slack: Scripted) -> None:
    slack.answers[METHOD] = [fine(app_id="A1", credentials=SECRETS)]
    made = await create_app("xoxe.xoxp-1-secret", slack.url, manifest())
    assert made == CreatedApp(app_id="A1", client_id="1.2", client_secret="cs-value", signing_secret="ss-value")
    assert "-value" not in repr(made)
    assert slack.tokens == ["Bearer xoxe.xoxp-1-secret"]
    assert "xoxe" not in str(slack.calls)
