"""Temporal, the database and Redis."""

from collections.abc import AsyncIterator

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from threadwork.adapters.redis.ping import ping
from threadwork.adapters.sql.revision import Revision, revision
from threadwork.bot.bootstrap import connect_temporal
from threadwork.bot.database import away
from threadwork.bot.embedded.servers import SEARCH_ATTRIBUTES
from threadwork.bot.gateway import Gateway
from threadwork.bot.settings import Settings
from threadwork.workflows.check_results import CheckResult, fail, ok, warn
from threadwork.workflows.errors import ThreadworkError

UP = "threadwork up starts its own"


async def temporal(settings: Settings) -> AsyncIterator[CheckResult]:
    """Reached, its namespace, its search attributes, and who works there."""
    try:
        client = await connect_temporal(settings)
    except (RuntimeError, OSError):
        yield _temporal_away(settings)
        return
    yield ok("temporal", f"It answers at {settings.temporal_server_url}.")
    there = await _namespace(client)
    yield there
    if there.state != "fail":
        yield await _search_attributes(client)
        yield await _workers(client, settings)


def _temporal_away(settings: Settings) -> CheckResult:
    where = settings.temporal_server_url
    if settings.given("temporal_server_url"):
        hint = "Start it, or correct TEMPORAL_SERVER_URL, TEMPORAL_TLS… and TEMPORAL_API_KEY."
        return fail("temporal", f"It does not answer at {where}, or refuses the connection.", hint)
    return warn("temporal", f"Nothing answers at {where}.", f"{UP}; to use your server, set TEMPORAL_SERVER_URL.")


async def _namespace(client: Client) -> CheckResult:
    name = f"temporal namespace {client.namespace}"
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            hint = f"Create it: temporal operator namespace create -n {client.namespace}"
            return fail(name, "It does not exist.", f"{hint}, or correct TEMPORAL_NAMESPACE.")
        return fail(name, f"It cannot be used ({error.status.name}).", "Check TEMPORAL_API_KEY and the certificate.")
    return ok(name, "It is there.")


async def _search_attributes(client: Client) -> CheckResult:
    name = "temporal search attributes"
    try:
        request = ListSearchAttributesRequest(namespace=client.namespace)
        known = (await client.operator_service.list_search_attributes(request)).custom_attributes
    except RPCError:
        return warn(name, "They cannot be listed here.", "On Temporal Cloud look at the namespace's own page.")
    missing = [attribute for attribute in SEARCH_ATTRIBUTES if attribute not in known]
    if not missing:
        return ok(name, "All are known.")
    named = " ".join(f"--name {attribute} --type Keyword" for attribute in missing)
    them = "it" if len(missing) == 1 else "them"
    hint = f"temporal operator search-attribute create -n {client.namespace} {named}"
    return warn(name, f"Unknown: {', '.join(missing)}. Temporal's page cannot search by {them}.", hint)


async def _workers(client: Client, settings: Settings) -> CheckResult:
    said = await Gateway(client, settings.temporal_task_queue).check()
    if said.startswith("0 "):
        return warn("worker", said, "Start one: threadwork worker. Until then tasks wait.")
    return ok("worker", said)


async def database(settings: Settings) -> AsyncIterator[CheckResult]:
    try:
        found = await revision(settings.database)
    except ThreadworkError as error:
        yield fail("database", error.detail, error.hint)
    except Exception as error:  # drivers have no common name for theirs
        told = away(settings.database, error)
        yield fail("database", told.detail, told.hint)
    else:
        yield _migration_check(found)


def _migration_check(found: Revision | None) -> CheckResult:
    if found is None or found.current is None:
        return warn("database", "It has no tables yet.", "They are made at the first start, or by: threadwork migrate")
    if not found.known:
        return fail("database", f"A newer Threadwork made it ({found.current}).", "Update Threadwork here.")
    if found.current != found.head:
        stands = f"It is at {found.current}, this program at {found.head}."
        return warn("database", stands, "Restart to upgrade it, or run: threadwork migrate")
    return ok("database", f"It is there and up to date ({found.head}).")


async def redis(settings: Settings) -> AsyncIterator[CheckResult]:
    if settings.redis is None:
        missing = "REDIS_URL is not set: only live text is missing."
        yield warn("redis", missing, f"Set it to a Redis that all processes can reach; {UP}.")
    elif why := await ping(settings.redis):
        yield fail("redis", f"It does not answer ({why}).", "Start it, or correct REDIS_URL; runs continue without it.")
    else:
        yield ok("redis", "It answers.")
