"""Arguments of Python as kernels take them: a kind, and values of eight bytes each.

`ldnsim.engine.lowering` compiles for the same values, so prepared code is of this source too.
"""

from __future__ import annotations

import ctypes
import struct
from typing import Any

import numpy as np


def address_of(array: np.ndarray) -> int:
    """Where an array begins; NumPy's own way of telling takes five times as long."""
    if array.size and array.flags.writeable and array.flags.c_contiguous:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # type: ignore[arg-type]
    return array.ctypes.data


def take_apart(argument: Any, kinds: list[str], values: list[int]) -> None:
    """Add an argument's kind, and its values as compiled functions take them."""
    if isinstance(argument, np.ndarray):
        layout, kept = "C" if argument.flags.c_contiguous else "A", "" if argument.flags.writeable else "r"
        kinds.append(f"{argument.dtype.str}{argument.ndim}{layout}{kept} ")
        values += (0, 0, argument.size, argument.itemsize, address_of(argument))
        values += argument.shape
        values += argument.strides
    elif isinstance(argument, tuple):
        kinds.append(f"{type(argument).__name__}(")
        for inner in argument:
            take_apart(inner, kinds, values)
        kinds.append(")")
    elif isinstance(argument, (bool, np.bool_)):
        kinds.append("?")
        values.append(int(argument))
    elif isinstance(argument, (int, np.integer)):
        kinds.append("q")
        values.append(int(argument))
    elif isinstance(argument, (float, np.floating)):
        kinds.append("d")
        values += struct.unpack("q", struct.pack("d", argument))
    elif argument is None:
        kinds.append("n")
        values.append(0)
    else:
        raise TypeError(f"{type(argument).__name__} is nothing that compiled functions take")
