"""Cards under fire: of the stories that the suite plays some of, many, and others each time."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adapters.ports.delivery_grounds import GROUNDS
from tests.adapters.ports.delivery_promises import played
from tests.adapters.ports.delivery_rounds import ROUNDS, Round
from tests.adapters.ports.delivery_stage import Stage

pytest_plugins = ["tests.fake_slack.fixture", "tests.fake_discord.fixture"]
pytestmark = pytest.mark.timeout(900)
STORIES = 150  # a platform
FREE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.parametrize("platform", GROUNDS)
@settings(max_examples=STORIES, derandomize=False, print_blob=True, suppress_health_check=FREE)
@given(rounds=ROUNDS, forgetful=st.booleans())
def test_every_part_stands_once_in_order_and_with_its_file_in_many_stories(
    request: pytest.FixtureRequest, platform: str, rounds: list[Round], forgetful: bool
) -> None:
    fake = request.getfixturevalue(platform)
    fake.begin(**({"nonce_seconds": 0.001} if forgetful and platform == "fake_discord" else {}))
    asyncio.run(played(Stage(lambda: GROUNDS[platform](fake)), rounds))
