"""Virtual environments that tests of packaging make, as the README's own set-up makes its one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

__all__ = ["Environment"]

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
PATIENCE = 170


class Environment:
    """A virtual environment without pip of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)

    def install(self, *what: str) -> None:
        """Install packages at the pinned versions, by the pip of the machine's python3."""
        pip = [shutil.which("python3") or sys.executable, "-m", "pip", "--python", str(self.python)]
        quiet = ["--disable-pip-version-check", "-q", "install", "--no-compile", "-c", str(CONSTRAINTS)]
        subprocess.run([*pip, *quiet, *what], check=True, timeout=PATIENCE, env=self._clean())

    def lend(self, module: ModuleType) -> None:
        """Let it see, behind its own packages, the environment that a module was imported from."""
        assert module.__file__ is not None
        (own,) = self.folder.glob("lib/python*/site-packages")
        (own / "lent.pth").write_text(str(Path(module.__file__).parents[1]) + "\n", "utf-8")

    def run(self, *arguments: str, **variables: str) -> str:
        """Run its Python, away from the sources, and give its standard output."""
        done = subprocess.run(
            [str(self.python), *arguments],
            cwd=self.folder,
            env=self._clean() | {"HOME": str(self.folder)} | variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @staticmethod
    def _clean() -> dict[str, str]:
        return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "OVERSHORT_HOME")}
