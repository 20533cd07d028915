"""Forms, commands and answers as Discord takes them, by its own OpenAPI document; and what comes back from them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.adapters.discord.message_contract import problems
from threadwork.adapters.discord.cards.card_renderers import render
from threadwork.adapters.discord.cards.usage import typed_here
from threadwork.adapters.discord.inbound.button_clicks import SUBMISSIONS
from threadwork.adapters.discord.inbound.message_parsing import parse_message
from threadwork.adapters.discord.inbound.payload import Payload
from threadwork.adapters.discord.inbound.sync import ASK_ABOUT, SUBCOMMANDS, commands
from threadwork.adapters.discord.manifest import application_of, manifest
from threadwork.adapters.discord.modals.confirmation import NO, SURE, YES, confirmation
from threadwork.adapters.discord.modals.details import details
from threadwork.adapters.discord.modals.edit_form import edited, inputs
from threadwork.adapters.discord.modals.forms import entered, form, given, start_modal, started, typed_back, uploaded
from threadwork.adapters.discord.modals.responses import response
from threadwork.adapters.discord.permissions import PERMISSIONS, may_post, missing, number
from threadwork.workflows.buttons import OPENING, Click, buttons
from threadwork.workflows.cards import ApprovalCard, NoticeCard, QuestionCard, StatusCard
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Choices, Details, Item, Response, StartForm
from threadwork.workflows.sinks import Sink
from threadwork.workflows.slash_name import called

OPENAPI = json.loads((Path(__file__).parents[3] / "contracts" / "discord" / "openapi.json").read_text())
SINK = Sink(platform="discord", workspace="500", channel="101")


def check(name: str, value: Any) -> None:
    """Against a schema of the document."""
    document = {"$ref": f"#/components/schemas/{name}", "components": OPENAPI["components"]}
    jsonschema.Draft202012Validator(document).validate(value)


def approval(arguments: Any, text: str = "") -> ApprovalCard:
    return ApprovalCard(
        key="approval:1",
        approval_id="1",
        tool="notes.write",
        arguments=text or json.dumps(arguments),
        arguments_ref="r",
        digest="d" * 16,
        effect="destructive",
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )


def submitted(values: dict[str, str]) -> dict[str, Any]:
    """What Discord sends of a filled-in form."""
    made = [{"type": 18, "component": {"type": 4, "custom_id": name, "value": text}} for name, text in values.items()]
    return {"components": made}


# --- forms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "choices",
    [
        Choices(),
        Choices(agents=(("default", "Helps"), ("writer", "")), models=("a/b", "c/d")),
        Choices(agents=tuple((f"agent{at}", "x" * 300) for at in range(40)), models=("m" * 200,)),
    ],
    ids=["empty", "usual", "too much"],
)
def test_the_form_to_start_a_task_is_one_that_discord_takes(choices: Choices) -> None:
    made = start_modal(choices, StartForm(goal="g" * 5_000, budget="1.5"), "9" * 20)
    check("ModalInteractionCallbackRequestData", made)
    assert len(made["components"]) <= 5
    assert made["custom_id"].partition(":")[0] + ":" in SUBMISSIONS


@pytest.mark.parametrize("verb", sorted(OPENING - {"details", "look"}))
def test_the_form_behind_each_button_is_one_that_discord_takes(verb: Any) -> None:
    press = Click(verb=verb, task_id="t23456789abc", about="12345", detail="d" * 16)
    question = QuestionCard(key="question:1", question_id="1", question="Which?" * 200, state="open")
    card = question if verb == "answer" else approval({"name": "a", "n": 1})
    made = form(press, card)
    check("ModalInteractionCallbackRequestData", made)
    kind, _, rest = made["custom_id"].partition(":")
    assert f"{kind}:" in SUBMISSIONS
    assert Click.decode(rest) == press


def test_what_was_filled_in_comes_back_as_it_was_typed_with_its_files() -> None:
    data = {
        "components": [
            {"type": 18, "component": {"type": 4, "custom_id": "goal", "value": "Tidy up"}},
            {"type": 18, "component": {"type": 3, "custom_id": "agent", "values": ["writer"]}},
            {"type": 18, "component": {"type": 4, "custom_id": "budget", "value": " 2.50 "}},
            {"type": 18, "component": {"type": 3, "custom_id": "model", "values": []}},
            {"type": 18, "component": {"type": 19, "custom_id": "files", "values": ["7"]}},
        ],
        "resolved": {"attachments": {"7": {"id": "7", "filename": "a.txt"}, "8": {"id": "8"}}},
    }
    assert started(entered(data)) == StartForm(goal="Tidy up", agent="writer", budget="2.50")
    assert uploaded(data) == [{"id": "7", "filename": "a.txt"}]


def test_a_long_text_of_a_form_that_was_refused_is_given_back_to_be_copied() -> None:
    assert "a long goal about much" in typed_back(submitted({"goal": "a long goal about much", "budget": "x"}))
    assert typed_back(submitted({"given": "2.50"})) == ""


# --- arguments -------------------------------------------------------------------------------------------


def test_few_flat_arguments_have_an_input_each_and_keep_their_types() -> None:
    card = approval({"name": "a", "count": 3, "ratio": 0.5, "force": True})
    made = inputs(card)
    assert made is not None
    assert [one["label"] for one in made] == ["name", "count", "ratio", "force"]
    values = {"argument:0": "b", "argument:1": "4", "argument:2": "0.25", "argument:3": "false"}
    assert json.loads(edited(values, card)) == {"name": "b", "count": 4, "ratio": 0.25, "force": False}


@pytest.mark.parametrize("arguments", [{}, {"deep": {"a": 1}}, {str(at): at for at in range(6)}])
def test_other_arguments_are_edited_as_json(arguments: dict[str, Any]) -> None:
    card = approval(arguments)
    shown = inputs(card)
    assert shown
    (one,) = shown
    assert json.loads(edited({"json": one["component"]["value"]}, card)) == arguments


@pytest.mark.parametrize(
    ("values", "arguments", "told"),
    [
        ({"argument:0": "many"}, {"count": 3}, "count: This must be a whole number"),
        ({"argument:0": "nan"}, {"ratio": 0.5}, "This must be a number"),
        ({"json": "{"}, {"a": []}, "not JSON"),
        ({"json": "[1]"}, {"a": []}, "must be an object"),
        ({"json": '{"a": NaN}'}, {"a": []}, "not JSON"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused_with_the_reason(values: Any, arguments: Any, told: str) -> None:
    with pytest.raises(Rejected, match=told):
        edited(values, approval(arguments))


def test_arguments_that_no_form_holds_are_refused_before_one_opens() -> None:
    press = Click(verb="edit", task_id="t1", about="1")
    with pytest.raises(Rejected, match="too long"):
        form(press, approval({"deep": ["x" * 5_000]}))


def test_a_reason_is_taken_as_typed() -> None:
    assert given(Click(verb="deny_because", task_id="t1", about="1"), {"given": " no \n"}) == "no"


# --- commands --------------------------------------------------------------------------------------------


def test_the_commands_are_ones_that_discord_takes() -> None:
    for one in commands():
        check("ApplicationCommandUpdateRequest", one)
    assert len(SUBCOMMANDS) <= 25


# --- answers ---------------------------------------------------------------------------------------------


def test_an_answer_with_many_items_fits_one_message_and_tells_its_buttons_apart() -> None:
    rows = buttons("t23456789abc", approval({}))
    items = tuple(
        Item(text=f"**{at}** " + "x" * 2_000, sink=SINK, message_id="55", buttons=tuple(_of(at, one) for one in rows))
        for at in range(12)
    )
    made = response(Response(text="@everyone " + "y" * 9_000, items=items))
    assert problems(made) == []
    labels = [one["label"] for row in made["components"] for one in row["components"]]
    assert {"1. Allow once", "5. Allow once"} <= set(labels)
    assert "@everyone" not in made["embeds"][0]["description"]
    assert made["allowed_mentions"] == {"parse": [], "replied_user": False}


def _of(at: int, button: Any) -> Any:
    return button.model_copy(update={"press": button.press.model_copy(update={"task_id": f"t{at}"})})


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("`/agent notify off` ends it", "`/agent notify act: off` ends it"),
        ("`/agent link list`", "`/agent link code: list`"),
        ("`/agent run --agent <name> <goal>`", "`/agent run agent: <name> goal: <goal>`"),
        ("`/agent run --budget 2.50 --in #channel <goal>`", "`/agent run budget: 2.50 goal: <goal>`"),
    ],
)
def test_a_command_in_an_answer_is_written_as_it_is_typed_in_discord(said: str, shown: str) -> None:
    assert response(Response(text=said))["embeds"][0]["description"] == shown


@pytest.mark.parametrize(
    "said", ["`/agent stop <task>`", "`/agent link K7QF-M2XD`", "`/agent run <goal>`", "`list mine`"]
)
def test_what_is_typed_alike_everywhere_is_left_as_it_is(said: str) -> None:
    assert response(Response(text=said))["embeds"][0]["description"] == said


def test_a_command_in_a_notice_is_written_as_it_is_typed_in_discord() -> None:
    (made,) = render("t1", NoticeCard(key="notice:1", text="Say `/agent notify on` there."))
    assert "/agent notify act: on" in made.text


@pytest.mark.parametrize(
    "where",
    ["the Discord channel 123456789012345678", "discord:987654321098765432/123456789012345678#223456789012345678"],
)
def test_a_notice_names_channels_of_discord_as_people_know_them(where: str) -> None:
    (made,) = render("t1", NoticeCard(key="notice:1", text=f"The bot cannot see {where}. Ask <#5> elsewhere."))
    said = made.content["embeds"][0]["description"]
    assert said == "The bot cannot see <#123456789012345678>. Ask \\<#5> elsewhere."


def test_an_item_leads_to_its_thread() -> None:
    made = response(Response(text="One", items=(Item(text="it", sink=SINK, message_id="55"),)))
    assert "https://discord.com/channels/500/101/55" in made["embeds"][0]["description"]


def test_an_item_of_another_platform_leads_there() -> None:
    elsewhere = Sink(platform="slack", workspace="T1", channel="C1", thread="17.1")
    made = response(Response(text="One", items=(Item(text="it", sink=elsewhere, message_id="17.1"),)))
    assert "https://slack.com/app_redirect?channel=C1&team=T1&message_ts=17.1" in made["embeds"][0]["description"]


def test_each_button_that_asks_first_has_a_question_of_its_own() -> None:
    asks = {
        button.press.verb
        for card in (StatusCard(goal="g"), approval({}).model_copy(update={"always": True}))
        for button in buttons("t1", card)
        if button.confirm
    }
    assert asks == set(SURE)
    for verb in asks:
        made = confirmation(Click(verb=verb, task_id="t1", about="1", detail="d"), approval({"path": "a.md"}))
        assert problems(made) == []
        sure, cancel = made["components"][0]["components"]
        assert Click.decode(sure["custom_id"].removeprefix(YES)).verb == verb
        assert (cancel["label"], cancel["custom_id"].startswith(NO)) == ("Cancel", True)
        assert "path: a.md" in made["embeds"][0]["description"]


def test_the_details_of_a_task_with_very_much_to_tell_fit_one_message() -> None:
    card = StatusCard(goal="*" * 9_000, reason="_" * 9_000, tools_used=tuple(("t" * 90, 3) for _ in range(90)))
    made = details(Details(task_id="t1", goal="#`*_" * 9_000, status=card, link="https://example.com/x"))
    assert problems(made) == []


# --- words, and the app ----------------------------------------------------------------------------------


def test_what_people_write_becomes_plain_words() -> None:
    said = parse_message(
        "<@9> <@!9>, ask <@2> in <#5> <:ok:77> <@&3> now", {"2": "bob", "3": "ops"}, "9", {"5": "dev"}.__getitem__
    )
    assert said.text == "ask @bob in #dev :ok: @ops now"
    assert said.channels == (("dev", "5"),)
    assert ("bob", "2") in said.people


def test_the_invitation_asks_for_what_is_used_and_no_more() -> None:
    told = manifest("123456789012345678")
    assert f"permissions={number()}" in told
    assert "Message Content Intent" in told
    assert missing(number()) == ()
    assert missing(1 << 3) == ()
    assert missing(number() & ~(1 << 14)) == (next(one for one in PERMISSIONS if one.name == "Embed Links"),)


def test_a_token_tells_of_which_app_it_is_and_anything_else_tells_nothing() -> None:
    assert application_of("MTIzNDU2Nzg5MDEyMzQ1Njc4.x.y") == "123456789012345678"
    assert application_of("bot-token") == ""
    with pytest.raises(Rejected, match="15 to 20 digits"):
        manifest("12")


POSTS = 1 << 10 | 1 << 11 | 1 << 14  # view, send, embed
IN_THREADS, THREADS = 1 << 38, 1 << 35


@pytest.mark.parametrize(
    ("held", "in_thread", "may"),
    [
        (POSTS | IN_THREADS | THREADS, False, True),
        (POSTS, False, True),  # cards are answers
        (POSTS | THREADS, False, False),  # a thread could be made, and nothing be said in it
        (POSTS & ~(1 << 11) | IN_THREADS, False, False),
        (POSTS & ~(1 << 11) | IN_THREADS, True, True),
        (POSTS, True, False),
        (POSTS & ~(1 << 14), False, False),  # cards are embeds
        (0, False, False),
        (1 << 3, True, True),
    ],
)
def test_where_the_bot_may_post_follows_from_its_permissions(held: int, in_thread: bool, may: bool) -> None:
    assert may_post(held, in_thread) is may


@pytest.mark.parametrize(
    ("body", "posts"),
    [
        ({"guild_id": "5", "app_permissions": str(POSTS), "channel": {"id": "1", "type": 0}}, True),
        ({"guild_id": "5", "app_permissions": str(POSTS), "channel": {"id": "1", "type": 11}}, False),
        ({"guild_id": "5", "app_permissions": "0", "channel": {"id": "1", "type": 0}}, False),
        ({"guild_id": "5", "channel": {"id": "1", "type": 0}}, True),  # it does not tell
        ({"context": 1, "app_permissions": "0", "channel": {"id": "1", "type": 1}}, True),  # with the bot alone
        ({"context": 2, "app_permissions": "0", "channel": {"id": "1", "type": 3}}, False),  # of several people
    ],
)
def test_an_interaction_tells_whether_the_bot_may_post_there(body: dict[str, Any], posts: bool) -> None:
    assert Payload(body=body).posts is posts


def test_the_command_is_registered_under_the_name_it_has_here() -> None:
    assert [one["name"] for one in commands("/ai")] == ["ai", ASK_ABOUT]


def test_uses_of_the_command_get_the_names_of_its_options_and_those_of_others_none() -> None:
    with called("/ai"):
        assert typed_here("`/ai list mine` and `/agent list mine`") == "`/ai list which: mine` and `/agent list mine`"
        assert typed_here("`/ai run --agent a x`") == "`/ai run agent: a goal: x`"
