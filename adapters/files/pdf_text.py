"""What a PDF says: `python -m threadwork.adapters.files.pdf_text` reads one from stdin and writes its text to stdout.

In a process of its own, which is ended when it takes too long: readers of PDFs can be kept busy for hours."""

import logging
import sys
from contextlib import suppress

MEMORY = 1_500_000_000  # bytes that this process may have: a small PDF can unfold into a large one
PAGES = 200  # that are read
CHARACTERS = 400_000  # that are written


def main() -> None:
    import io

    from pypdf import PdfReader

    _bound_memory()
    logging.disable()  # it complains about every second file there is
    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
    left = CHARACTERS
    for number, page in enumerate(reader.pages, 1):
        if number > PAGES or left <= 0:
            sys.stdout.write(f"[… the pages from {number} on were left out …]")
            break
        text = page.extract_text().strip()[:left]
        left -= len(text)
        sys.stdout.write(f"[page {number}]\n{text}\n\n" if text else "")


def _bound_memory() -> None:
    """As far as the system lets a process do so: macOS does not, Windows has no such thing."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    main()
