"""`threadwork config`: what may be configured, on stdout."""

import json
import sys

import typer

app = typer.Typer(help="What threadwork.yaml and the environment may say.", no_args_is_help=True)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of threadwork.yaml, for editors."""
    from threadwork.bot.reference import schema

    sys.stdout.write(json.dumps(schema.schema(), indent=2, ensure_ascii=False) + "\n")


@app.command("docs")
def docs() -> None:
    """Print every key and every variable as a page in Markdown."""
    from threadwork.bot.reference.page import page

    sys.stdout.write(page())
