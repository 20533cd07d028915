"""`python -m tests.pictures [--readme]`: messages of both platforms as PNG, under build/pictures/.

With --readme the two pictures of docs/pictures/ are drawn anew, too."""

import io
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.pictures.browser import screenshots
from tests.pictures.forms import forms
from tests.pictures.page import DESKTOP, PHONE, Look, Platform, page
from tests.pictures.runs import GOAL, RUNS, cards, thread
from tests.pictures.samples import samples

ROOT = Path(__file__).parents[2]
OUT, DOCS = ROOT / "build/pictures", ROOT / "docs/pictures"
PLATFORMS: tuple[Platform, ...] = ("slack", "discord")
SHEETS = {"cards": cards, "forms": forms, "samples": samples}  # all of a kind, each under its name
SHOWN = (*RUNS, *SHEETS)
README_COLOURS = 192  # of the palette: two pictures must load fast


@dataclass(frozen=True)
class Picture:
    """A file, and what is to be seen on it: a run, or a sheet, by its name."""

    file: Path
    shown: str
    look: Look

    def html(self) -> str:
        if self.look.sheet:
            return page(SHEETS[self.shown](self.look.platform), self.look, self.shown.title())
        title = "Thread" if self.look.platform == "slack" else GOAL
        return page(thread(self.look.platform, self.shown), self.look, title)


def all_pictures() -> Iterator[Picture]:
    for platform, shown, width, dark in itertools.product(PLATFORMS, SHOWN, (PHONE, DESKTOP), (False, True)):
        size, theme = "phone" if width == PHONE else "desktop", "dark" if dark else "light"
        file = OUT / f"{platform}-{shown}-{size}-{theme}.png"
        yield Picture(file, shown, Look(platform, width, dark, sheet=shown in SHEETS))


def readme_pictures() -> Iterator[Picture]:
    for platform in PLATFORMS:
        yield Picture(DOCS / f"{platform}.png", "waiting", Look(platform, PHONE, dark=platform == "discord"))


def small(png: bytes) -> bytes:
    """The same picture with a palette."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(README_COLOURS, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def main(readme: bool) -> None:
    wanted = [*all_pictures(), *(readme_pictures() if readme else ())]
    drawn = screenshots([(picture.html(), picture.look.width) for picture in wanted])
    for picture, png in zip(wanted, drawn, strict=True):
        picture.file.parent.mkdir(parents=True, exist_ok=True)
        picture.file.write_bytes(small(png) if picture.file.parent == DOCS else png)
        print(picture.file.relative_to(ROOT))


if __name__ == "__main__":
    try:
        main("--readme" in sys.argv)
    except FileNotFoundError as lacking:
        sys.exit(str(lacking))
