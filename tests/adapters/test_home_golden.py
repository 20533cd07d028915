"""What only one person sees, as it is sent: `golden_home` holds it; UPDATE_GOLDEN=1 writes it anew."""

import json
import os
from pathlib import Path
from typing import Literal

import pytest

from tests.adapters.discord.message_contract import problems as discord_problems
from tests.adapters.home_cases import DRAWN
from tests.fake_slack.blocks import problems as slack_problems

FOLDER = Path(__file__).parent / "golden_home"
CASES = [(platform, name) for platform in DRAWN for name in DRAWN[platform]]


@pytest.mark.parametrize(("platform", "name"), CASES)
def test_it_looks_as_its_golden_file_says(platform: Literal["slack", "discord"], name: str) -> None:
    made = json.dumps(DRAWN[platform][name], indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    file = FOLDER / f"{platform}_{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(made)
    assert file.read_text() == made, "UPDATE_GOLDEN=1 writes the golden files anew; then read them."


def test_each_platform_takes_it() -> None:
    assert [discord_problems(content) for content in DRAWN["discord"].values()] == [[]] * 4
    sent = [content["blocks"] for content in DRAWN["slack"].values() if "blocks" in content]
    assert [slack_problems(blocks, "message") for blocks in sent] == [[]] * 3


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == {f"{platform}_{name}" for platform, name in CASES}
