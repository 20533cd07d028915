"""Satisfies the port `FileReader`."""

import asyncio
import os
import sys
from contextlib import suppress

from threadwork.adapters.files import images
from threadwork.workflows.files import GivenFile
from threadwork.workflows.texts import clean

PDF_TIMEOUT = 20.0  # seconds in which the text of a PDF must be read
MAX_PARALLEL_FILES = 2  # files that are worked on side by side: each takes memory


class Reader:
    """Satisfies `FileReader`; a few files at once."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(MAX_PARALLEL_FILES)

    async def image(self, file: GivenFile) -> GivenFile | None:
        """As every provider takes it. None: it is no image, or too large to be opened."""
        async with self._room:
            return await asyncio.to_thread(images.fitting, file)

    async def text(self, file: GivenFile) -> str:
        """What a PDF says. Empty: nothing (its pages are pictures), it is locked, broken or takes too long."""
        async with self._room:
            return clean((await _output(file.content)).strip())


async def _output(content: bytes) -> str:
    program = [sys.executable, "-P", "-m", "threadwork.adapters.files.pdf_text"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *program, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env={"PATH": os.environ.get("PATH", "")}
    )
    try:
        async with asyncio.timeout(PDF_TIMEOUT):
            said, _ = await process.communicate(content)
    except TimeoutError:
        return ""
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return said.decode(errors="replace") if process.returncode == 0 else ""
