"""`make bench`: what a run of ours costs beside a bare Temporal workflow making the same calls, in the same run; then
how long people in Slack and Discord wait. `--quick` does less of it, `--slack` and `--discord` that part alone;
`--calls` counts the calls of their platforms that tasks cost, alone; `--iterations` is the processor time of
iterations with LiteLLM, alone."""

import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.bench import iterations
from tests.bench.ack import acknowledgements
from tests.bench.app_bench import AppHarness, app
from tests.bench.chat_calls import chat_calls
from tests.bench.discord_ack import discord_acknowledgements
from tests.bench.lag import event_to_chat

ROUNDS = 5


async def main(quick: bool, slack_alone: bool, discord_alone: bool, calls_alone: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with app(Path(folder)) as ready:
            if not (slack_alone or discord_alone):
                await chat_calls(ready.client, Path(folder))
            if calls_alone:
                return
            seconds = 3 if quick else 20
            if not (slack_alone or discord_alone):
                await beside_bare(ready, quick)
            if not discord_alone:
                await acknowledgements(ready.address, Path(folder), seconds)
                await event_to_chat(ready.client, Path(folder))
            if not slack_alone:
                await discord_acknowledgements(ready.address, Path(folder), seconds)


async def beside_bare(ready: AppHarness, quick: bool) -> None:
    await ready.bare(3)
    await ready.ours(3)
    await per_iteration(ready, (10, 100) if quick else (10, 100, 1_000))
    await side_by_side(ready, (1, 10) if quick else (1, 10, 100))
    await history(ready, 120 if quick else 1_000)


async def per_iteration(ready: AppHarness, sizes: tuple[int, ...]) -> None:
    print("\n## Time per iteration, one task, one sink\n")
    print("| iterations | bare | ours | ratio | of five |\n|---|---|---|---|---|")
    for size in sizes:
        pairs = [(await ready.bare(size), await ready.ours(size)) for _ in range(ROUNDS)]
        ratios = sorted(ours / bare for bare, ours in pairs)
        bare, ours = (1_000 * median(times) / size for times in zip(*pairs, strict=True))
        spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
        print(f"| {size} | {bare:.1f} ms | {ours:.1f} ms | **{median(ratios):.2f}** | {spread} |", flush=True)


async def side_by_side(ready: AppHarness, crowds: tuple[int, ...], iterations: int = 20) -> None:
    print("\n## Tasks at once, iterations a second over all\n")
    print("| tasks | bare | ours | ratio |\n|---|---|---|---|")
    for crowd in crowds:
        bare, ours = await ready.bare(iterations, crowd), await ready.ours(iterations, crowd)
        rates = [crowd * iterations / seconds for seconds in (bare, ours)]
        print(f"| {crowd} | {rates[0]:.0f} | {rates[1]:.0f} | {ours / bare:.2f} |", flush=True)


async def history(ready: AppHarness, iterations: int) -> None:
    print("\n## Bytes of history an iteration\n")
    await ready.ours(iterations)
    sizes = await ready.bytes_by_iteration(ready.last[0])
    early, late = sizes[10:60], sizes[-60:-10]
    print(f"iterations 10 to 60: {sum(early) / 50:.0f}; the last but ten fifty: {sum(late) / 50:.0f}")


async def processor_time() -> None:
    with tempfile.TemporaryDirectory() as folder:
        await iterations.per_iteration(Path(folder))


if __name__ == "__main__":
    asyncio.run(
        processor_time()
        if "--iterations" in sys.argv
        else main(*(flag in sys.argv for flag in ("--quick", "--slack", "--discord", "--calls")))
    )
