"""Files as they are: the twin of what makes them fit for models."""

from threadwork.workflows.files import GivenFile


class MemoryFiles:
    """Images are taken as they stand, and a PDF says what its bytes say."""

    async def image(self, file: GivenFile) -> GivenFile | None:
        return file if file.content else None

    async def text(self, file: GivenFile) -> str:
        return file.content.decode(errors="replace")
