"""Names that follow from what they name: task ids and the hashes of snapshots."""

import base64
import hashlib
import json

from threadwork.workflows.agents import RunConfig
from threadwork.workflows.tasks import Command, RunOrder


def task_of(command: Command) -> str:
    """The task a command is about; a `run` gets an id that follows from the platform's own."""
    if not isinstance(command.action, RunOrder):
        return command.action.task_id
    named = hashlib.sha256(f"{command.platform}\0{command.platform_id}".encode()).digest()
    return "t" + base64.b32encode(named).decode().lower()[:11]


def child_of(parent_id: str, call_id: str) -> str:
    """The task that a call of another task delegates."""
    named = hashlib.sha256(f"{parent_id}\0{call_id}".encode()).digest()
    return "t" + base64.b32encode(named).decode().lower()[:11]


def config_hash(config: RunConfig) -> str:
    """SHA-256 in hex of the snapshot's canonical JSON."""
    canonical = json.dumps(config.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def call_seq(call_id: str) -> int:
    """The number of the event that started the call: `{epoch}.{seq}`."""
    return int(call_id.rpartition(".")[2])
