"""What bin/run, bin/manage and bin/test share. Standard library only: it runs before anything is installed."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
STAMP = VENV / ".packages"
ON_TERMINAL = sys.stdout.isatty()

#: What a program needs from the operating system: the command that shows it is there, and Debian's package.
SYSTEM_TOOLS = {
    "chromium": "chromium",
    "nginx": "nginx-light",
    "pg_virtualenv": "postgresql",
    "redis-server": "redis-server",
    "msgfmt": "gettext",
}
FONTS = (Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"), "fonts-noto-core")
#: What draws documents (PDF): the library that shows it is there, and Debian's package.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}


class StepFailed(Exception):
    """A step failed. The message is all that the reader needs."""


def say(text: str = "") -> None:
    print(text, flush=True)


class Step:
    """One line of progress: what is done now, for how long, and on a terminal the last line the tool printed."""

    def __init__(self, title: str) -> None:
        self.title, self.detail = title, ""
        self.started = time.monotonic()
        self._done = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Step:
        if ON_TERMINAL:
            self._ticker.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._done.set()
        if ON_TERMINAL:
            self._ticker.join()
            print("\r\033[K", end="")
        say(f"  {self._line()}  {'failed' if kind else 'ok'}")

    def run(self, command: Sequence[str | Path], *, env: dict[str, str] | None = None) -> str:
        """Run a command inside this step and return what it printed; shown only where it fails."""
        words = [str(word) for word in command]
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        lines = []
        for line in process.stdout or ():
            lines.append(line)
            self.detail = line.strip()
        if process.wait():
            raise StepFailed("".join(lines[-60:]).rstrip() + f"\n\nThis command failed: {' '.join(words)}")
        return "".join(lines)

    def _line(self) -> str:
        return f"{self.title:<40} {time.monotonic() - self.started:6.1f} s"

    def _tick(self) -> None:
        while not self._done.wait(0.2):
            room = max(shutil.get_terminal_size().columns - 56, 0)
            print(f"\r  {self._line()}  {self.detail[:room]}\033[K", end="", flush=True)


@contextlib.contextmanager
def locked(path: Path, *, wait: bool, busy: str = "") -> Iterator[None]:
    """Hold a lock on `path` while the block runs; StepFailed(busy) where another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise StepFailed(busy) from None
        yield


def python_311() -> str:
    """The Python 3.11 to make the environment with."""
    if sys.version_info[:2] == (3, 11):
        return sys.executable
    found = shutil.which("python3.11")
    if not found:
        raise StepFailed("Python 3.11 is needed (python3.11 was not found).")
    return found


def install_system(packages: Sequence[str]) -> None:
    """Install Debian packages when root; otherwise say the one line that does it."""
    if not packages:
        return
    line = f"apt-get install --yes --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        # A bare system has no package lists yet: without the update it knows none of these names.
        line = f"sudo apt-get update && sudo {line}"
        raise StepFailed(f"Something from the operating system is missing. Please run:\n\n    {line}\n")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with Step(f"System packages: {' '.join(packages)}"[:40]) as step:
        step.run(["apt-get", "update", "-q"], env=env)
        step.run(line.split(), env=env)


def missing_system_packages() -> list[str]:
    """Debian packages of the full test suite that are not here yet."""
    return [package for command, package in SYSTEM_TOOLS.items() if not _which(command)] + missing_for_documents()


def missing_for_documents() -> list[str]:
    """Debian packages that draw documents and are not here yet; the rest of the product works without them."""
    missing = [package for library, package in LIBRARIES.items() if not _loads(library)]
    if not FONTS[0].exists():
        missing.append(FONTS[1])
    return missing


def ensure_packages(kind: str) -> None:
    """Bring .venv to what requirements/<kind>.txt locks ("base" or "dev"), every file checked by its hash.

    A stamp remembers what was installed, so that the second time costs nothing. An environment that has the
    development packages keeps them when only the base is asked for.
    """
    # Two first starts at once wait for each other. (uv locks the file ".lock" itself.)
    with locked(VENV / ".set-up-lock", wait=True):
        installed = STAMP.read_text().split() if STAMP.exists() else ["none", ""]
        if installed[0] == "dev":
            kind = "dev"
        if installed == [kind, _fingerprint(kind)]:
            return
        STAMP.unlink(missing_ok=True)
        if not (VENV / "bin" / "pip").exists():
            _make_environment()
        with Step("Installer (uv)") as step:
            pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
            step.run([*pip, "-r", REQUIREMENTS / "uv.txt"])
        with Step("Python packages") as step:
            sync = [VENV / "bin" / "uv", "pip", "sync", "--require-hashes", "--python", PYTHON]
            # A registry may be slow to hand out a package for the first time: wait rather than fail.
            step.run([*sync, REQUIREMENTS / f"{kind}.txt"], env={"UV_HTTP_TIMEOUT": "180", **os.environ})
        STAMP.write_text(f"{kind} {_fingerprint(kind)}\n")


def environment(data: Path | None, *, port: int | None = None) -> dict[str, str]:
    """The variables under which bin/run and bin/manage start Python: the development settings and the data folder."""
    env = dict(os.environ)
    env["DJANGO_SETTINGS_MODULE"] = "medicaim.settings.dev"
    env["PATH"] = f"{VENV / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    env["DATA_DIR"] = str(data or data_dir())
    if port:
        env["SITE_URL"] = f"http://localhost:{port}"
    return env


def data_dir(given: str | None = None) -> Path:
    """The folder of this installation's data: the option, else DATA_DIR, else var/dev in the project."""
    return Path(given or os.environ.get("DATA_DIR") or ROOT / "var" / "dev").expanduser().resolve()


def compile_translations(*, force: bool = False) -> None:
    """Compile locale/*/LC_MESSAGES/*.po where they are newer than their .mo. Fails on a broken placeholder."""
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if not force and compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        with Step(f"Translations ({source.parts[-3]})") as step:
            # Babel, which the product has anyway: no gettext needed from the operating system.
            step.run([PYTHON, ROOT / "bin" / "compile_messages.py", source, compiled])


def _make_environment() -> None:
    python = python_311()
    if subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode:
        install_system(["python3-venv"])  # Debian keeps this part of Python in a package of its own.
    with Step("Virtual environment") as step:
        step.run([python, "-m", "venv", VENV])


def _fingerprint(kind: str) -> str:
    digest = hashlib.sha256((REQUIREMENTS / f"{kind}.txt").read_bytes())
    digest.update((REQUIREMENTS / "uv.txt").read_bytes())
    return digest.hexdigest()


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _which(command: str) -> str | None:
    # Debian keeps servers in sbin, which a user's path may not hold.
    return shutil.which(command, path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin:/sbin")
