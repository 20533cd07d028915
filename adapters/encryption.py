"""Payloads that only our own processes can read."""

import dataclasses
from collections.abc import Iterable, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec

ENCODING = b"binary/encrypted"


class EncryptionCodec(PayloadCodec):
    """Fernet over every payload (a third larger). The first key encrypts, all of them decrypt: keys can be rotated."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload(metadata={"encoding": ENCODING}, data=self._fernet.encrypt(payload.SerializeToString()))
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Payloads in the clear are left as they are, from before encryption was switched on."""
        return [self._decoded(p) if p.metadata.get("encoding") == ENCODING else p for p in payloads]

    def _decoded(self, payload: Payload) -> Payload:
        try:
            return Payload.FromString(self._fernet.decrypt(payload.data))
        except InvalidToken:
            raise ValueError("A payload was encrypted with another THREADWORK_ENCRYPTION_KEY.") from None


def encrypted(converter: DataConverter, keys: Iterable[str]) -> DataConverter:
    """The same converter, with its payloads encrypted."""
    return dataclasses.replace(converter, payload_codec=EncryptionCodec(keys))
