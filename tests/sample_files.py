"""Small files of each kind, made on the spot."""

import io
import random
from typing import Any

from PIL import Image


def image(
    kind: str = "PNG", size: tuple[int, int] = (4, 4), mode: str = "RGB", noise: bool = False, **more: Any
) -> bytes:
    """`noise`: a picture that no compression makes small."""
    made = Image.new(mode, size)
    if noise:
        made = Image.frombytes(mode, size, random.Random(7).randbytes(size[0] * size[1] * len(mode)))
    written = io.BytesIO()
    made.save(written, kind, **more)
    return written.getvalue()


def pdf(*pages: str) -> bytes:
    """One page for each text, without a font of its own; an empty text is a page that holds no words."""
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(pages)))
    font = "<</F1 <</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>"]
    for number, text in enumerate(pages):
        content = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET" if text else ""
        page = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<</Font {font}>>/Contents {4 + 2 * number} 0 R>>"
        )
        objects += [page, f"<</Length {len(content)}>>stream\n{content}\nendstream"]
    return _file(objects)


def _file(objects: list[str]) -> bytes:
    written, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(written))
        written += f"{number} 0 obj{content}endobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>"
    return written + f"{head}\nstartxref\n{len(written)}\n%%EOF".encode()
