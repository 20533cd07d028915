"""What people are told when something is not there, or came too late."""

from threadwork.workflows.errors import NotFound, Rejected


def no_task(task_id: str) -> NotFound:
    return NotFound(f"There is no task {task_id}.", "List the tasks to find its id.")


def no_text(task_id: str, ref: str) -> NotFound:
    return NotFound(f"Task {task_id} has no text {ref}.")


def no_config(wanted: str) -> NotFound:
    return NotFound(f"There is no stored configuration {wanted}.")


def no_grant(grant_id: str) -> NotFound:
    return NotFound(f"There is no standing permission {grant_id}.", "List them to find its id.")


def not_one_task(prefix: str, found: int) -> NotFound:
    """`found` is 0, or more than one."""
    if found:
        return NotFound(f"Several tasks begin with “{prefix}”.", "Give more of the id.")
    return NotFound(f"No task begins with “{prefix}”.", "List the tasks to find its id.")


def later_reply() -> Rejected:
    return Rejected("Not stopped: a newer message came in after yours.", "Say stop again to stop that too.")
