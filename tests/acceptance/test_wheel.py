"""The wheel, in an environment and a folder of its own."""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).parents[2]
START = 120  # seconds for servers, worker and bot to come up on a busy machine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def pip(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """From a clone, as whoever installs from git has it: git lists the links between rooms as files."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no clone to build from")
    with of_all_processes(tmp_path_factory) as folder:
        if not (built := list(folder.glob("threadwork-*.whl"))):
            tree = tmp_path_factory.mktemp("tree") / "clone"
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tree)], check=True)
            pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(tree))
            built = list(folder.glob("threadwork-*.whl"))
        return built[0]


@contextmanager
def of_all_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that the processes of this run share: one works in it, and the others find what came of it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "wheel"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@pytest.fixture
def program(wheel: Path, tmp_path: Path) -> Path:
    """The command as pip installs it. What it depends on is taken from this environment, but not ourselves."""
    venv.create(tmp_path / "venv", symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    pip("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    site = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.with_name("threadwork")


def test_everything_is_under_one_name_with_its_types(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"threadwork"}
    assert {
        "threadwork/py.typed",
        "threadwork/workflows/agent_execution.py",
        "threadwork/adapters/sql/migrations/script.py.mako",
    } <= set(names)


def test_it_comes_up_in_a_folder_where_others_have_rooms_of_our_names(program: Path, tmp_path: Path) -> None:
    """`adapters` and `workflows` are distributions of others, and anybody may have a `bot/` on PYTHONPATH."""
    folder = tmp_path / "folder"
    for room in ("bot", "adapters", "activities", "workflows"):
        (folder / room).mkdir(parents=True)
        (folder / room / "__init__.py").write_text(f"raise SystemExit('the {room} of somebody else')")
    path = f"{os.environ['PATH']}:{sysconfig.get_path('scripts')}"  # where the servers of our dependencies are
    environment = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
    environment |= {"PYTHONPATH": str(folder), "NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}
    terminal = pexpect.spawn(
        str(program), ["up"], env=environment, cwd=str(folder), dimensions=(45, 110), encoding="utf-8", timeout=START
    )
    with (tmp_path / "screen.txt").open("w") as seen:
        terminal.logfile_read = seen
        try:
            terminal.expect("Threadwork is up")
            terminal.expect("What should the agent do")
            terminal.send("/quit\r")
            terminal.expect(pexpect.EOF)
            terminal.wait()
        finally:
            terminal.close(force=True)
    assert (terminal.exitstatus, terminal.signalstatus) == (0, None)


def test_it_tells_its_version(program: Path, wheel: Path) -> None:
    told = subprocess.check_output([program, "--version"], text=True)
    assert told == f"threadwork {wheel.name.split('-')[1]}\n"
