"""Calls into lane kernels, which are known by their addresses; pointers travel as whole numbers."""

from __future__ import annotations

import ctypes
from typing import Any

from ..compiled import Lent

_OF_C = {"q": ctypes.c_int64, "i": ctypes.c_int32, "d": ctypes.c_double, "v": None}


class Foreign(Lent):
    """The call of a C function at an address, the first argument; from Python it is made by `ctypes`.

    Parameters
    ----------
    result, arguments : str
        q and i whole numbers of 8 and of 4 bytes, d double, v nothing.
    """

    def __init__(self, result: str, arguments: str) -> None:
        super().__init__(self._instruction)
        self.form = result, arguments

    def _instruction(self) -> Any:
        from ..instructions import call_of

        return call_of(*self.form)

    def __call__(self, address: int, *arguments: Any) -> Any:
        """Call it."""
        result, kinds = self.form
        function = ctypes.CFUNCTYPE(_OF_C[result], *(_OF_C[k] for k in kinds))(int(address))
        return function(*(a if k == "d" else int(a) for k, a in zip(kinds, arguments, strict=True)))


call_derive = Foreign("v", "q")  # work: compute what follows from the constants
# work, y, y_new, t, h, begin: take a step; return how much larger the step could be, by the worst lane's error: < 1
# rejects it
call_step = Foreign("d", "qqqddi")
call_check = Foreign("v", "qq")  # work, y: put NaN in the row of errors where no step can help, 0 in the other lanes
call_peak = Foreign("v", "qq")  # work, y: keep the largest size of each state
call_evaluate = Foreign("v", "qqddq")  # facts, y, t, theta, k: outputs inside the last step, into row k of the buffer
call_store = Foreign("v", "qq")  # facts, offset: store gathered outputs lane by lane
call_some = Foreign("v", "qqqqqq")  # facts, row, offset, first, last, count: store a part of the gathered outputs
