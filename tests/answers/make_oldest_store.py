"""Makes ``oldest_store.tar.xz``: a store as the first version that could make one (layout 1) made it.

    git archive COMMIT | tar -x -C OLD      # the first commit that has store/lake.py
    python make_oldest_store.py OLD

It holds the announcements that ship with overshort, imported by that version. Where the folder lay when it was made is
blanked out of the commits; nothing reads it.
"""

import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ARCHIVE = Path(__file__).with_name("oldest_store.tar.xz")
LOCATION = re.compile(rb"file://[^\"]*?/store/")


def make(old: Path) -> None:
    source = old / "src"
    file = source / "overshort" / "data" / "nasdaq_announcements.csv"
    with tempfile.TemporaryDirectory() as folder:
        call = "from overshort.surfaces.cli import main; main()"
        arguments = [sys.executable, "-c", call, "import", file.name, "--home", "store"]
        (Path(folder) / file.name).write_bytes(file.read_bytes())
        subprocess.run(arguments, cwd=folder, env=os.environ | {"PYTHONPATH": str(source.resolve())}, check=True)
        with tarfile.open(ARCHIVE, "w:xz") as archive:
            for path in sorted((Path(folder) / "store").rglob("*")):
                if path.is_file() and path.name != "lock":
                    _add(archive, path, path.relative_to(folder).as_posix())


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    content = path.read_bytes()
    if path.suffix == ".json":
        content = LOCATION.sub(b"file:///store/", content)
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
