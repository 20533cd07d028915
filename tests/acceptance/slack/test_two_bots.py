"""Two bots at once, and every payload delivered to both."""

from pathlib import Path

import pytest
from temporalio.client import Client

from tests.fake_slack.client import FakeSlack
from tests.slack_harness import AppHarness, Transport
from tests.worker_harness import call, done
from threadwork.adapters.memory.model import says

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def test_a_person_is_answered_once_though_both_bots_were_told(
    temporal: Client, fake_slack: FakeSlack, tmp_path: Path, transport: Transport
) -> None:
    """Also where nothing is written down, so that no row says who was first."""
    script = [says("", call("notes__write", name="b")), done("It is written.")]
    async with AppHarness(temporal, fake_slack, tmp_path, script, transport).open(bots=2) as app:
        fake_slack.change(twice=True)
        await fake_slack.slash("U1", "C1", "/agent", "run Write a note")
        await app.told("U1", "Started")
        card = await app.message("Allow Write (notes)?")
        await fake_slack.slash("U1", "C1", "/agent", "list")
        await app.told("U1", "Your tasks.")
        await fake_slack.click("U2", card.ts, "Allow once")
        await app.told("U2", "Allowed once: ")
        await app.message("It is written.")
        told = sorted(m.readable.split()[0] for m in fake_slack.messages("C1") if m.visible_to)
        reached = {attempt.via for one in fake_slack.deliveries() for attempt in one.attempts}
    assert told == ["Allowed", "Started:", "Your"]
    assert len(reached) == 2, "both bots were to be reached"
