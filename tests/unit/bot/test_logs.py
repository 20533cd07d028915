"""What is logged, by us and by libraries, is one kind of line."""

import json
import subprocess
import sys

CODE = """
import logging, structlog
from threadwork.bot import logs
logs.write_to()
logs.write_to()
structlog.get_logger().warning("ours", n=1)
logging.getLogger("theirs").info("not told")
logging.getLogger("theirs").warning("%s\\u2028of two", "a line")
try:
    raise ValueError("odd")
except ValueError:
    logging.getLogger("theirs").exception("it broke")
"""


def test_lines_of_libraries_are_json_too_each_once_and_a_traceback_is_part_of_its_line() -> None:
    ended = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60)
    ours, theirs, broke = [json.loads(line) for line in ended.stderr.rstrip("\n").split("\n")]
    assert (ours["event"], ours["level"], ours["n"]) == ("ours", "warning", 1)
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("a line\u2028of two", "warning", "theirs")
    assert (broke["event"], broke["level"]) == ("it broke", "error")
    assert broke["exception"].endswith("ValueError: odd")
    assert ours.keys() >= {"timestamp"} <= theirs.keys()
