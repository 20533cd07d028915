"""`manifest`: what a chat platform is told of the app."""

import json
import sys


def slack(url: str, name: str, agent: bool, oauth: bool) -> None:
    """As JSON on stdout. Raises `Rejected`."""
    from adapters.slack.manifest import manifest

    sys.stdout.write(json.dumps(manifest(url, name, agent, oauth), indent=2, ensure_ascii=False) + "\n")
