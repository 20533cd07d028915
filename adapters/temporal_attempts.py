"""What Temporal knows of model calls under way: how often they were tried, and why they failed the last time."""

import asyncio
from typing import Any

import structlog
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

TIME = 2.0  # seconds that an answer may take
MODEL_CALL = "call_llm_activity"

log = structlog.get_logger(__name__)


class TemporalAttempts:
    """Satisfies `Attempts`: one request to Temporal a look."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def waiting(self, task_id: str) -> str | None:
        try:
            async with asyncio.timeout(TIME):
                described = await self._client.get_workflow_handle(task_id).describe()
                return await self._said(described.raw_description)
        except (
            Exception
        ) as error:  # Temporal away, a history encrypted with another key: the thread is shown all the same
            log.info("attempts_not_read", task_id=task_id, error=type(error).__name__)
            return None

    async def _said(self, described: DescribeWorkflowExecutionResponse) -> str:
        for pending in described.pending_activities:
            if pending.activity_type.name == MODEL_CALL and pending.HasField("last_failure"):
                failure = await self._client.data_converter.decode_failure(pending.last_failure)
                if isinstance(failure, ApplicationError):
                    return _waiting(failure.details)
        return ""


def _waiting(details: Any) -> str:
    """The words that the attempt left beside its failure; none of an older version's."""
    told = details[0] if details else None
    return str(told.get("waiting", "")) if isinstance(told, dict) else ""
