"""Images as every provider takes them: of a kind that is what it says, not too large."""

import io
import warnings
from typing import cast

from threadwork.workflows.files import IMAGES, GivenFile

# Anthropic refuses more than 5 MB of base64 an image, and more than 8,000 pixels a side, 2,000 where there are many
# (docs, Vision); the others take more. What is larger than 1,568 pixels Anthropic makes smaller itself.
BYTES, SIDE = 3_700_000, 2_000
PIXELS = 100_000_000  # of an image that is opened: more is a bomb
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
QUALITY = 85  # of a JPEG that is made smaller


def fitting(file: GivenFile) -> GivenFile | None:
    """The image, made smaller where it must be; of one that moves, then, its first picture. None: it is none.

    Takes time and memory: to be called in a thread."""
    from PIL import Image  # 20 ms, and only where there are images

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of bombs it warns; they are told by their size
            with Image.open(io.BytesIO(file.content), formats=tuple(FORMATS)) as image:
                kind = FORMATS[cast(str, image.format)]
                width, height = image.size
                if width * height > PIXELS:
                    return None
                if len(file.content) <= BYTES and max(width, height) <= SIDE:
                    image.verify()
                    return file.model_copy(update={"media_type": kind})
                return _smaller(file, image)
    except Exception:  # a decoder meets whatever somebody sent
        return None


def _smaller(file: GivenFile, image: "object") -> GivenFile:
    from PIL import Image, ImageOps

    assert isinstance(image, Image.Image)
    upright = ImageOps.exif_transpose(image)  # a photograph says how it was held
    clear = "A" in upright.getbands() or "transparency" in upright.info
    upright = upright.convert("RGBA" if clear else "RGB")
    upright.thumbnail((SIDE, SIDE))
    written = io.BytesIO()
    upright.save(written, "WEBP" if clear else "JPEG", quality=QUALITY)
    kind = "image/webp" if clear else "image/jpeg"
    assert kind in IMAGES
    return GivenFile(name=file.name, media_type=kind, content=written.getvalue())
