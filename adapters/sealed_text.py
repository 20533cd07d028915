"""Secrets that lie in the database, readable only with our key."""

from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from threadwork.workflows.errors import ThreadworkError

MARK = "fernet:"  # begins a sealed text; nothing that is kept unsealed begins so


class SealBroken(ThreadworkError):
    """A text was sealed with a key that is not at hand."""


class Seal:
    """Fernet over single texts. The first key seals, all of them open; without a key texts stay as they are."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        rings = [Fernet(key) for key in keys]
        self._fernet = MultiFernet(rings) if rings else None

    @property
    def has_key(self) -> bool:
        return self._fernet is not None

    def close(self, text: str) -> str:
        return MARK + self._fernet.encrypt(text.encode()).decode() if self._fernet else text

    def open(self, text: str) -> str:
        """A text from before there was a key is given back as it is. Raises `SealBroken`."""
        if not text.startswith(MARK):
            return text
        try:
            return self._opened(text.removeprefix(MARK))
        except InvalidToken:
            raise SealBroken(
                "A secret in the database was encrypted with another THREADWORK_ENCRYPTION_KEY.",
                "Add the older key to the variable, after the new one and a comma.",
            ) from None

    def _opened(self, sealed: str) -> str:
        if self._fernet is None:
            raise InvalidToken
        return self._fernet.decrypt(sealed).decode()
