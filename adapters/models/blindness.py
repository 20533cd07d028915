"""Models that were said to see images, or to read PDFs, and refuse them: learnt for as long as the process lives."""

import re
from typing import Any

from threadwork.adapters.models.overflow import MAX_ERROR_TEXT
from threadwork.adapters.models.targets import Target
from threadwork.workflows.errors import ContextOverflow, ModelUnavailable, ThreadworkError
from threadwork.workflows.models import ModelFacts, ModelRequest

IMAGE, PDF = "image_url", "file"  # types of parts
RETRY_AFTER = 0.1  # seconds until the same is asked without them
OTHERS = frozenset({401, 402, 403, 408, 429, 529})  # HTTP statuses that say nothing of what was sent

_ABOUT = {
    IMAGE: re.compile(r"image|vision|multi-?modal|mmproj|图", re.IGNORECASE),
    PDF: re.compile(r"\bfiles?\b|\bpdfs?\b|document|multi-?modal", re.IGNORECASE),
}
_REFUSED = re.compile(
    r"support|unknown variant|at most 0\b|not (?:a |an )?(?:multi-?modal|vision|enabled|accept|allow|capable|available)"
    r"|(?:does|do|can|could|is|are)(?: not|n't|n’t)[^.]{0,20} (?:accept|allow|handle|have|process|read|see|take|view)\b"
    r"|cannot (?:accept|handle|process|read|see|take|view)|no (?:vision|image)|missing data required|without vision"
    r"|text[- ]only|only (?:accepts?|takes?|text)|mmproj|不支持",
    re.IGNORECASE,
)
# Said of a content in parts, which nothing but a file makes of it here.
_PARTS = re.compile(
    r"content[`'\"\])]* (?:must be|should be|is not|field must be) (?:a |of type )?(?:valid )?(?:string|text)"
    r"|input should be a valid string|expected (?:a )?string|expected `?text`?|untagged enum \w*content"
    r"|(?:unsupported|invalid|unknown) content (?:part )?type|content\.type.{0,40}text",
    re.IGNORECASE,
)
# Said of this one file, which a model that takes others does not take.
_THIS_ONE = re.compile(
    r"too (?:large|big|many|small)|exceed|\bMB\b|pixels|dimension|corrupt|decod|download|fetch|base64|mime|media.?type"
    r"|(?:image|file) (?:format|type)|could not process|safety|policy|moderat",
    re.IGNORECASE,
)


class Blindness:
    """Remembers which models refused images or PDFs, for as long as the process lives."""

    def __init__(self) -> None:
        self._found: set[tuple[str, str | None, str]] = set()

    def corrected(self, facts: ModelFacts, meant: Target) -> ModelFacts:
        """What is said of a model, without what it refused."""
        return facts.model_copy(
            update={
                "vision": facts.vision and _key(meant, IMAGE) not in self._found,
                "pdf": facts.pdf and _key(meant, PDF) not in self._found,
            }
        )

    def learnt(
        self, error: Exception, raised: ThreadworkError, request: ModelRequest, meant: Target
    ) -> ModelUnavailable | None:
        """What to raise instead, so that the same is asked without the files; None: they are not the reason."""
        if isinstance(raised, ContextOverflow) or getattr(error, "status_code", None) in OTHERS:
            return None
        refused = _refused(str(error)[:MAX_ERROR_TEXT], _kinds(request))
        self._found |= {_key(meant, kind) for kind in refused}
        if not refused:
            return None
        what = " or ".join({IMAGE: "images", PDF: "PDFs"}[kind] for kind in refused)
        return ModelUnavailable(
            f"{meant.name} cannot read {what}, so it is asked without them.", retry_after=RETRY_AFTER
        )


def _key(meant: Target, kind: str) -> tuple[str, str | None, str]:
    return meant.model, meant.spec.base_url, kind


def _kinds(request: ModelRequest) -> list[str]:
    """The types of parts that the request has, texts left out."""
    held: list[Any] = [m["content"] for m in request.messages if isinstance(m.get("content"), list)]
    kinds = {str(part.get("type")) for parts in held for part in parts}
    return [kind for kind in (IMAGE, PDF) if kind in kinds]


def _refused(said: str, kinds: list[str]) -> list[str]:
    if _THIS_ONE.search(said):
        return []
    if _REFUSED.search(said) and (named := [kind for kind in kinds if _ABOUT[kind].search(said)]):
        return named
    return kinds if _PARTS.search(said) else []
