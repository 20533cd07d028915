"""Tools that were allowed for good, by the API."""

from datetime import UTC, datetime

import httpx

from tests.fake_run import Front
from threadwork.bot.api.app import create_app
from threadwork.bot.api.site import Site
from threadwork.workflows.approval_events import HumanApprovalReceived, HumanApprovalRequested
from threadwork.workflows.grants import FOREVER, Grant
from threadwork.workflows.values import LOCAL

TOKEN = "a-token-of-some-length"


async def test_a_grant_is_given_by_a_decision_listed_and_taken_back_once_and_again() -> None:
    front = Front()
    task = await front.task()
    app = create_app(front.ports, Site(token=TOKEN))
    transport, headers = httpx.ASGITransport(app=app), {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as api:
        asked = {"approval_id": "1", "tool": "notes.write", "arguments_preview": "{}", "arguments_ref": "a"}
        await front.fake_run.tell(
            task, HumanApprovalRequested.model_validate(asked | {"digest": "d", "expires_at": FOREVER})
        )
        body = {"decision": "approve", "scope": "always", "grant": {"scope": "everybody"}}
        refused = await api.post(f"/api/tasks/{task}/approvals/1", json=body)
        assert (refused.status_code, "cannot be allowed for good" in refused.text) == (422, True)
        grant = Grant(
            task_id=task,
            approval_id="1",
            agent="default",
            tool="notes.write",
            effect="changes",
            scope="everybody",
            by=(LOCAL,),
            given_at=datetime.now(UTC),
        )
        await front.fake_run.tell(
            task, HumanApprovalReceived(approval_id="1", decision="approve", by=LOCAL, click_id="c", grant=grant)
        )
        [listed] = (await api.get("/api/grants")).json()["grants"]
        assert (listed["grant_id"], listed["grant"]["tool"]) == (grant.grant_id, "notes.write")
        for said in ("Taken back", "It stood no more"):
            gone = await api.delete(f"/api/grants/{grant.grant_id}")
            assert (gone.status_code, gone.json()["detail"].startswith(said)) == (200, True)
        assert (await api.get("/api/grants")).json()["grants"] == []
        [record] = (await api.get("/api/grants", params={"all": True})).json()["grants"]
        assert record["grant"]["revoked_by"]["platform"] == "api"
        assert (await api.delete("/api/grants/tnone.1")).status_code == 404
