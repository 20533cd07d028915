"""A tool server's question is nowhere taken for the agent's."""

import pytest

from threadwork.adapters.discord.cards import card_renderers as discord
from threadwork.adapters.slack.cards import card_renderers as slack
from threadwork.adapters.terminal.plain_cards import plain
from threadwork.adapters.wording.notification_words import _question
from threadwork.workflows.cards import QuestionCard

AGENT = QuestionCard(key="question:1", question_id="1", question="How many?")
SERVER = AGENT.model_copy(update={"server": "notes"})


@pytest.mark.parametrize(("card", "asks"), [(AGENT, "The agent asks"), (SERVER, "notes asks")])
def test_the_headline_names_who_asks(card: QuestionCard, asks: str) -> None:
    shown = (slack._question("t", card, "")[0], discord._question("t", card, ""), _question(card))
    assert all(asks in str(one) for one in shown)


def test_the_terminal_names_the_server() -> None:
    assert "notes asks" in plain(SERVER, {})
    assert "asks" not in plain(AGENT, {})
