"""Runs the example notebook: `python docs/ext/notebook.py` writes its results into it, the same ones every time."""

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

__all__ = ["EXAMPLE", "executed"]

EXAMPLE = Path(__file__).parents[1] / "example.ipynb"


def executed(path: Path = EXAMPLE) -> Any:
    """Run a notebook in a fresh kernel, and leave out of it what differs from run to run."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    for k, cell in enumerate(notebook.cells):
        cell.id = f"cell-{k}"
        cell.metadata = {}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


if __name__ == "__main__":
    nbformat.write(executed(), EXAMPLE)
