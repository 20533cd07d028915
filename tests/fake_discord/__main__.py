"""`python -m tests.fake_discord --port N`: run it; port 0 takes any that is free."""

import argparse
import asyncio

from tests.fake_discord.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_discord", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on loopback; 0: any that is free")
    parser.add_argument("--attached", action="store_true", help="end when standard input ends")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.attached))


main()
