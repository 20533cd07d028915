"""What LiteLLM raises, in the words of the core."""

import json
import os
import re
from typing import Any

from pydantic import ValidationError

from threadwork.adapters.hidden_values import HiddenValues, of_environment, without_keys
from threadwork.adapters.models.delays import delay_of
from threadwork.adapters.models.hints_for_people import address, get_it, start_it
from threadwork.adapters.models.litellm_library import library
from threadwork.adapters.models.overflow import TooMuch, is_otherwise, overflows, too_much, window_in
from threadwork.adapters.models.targets import Target
from threadwork.workflows.errors import BrokenAnswer, ContextOverflow, ModelError, ModelUnavailable, ThreadworkError
from threadwork.workflows.values import preview

FINAL = frozenset({400, 401, 402, 403, 404, 405, 413, 422})  # HTTP statuses that the same request meets again
MAX_PROVIDER_WORDS = 300  # characters of a provider's own words
NONSENSE = (ValidationError, UnicodeError, RecursionError, TypeError, AttributeError, LookupError, OverflowError)
UNREACHABLE = re.compile(
    r"connection error|connection refused|connection attempts failed|cannot connect to host|connect call failed|"
    r"name or service not known|nodename nor servname|no route to host|getaddrinfo failed",
    re.IGNORECASE,
)
BUSY = re.compile(r"overloaded|rate.?limit|too many requests|at capacity|\b(?:429|503|529)\b", re.IGNORECASE)
PACKAGES = {"google": "google-auth", "botocore": "boto3"}  # of modules that have another name
FILTERED = re.compile(
    r"content[_ ](?:filter|management policy|policy)|responsible ?ai|data_?inspection_?failed|prohibited_content|"
    r"safety system|usage policy",
    re.IGNORECASE,
)
# A call that the model wrote and its own server could not read: the next one may be better.
UNREAD = re.compile(
    r"tool_use_failed|failed to call a function|error parsing tool call|failed to parse input at pos", re.IGNORECASE
)
CLASSES = re.compile(r"\blitellm\.(\w+\.)*\w+: |\b\w+(?:Error|Exception)(?: - |: ?)")  # before a provider's words
AWS, GOOGLE = "the AWS credentials", "the Google Cloud credentials"
CREDENTIALS = {
    "bedrock": AWS,
    "sagemaker": AWS,
    "vertex_ai": GOOGLE,
    "together_ai": "TOGETHERAI_API_KEY",
}


def translated(error: Exception, target: Target) -> ThreadworkError:
    """`ModelUnavailable` for what may pass, `ContextOverflow` and `ModelError` for what will not."""
    names = library().exceptions
    error = _cause(error)
    model, said, heard = target.name, _said(error, target.secrets), _heard(error)
    status = getattr(error, "status_code", None)
    if isinstance(missing := _root(error), ImportError):
        return ModelError(*_not_installed(target, missing))
    if overflows(heard) or (isinstance(error, names.ContextWindowExceededError) and not is_otherwise(heard)):
        return ContextOverflow(f"The conversation is too long for {model}.", limit=window_in(heard))
    if UNREAD.search(heard):
        return BrokenAnswer(f"{model} wrote a call that its server could not read.")
    if asked := too_much(heard):
        return ModelError(*_too_much(model, asked))
    match error:
        case names.AuthenticationError() | names.PermissionDeniedError():
            return ModelError(*_refused(target))
        case names.ContentPolicyViolationError():
            return ModelError(f"The provider of {model} refused the content: {said}.", "Word the task differently.")
        case names.BadRequestError() if _filtered(error):
            return ModelError(f"The provider of {model} refused the content: {said}.", "Word the task differently.")
        case names.NotFoundError():
            return ModelError(f"{model} was not found: {said}.", get_it(target, provider_of(target.model)))
        case names.RateLimitError() if _out_of_credit(error, heard):
            hint = "Check the plan and billing of the account, or choose another model."
            return ModelError(f"The account for {model} has no credit left.", hint)
        case names.RateLimitError():
            return ModelUnavailable(f"{model} is at its request limit.", retry_after=_delay(error, heard))
        case names.Timeout():
            return ModelUnavailable(f"{model} did not answer in time.")
        case names.MidStreamFallbackError():
            return ModelUnavailable(f"{model} stopped partway through its answer.")
        case names.APIConnectionError() | names.InternalServerError() if UNREACHABLE.search(str(error)):
            return ModelUnavailable(*_unreachable(target))
    if status in FINAL:
        return ModelError(f"{model} did not accept the request: {said}.")
    return ModelUnavailable(f"{model} failed: {said}.", retry_after=_delay(error, heard))


def _cause(error: Exception) -> Exception:
    """What LiteLLM says of a stream hides what the provider said before its first word."""
    inner = getattr(error, "original_exception", None)
    if not isinstance(error, library().exceptions.MidStreamFallbackError) or not isinstance(inner, Exception):
        return error
    return inner if getattr(inner, "status_code", None) in (*FINAL, 429) else error


def _too_much(model: str, asked: TooMuch) -> tuple[str, str]:
    return (
        f"The account for {model} has {asked.limit:,} tokens a minute, and this request alone has {asked.asked:,}: "
        "waiting will not help.",
        "Ask the provider for a higher limit, choose another model, or give the agent less to read at a time.",
    )


def broken_off(error: Any, said: ThreadworkError, target: Target, came: int) -> ThreadworkError:
    """What becomes of an error behind the beginning of an answer, `said` where it had none. `came`: characters of it.

    A server that has no room for anybody may say so in place of the first word; whoever waits is let in later."""
    if not isinstance(said, ModelUnavailable):
        return said
    if isinstance(said, BrokenAnswer):
        return BrokenAnswer(said.detail, came)
    inner = getattr(error, "original_exception", None) or error
    if not came and isinstance(inner, library().exceptions.Timeout):
        return ModelUnavailable(f"{target.name} did not answer in time.")
    if not came and BUSY.search(str(error)):
        return ModelUnavailable(f"{target.name} is at its request limit.", retry_after=said.retry_after)
    return BrokenAnswer(f"{target.name} stopped partway through its answer.", came)


def unreadable(error: BaseException) -> bool:
    """Whether an answer could not be made sense of, rather than not be fetched: another try would be paid again."""
    return isinstance(_root(error), NONSENSE)


def _root(error: BaseException) -> BaseException | None:
    """What LiteLLM's error is about. None: it does not say."""
    while type(error).__module__.startswith("litellm"):
        inner = getattr(error, "original_exception", None) or error.__cause__ or error.__context__
        if not isinstance(inner, BaseException):
            return None
        error = inner
    return error


def provider_of(model: str) -> str:
    """Raises `ModelError` for a name that LiteLLM knows no provider for."""
    try:
        return str(library().get_llm_provider(model)[1])
    except library().exceptions.BadRequestError:
        raise ModelError(
            f"No provider is known for the model {model}.",
            "Name it with its provider, such as openai/gpt-5-mini, or use a name from models in threadwork.yaml.",
        ) from None


def credentials_of(provider: str) -> str:
    """The variable that holds a provider's key."""
    return CREDENTIALS.get(provider, f"{provider.upper()}_API_KEY")


def _refused(target: Target) -> tuple[str, str]:
    if target.spec.api_key:
        return f"The server of {target.name} refused the key.", f"Correct models.{target.name}.api_key."
    if target.spec.base_url:
        return f"The server of {target.name} needs a key.", f"Set models.{target.name}.api_key."
    provider = provider_of(target.model)
    credentials = credentials_of(provider)
    if credentials in (AWS, GOOGLE):
        return f"{provider} refused {credentials}.", "Set valid ones, or choose another model."
    return (
        f"{provider} refused the key in {credentials}.",
        f"Set {credentials} to a valid one, or choose another model.",
    )


def _not_installed(target: Target, missing: ImportError) -> tuple[str, str]:
    """A package that is optional for LiteLLM, and that this provider cannot do without."""
    while isinstance(missing.__context__, ImportError):  # LiteLLM's own words stand before Python's
        missing = missing.__context__
    module = (missing.name or "").partition(".")[0]
    package = PACKAGES.get(module, module)
    needs = f"the package {package}, which is not installed" if package else f"a package: {preview(str(missing))}"
    return f"{target.name} needs {needs}.", f"Install {package or 'it'} where the worker runs, and start it again."


def _unreachable(target: Target) -> tuple[str, str]:
    provider = provider_of(target.model)
    at = address(target, provider)
    return f"Cannot reach {target.name}{f' at {at}' if at else ''}.", start_it(target, provider)


def _filtered(error: Any) -> bool:
    return FILTERED.search(f"{getattr(error, 'code', '')} {error}") is not None


def _out_of_credit(error: Any, heard: str) -> bool:
    """Gemini says the same words of a limit that is over in seconds, and when to try again."""
    if "insufficient_quota" in heard or getattr(error, "type", "") == "insufficient_quota":
        return True
    return "exceeded your current quota, please check your plan" in heard and _delay(error, heard) is None


def _delay(error: Any, heard: str) -> float | None:
    """Seconds the provider asks to wait."""
    response = getattr(getattr(error, "response", None), "headers", None) or {}
    headers = getattr(error, "litellm_response_headers", None) or {}
    return delay_of({**response, **headers}, heard)


def _heard(error: Exception) -> str:
    """All that the provider said, its codes too, without LiteLLM's class names."""
    text = str(getattr(error, "message", "") or error).partition("Traceback (most recent")[0]
    body = getattr(error, "body", None)
    told = json.dumps(body, ensure_ascii=False, default=str) if body else ""
    return f"{CLASSES.sub('', text)} {getattr(error, 'code', None) or ''} {told}"


def _said(error: Exception, secrets: tuple[str, ...]) -> str:
    """The provider's own words on one line, without LiteLLM's class names and without anything like a key."""
    text = str(getattr(error, "message", "") or error).partition("Traceback (most recent")[0]
    text = CLASSES.sub("", text)
    hide = HiddenValues([*(("api_key", secret) for secret in secrets), *of_environment(os.environ)])
    text = without_keys(hide(" ".join(text.split())))
    return text[:MAX_PROVIDER_WORDS].rstrip(". ") or type(error).__name__
