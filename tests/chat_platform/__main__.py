"""`python -m tests.chat_platform --port N`: run the platform; port 0 takes any that is free."""

import argparse
import asyncio

from tests.chat_platform.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chat_platform", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on loopback; 0: any that is free")
    parser.add_argument("--attached", action="store_true", help="end when standard input ends")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.attached))


main()
