"""Each kind of card is drawn wherever people read: one that a table lacks would stop its thread."""

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from threadwork.adapters.discord.cards import card_renderers as discord
from threadwork.adapters.slack.cards import card_renderers as slack
from threadwork.adapters.terminal import cards as terminal
from threadwork.adapters.terminal import plain_cards as plain
from threadwork.workflows.cards import Card

KINDS = {card.model_fields["kind"].default for card in get_args(get_args(Card)[0])}


@pytest.mark.parametrize("drawn", [slack.RENDERERS, discord.RENDERERS, terminal.RENDERERS, plain.WRITERS])
def test_each_kind_of_card_is_drawn(drawn: Mapping[str, Any]) -> None:
    assert drawn.keys() == KINDS
