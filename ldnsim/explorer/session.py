"""One user's page: what the controls stand at, the two pictures, and what follows a change."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from ..errors import InputError, ModelError, UnknownNameError
from ..webpage.form import Form
from .compute import NOW, PINNED, Bench, Picture, compute
from .request import Request, request_of

BAD = (InputError, ModelError, UnknownNameError)


class Session:
    """State of one page; another user has another one.

    Parameters
    ----------
    form : Form
        The controls.
    choices : dict
        What they stand at when the page opens.
    bench : Bench
        Models and draws, which users share as nothing changes them.
    """

    def __init__(self, form: Form, choices: dict[str, Any], bench: Bench) -> None:
        self.form = form
        self.choices = dict(choices)
        self.pictures: dict[str, Picture] = {}
        self.trouble = ""
        self.count = 0
        self._bench = bench
        self._listeners: list[Callable[[], None]] = []
        self._held = False

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each new picture."""
        self._listeners.append(listener)

    def choose(self, **values: Any) -> None:
        """Set controls to allowed values and draw anew; the last good picture stays if that fails."""
        if all(self.choices.get(name) == value for name, value in values.items()) and self.pictures:
            return
        self.choices |= values
        if not self._held:
            self.draw()

    @contextmanager
    def held(self):
        """Draw once after several choices."""
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def draw(self, compute: Callable[[Request, Bench], Picture] = compute) -> None:
        """Compute what the controls stand at."""
        try:
            picture = compute(request_of(self.form, self.choices), self._bench)
        except BAD as error:
            text = str(error)
            self.trouble = text if text.endswith(("?", ".")) else f"{text}."
            self.trouble += " The last picture stays." if NOW in self.pictures else ""
        else:
            self.trouble = ""
            self.pictures[NOW] = picture
            self.count += 1
        self._tell()

    def pin(self) -> None:
        """Keep the present picture, if there is one, as the one that is compared with."""
        if NOW not in self.pictures:
            return
        self.pictures[PINNED] = self.pictures[NOW]
        self.count += 1
        self._tell()

    def unpin(self) -> None:
        """Show one regimen alone again."""
        if self.pictures.pop(PINNED, None) is not None:
            self.count += 1
            self._tell()

    @property
    def shown(self) -> dict[str, Picture]:
        """What is on the page, the pinned side first."""
        return {side: self.pictures[side] for side in (PINNED, NOW) if side in self.pictures}

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
