"""Run notebooks and keep what they show: `python notebooks/run.py [NOTEBOOK ...] [--out FOLDER]`.

Outputs are stored with the notebooks, so that they can be read without being run. This is the only way they
are made: each runs from the first cell to the last in an empty folder, without timings in its metadata, with
figures in few colours; what is printed to stderr stops it, except a line that says that something is compiled.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).parent
COLOURS = 128  # of a figure; bands of transparent colour need about a hundred
ALLOWED = "compiling "  # said once a machine


def executed(path: Path, timeout: int = 900) -> nbformat.NotebookNode:
    """Run a notebook and return it with its outputs.

    Parameters
    ----------
    path : Path
        The notebook; it is not changed.
    timeout : int
        Seconds that a cell may take.

    Returns
    -------
    NotebookNode
        What `nbformat.write` stores.

    Raises
    ------
    RuntimeError
        If a cell printed a warning or anything else to stderr.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook, timeout=timeout, record_timing=False, resources={"metadata": {"path": folder}}
        )
        client.execute()
    notebook.metadata = {"kernelspec": notebook.metadata.kernelspec, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [kept for output in cell.outputs if (kept := _kept(output, path.name))]
    return notebook


def _kept(output, name: str):
    """Return the output as it is stored, or None for the line about compiling."""
    if output.output_type == "stream" and output.name == "stderr":
        lines = [line for line in output.text.splitlines() if line and not line.startswith(ALLOWED)]
        if lines:
            raise RuntimeError(f"{name}: a cell printed to stderr: {' '.join(lines)}")
        return None
    if "image/png" in output.get("data", {}):
        output.data["image/png"] = _small(output.data["image/png"])
    return output


def _small(png: str) -> str:
    """Return a figure with a palette of few colours: a third of the bytes, and no difference to the eye."""
    image = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    made = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
    return base64.b64encode(made.getvalue()).decode()


def main() -> None:
    """Run the notebooks named, or all."""
    parser = argparse.ArgumentParser(description="Run notebooks and keep what they show.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="by default all in this folder")
    parser.add_argument("--out", type=Path, default=None, help="write here instead of in place")
    given = parser.parse_args()
    os.environ.pop("MPLBACKEND", None)  # it would keep figures from being shown
    os.environ["TQDM_DISABLE"] = "1"  # a bar that has gone would stay as an output
    for path in given.notebooks or sorted(HERE.glob("*.ipynb")):
        print(path.name, flush=True)
        notebook = executed(path)
        nbformat.write(notebook, (given.out or path.parent) / path.name)


if __name__ == "__main__":
    main()
