"""What the bot may call of the REST API, by method and first words of the path."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fake_mattermost.server import BOT, Refusal

if TYPE_CHECKING:
    from tests.fake_mattermost.fixture import FakeMattermost

Route = Callable[["FakeMattermost", web.Request, str], Awaitable[Any]]


async def _create(fake: "FakeMattermost", request: web.Request, _: str) -> Any:
    post = fake.create(fake.checked("CreatePost", await request.json()), fake.now_ms())
    fake.tell_post("posted", post)
    return post


async def _patch(fake: "FakeMattermost", request: web.Request, id_: str) -> Any:
    post = fake.patch(id_, fake.checked("PatchPost", await request.json()))
    fake.tell_post("post_edited", post)
    return post


async def _delete(fake: "FakeMattermost", request: web.Request, id_: str) -> Any:
    fake.delete(id_, fake.now_ms())
    return {"status": "OK"}


async def _post(fake: "FakeMattermost", request: web.Request, id_: str) -> Any:
    if request.path.endswith("/thread"):
        return fake.thread(id_)
    return fake.stands(id_)


async def _channel(fake: "FakeMattermost", request: web.Request, id_: str) -> Any:
    if "since" in request.query:
        return fake.changed_since(id_, int(request.query["since"]))
    if request.path.endswith("/posts"):
        return fake.page(id_, int(request.query.get("per_page", 60)), request.query.get("before", ""))
    if id_ not in fake.channels:
        raise Refusal(404, "app.channel.get.existing.app_error")
    fake.allowed(id_)
    if "/members/" in request.path and request.path.rpartition("/")[2] not in fake.users:
        raise Refusal(404, "app.channel.get_member.missing.app_error")
    return fake.channel(id_)


async def _direct(fake: "FakeMattermost", request: web.Request, _: str) -> Any:
    both: list[str] = fake.checked("DirectChannel", await request.json())
    return fake.channel(fake.direct(next(one for one in both if one != BOT)))


async def _user(fake: "FakeMattermost", request: web.Request, id_: str) -> Any:
    if request.path.endswith("/teams"):
        return [{"id": one} for one in fake.teams]
    if request.path.endswith("/channels"):
        return [fake.channel(one) for one in sorted(fake.members)]
    user = fake.users.get(BOT if id_ == "me" else id_)
    if user is None:
        raise Refusal(404, "app.user.missing_account.const")
    return user


async def _member(fake: "FakeMattermost", request: web.Request, _: str) -> Any:
    user = request.path.rpartition("/")[2]
    if user not in fake.users:
        raise Refusal(404, "app.team.get_member.missing.app_error")
    return {"user_id": user, "delete_at": 0}


async def _dialog(fake: "FakeMattermost", request: web.Request, _: str) -> Any:
    fake.open_dialog(fake.checked("OpenDialog", await request.json()))
    return {"status": "OK"}


ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "posts"): _create,
    ("PUT", "posts"): _patch,
    ("DELETE", "posts"): _delete,
    ("GET", "posts"): _post,
    ("GET", "channels"): _channel,
    ("POST", "channels"): _direct,
    ("GET", "users"): _user,
    ("GET", "teams"): _member,
    ("POST", "actions"): _dialog,
}
