"""Files that people drop: what reaches which model."""

import base64
from typing import Any

from tests.documents import image, pdf
from tests.manners import openai
from tests.manners.row import Row, Seen
from threadwork.workflows.files import PDF, GivenFile

PNG = image()
SCREEN = GivenFile(name="screen.png", media_type="image/png", content=PNG)
PHOTO = GivenFile(name="IMG_1.jpg", media_type="image/jpeg", content=image("JPEG", (4_000, 30)))
MISNAMED = GivenFile(name="shot.png", media_type="image/png", content=image("JPEG"))
BROKEN = GivenFile(name="half.png", media_type="image/png", content=PNG[:40])
REPORT = GivenFile(name="report.pdf", media_type=PDF, content=pdf("Sales rose by 7 %."))
BLIND = "openai/some-model-of-ours"


def _user(seen: Seen) -> Any:
    return seen.requests[0]["messages"][1]["content"]


def _parts(seen: Seen) -> list[dict[str, Any]]:
    return [part for part in _user(seen) if part["type"] != "text"]


def _seen_as_it_is(seen: Seen) -> None:
    assert [part["image_url"]["url"] for part in _parts(seen)] == [
        f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    ]


def _smaller(seen: Seen) -> None:
    (part,) = _parts(seen)
    data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
    assert part["image_url"]["url"].startswith("data:image/jpeg")
    assert len(data) < len(PHOTO.content)


def _by_what_it_is(seen: Seen) -> None:
    assert [part["image_url"]["url"][:15] for part in _parts(seen)] == ["data:image/jpeg"]


def _said(*sentences: str) -> Any:
    def expect(seen: Seen) -> None:
        assert isinstance(_user(seen), str), "no part that the server may not know"
        assert all(sentence in _user(seen) for sentence in sentences)

    return expect


def _pages(seen: Seen) -> None:
    (part,) = _parts(seen)
    assert part["type"] == "file"
    assert part["file"]["file_data"].startswith("data:application/pdf;base64,")


def _in_every_call(seen: Seen) -> None:
    assert [sum(type(m.get("content")) is list for m in r["messages"]) for r in seen.requests] == [1, 1]


def _behind_all_results(seen: Seen) -> None:
    roles = [message["role"] for message in seen.last]
    assert roles == ["system", "user", "assistant", "tool", "tool", "user"]
    assert [m["content"] for m in seen.last if m["role"] == "tool"] == ["read a.png", "read b"]
    words, part = seen.last[-1]["content"]
    assert (words["type"], part["image_url"]["url"][:14]) == ("text", "data:image/png")
    (told,) = [e["files"] for e in seen.of("tool_call.completed") if "files" in e]
    assert told[0]["name"] == "screen.png"


def _refused_once(seen: Seen) -> None:
    """The image goes once; in every later request a sentence stands in its place."""
    assert [type(request["messages"][1]["content"]) is list for request in seen.requests] == [True, False, False]
    assert "[screen.png: this model cannot see images]" in seen.last[1]["content"]
    assert not seen.of("llm_call.failed")


def _blind_after_all(name: str, status: int, words: str, *reports: str, **more: Any) -> Row:
    return Row(
        name=name,
        reports=reports,
        script=[openai.error(status, words), READS, openai.done()],
        files=[SCREEN],
        expect=_refused_once,
        **more,
    )


READS = openai.calls(("notes__read", {"name": "a"}))
PICTURES = openai.calls(("notes__read", {"name": "a.png"}), ("notes__read", {"name": "b"}))

ROWS = (
    Row(
        name="an image reaches a model that sees",
        reports=("agegr/pi-web#584",),
        script=[openai.done()],
        files=[SCREEN],
        expect=_seen_as_it_is,
    ),
    Row(
        name="an image stays in the conversation",
        reports=("sandialabs/atlas-ui-3#907", "aws/amazon-q-developer-cli#2256"),
        script=[READS, openai.done()],
        files=[SCREEN],
        expect=_in_every_call,
    ),
    Row(
        name="an image with more pixels than providers take is made smaller",
        reports=("aws/amazon-q-developer-cli#3912", "kirodotdev/Kiro#8884", "anthropics/claude-code#2104"),
        script=[openai.done()],
        files=[PHOTO],
        expect=_smaller,
    ),
    Row(
        name="an image is sent as what it is, not as what it is called",
        reports=("vybestack/llxprt-code#2130", "anthropics/anthropic-sdk-typescript#682"),
        script=[openai.done()],
        files=[MISNAMED],
        expect=_by_what_it_is,
    ),
    Row(
        name="an image that cannot be read costs only itself",
        reports=("anthropics/claude-code#6675", "openai/codex#23829"),
        script=[openai.done()],
        files=[BROKEN],
        expect=_said("[half.png: it cannot be read]"),
    ),
    Row(
        name="a model that does not see is told of an image",
        reports=("cloudflare/cloudflare-os#97", "nexu-io/nexu#733"),
        script=[openai.done()],
        model=BLIND,
        files=[SCREEN],
        expect=_said("[screen.png: this model cannot see images]"),
    ),
    Row(
        name="an image that a tool returned stands behind all results",
        reports=("OpenHands/OpenHands#7700", "zeroclaw-labs/zeroclaw#10501"),
        script=[PICTURES, openai.done()],
        expect=_behind_all_results,
    ),
    Row(
        name="a PDF reaches a model that reads them as pages",
        reports=("huggingface/chat-ui#2190",),
        script=[openai.done()],
        files=[REPORT],
        expect=_pages,
    ),
    Row(
        name="a PDF reaches every other model as text",
        reports=("anomalyco/opencode#14270",),
        script=[openai.done()],
        model=BLIND,
        files=[REPORT],
        expect=_said("[report.pdf]", "Sales rose by 7 %."),
    ),
    _blind_after_all(
        "a model that was said to see, and none of its servers takes images",
        404,
        "No endpoints found that support image input",
        "cloudflare/cloudflare-os#97",
        "NousResearch/hermes-agent#23411",
        model="openrouter/openai/gpt-4o",
        spec={"vision": True},
    ),
    _blind_after_all(
        "a server of one's own that takes no images, and says so with 500",
        500,
        "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
        "lemonade-sdk/lemonade#539",
        model=BLIND,
        spec={"vision": True},
    ),
)
