"""The output of a call: how much of it is kept, and how much a model is shown."""

OUTPUT_SHOWN = 16_000  # characters of an output that the model is shown whole
OUTPUT = 5_000_000  # characters of an output that are kept
HEAD, TAIL = 10_000, 4_000  # characters shown of a longer one


def bounded(text: str) -> str:
    """An output as it is kept: what is beyond the bound is gone, and that is said."""
    if len(text) <= OUTPUT:
        return text
    return f"{text[:OUTPUT]}\n[… {len(text) - OUTPUT:,} characters more were not kept …]"


def shown_output(text: str, ref: str) -> str:
    """An output as the model sees it: whole, or head and tail with the way to the rest."""
    if len(text) <= OUTPUT_SHOWN:
        return text
    left_out = len(text) - HEAD - TAIL
    way = f'[… {left_out} characters left out: read_output(id="{ref}", offset={HEAD}) …]'
    return f"{text[:HEAD]}\n{way}\n{text[-TAIL:]}"
