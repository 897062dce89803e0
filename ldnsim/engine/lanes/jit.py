"""Compiled functions that count no references: they allocate nothing, and counting costs as much as they do."""

from __future__ import annotations

from functools import partial

from .. import compiled

kernel = partial(compiled.kernel, _nrt=False)
part = partial(compiled.part, _nrt=False)
