"""Whether progress is watched, and the progress bar that is shown then: on a terminal, or in a notebook."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import Any

from ..errors import instance

_DELAY = 2.0  # s before a progress bar that was not asked for appears


def in_notebook() -> bool:
    """Say whether this runs in the kernel of a notebook, whose stderr is no terminal."""
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")


def is_watched() -> bool:
    """Say whether a progress bar would be seen; TQDM_DISABLE=1 says that it would not."""
    if os.environ.get("TQDM_DISABLE", "0") not in ("", "0"):  # which the bars of notebooks themselves forget
        return False
    return in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


class Bar:
    """Progress, counted in trajectories or another unit, on a terminal or in a notebook; nothing where nobody watches."""

    def __init__(self, total: int | None, progress: bool | None, unit: str = " runs") -> None:
        instance("progress", progress, bool | None, "True, False, or None for long runs")
        self.shown = progress is not False and is_watched()
        self._bar: Any = None
        if self.shown:
            self._bar = _bar()(total=total, unit=unit, delay=0.0 if progress else _DELAY, leave=False)

    def done(self, n: int) -> None:
        """Count what is through."""
        if self._bar is not None:
            self._bar.update(n)

    def say(self, words: str) -> None:
        """Show words beside the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(words, refresh=False)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def _bar() -> Any:
    """Return the kind of bar: a widget where a notebook can show one, else text."""
    if in_notebook() and find_spec("ipywidgets") is not None:
        from tqdm.auto import tqdm
    else:
        from tqdm import tqdm
    return tqdm
