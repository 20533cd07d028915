"""Whatever happens to workers and to the platform: one message for each part of each card, in order, with its file."""

import asyncio

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.adapters.ports.delivery_grounds import GROUNDS
from tests.adapters.ports.delivery_promises import played
from tests.adapters.ports.delivery_rounds import LOOKS, ROUNDS, Round, Trouble
from tests.adapters.ports.delivery_stage import Stage

pytest_plugins = ["tests.fake_slack.fixture", "tests.fake_discord.fixture"]

EXAMPLES = 8  # stories a platform, each of some tenths of a second; tests/chaos plays many
ALL = Round(plan=50, done=2, looks=tuple(LOOKS), takes_plans=False)
NOT_TAKEN = Trouble(kind="server_error", method="post", nth=2)


@pytest.mark.parametrize("platform", GROUNDS)
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rounds=ROUNDS, forgetful=st.booleans())
@example(rounds=[Round(looks=("parts", "notice"), troubles=(NOT_TAKEN,))], forgetful=False)
@example(rounds=[ALL.dying("file_uploaded")], forgetful=True)
@example(rounds=[ALL.dying("file_posted")], forgetful=True)
@example(rounds=[ALL.dying("part_posted", 5)], forgetful=True)
@example(rounds=[ALL, Round(plan=120, looks=("notes", "approval"), deleted=5, by="another beside it")], forgetful=False)
def test_every_part_stands_once_in_order_and_with_its_file_whatever_happens(
    request: pytest.FixtureRequest, platform: str, rounds: list[Round], forgetful: bool
) -> None:
    """`forgetful`: Discord knows no repeat by its nonce, so that marks alone keep doubles away."""
    fake = request.getfixturevalue(platform)
    fake.begin(**({"nonce_seconds": 0.001} if forgetful and platform == "fake_discord" else {}))
    asyncio.run(played(Stage(lambda: GROUNDS[platform](fake)), rounds))
