"""Kernels of a model are called at their addresses from plain Python too, as where there is no JIT."""

import ctypes

import pytest

from ldnsim.engine.lanes.calls import Foreign


@pytest.mark.parametrize(("result", "kept"), [("d", 7.25), ("q", 7)])
def test_whole_numbers_and_doubles_arrive_as_what_they_are(result, kept):
    seen = []
    kinds = {"d": ctypes.c_double, "q": ctypes.c_int64}

    def answer(*given):
        seen.append(given)
        return kept

    function = ctypes.CFUNCTYPE(kinds[result], ctypes.c_int64, ctypes.c_double, ctypes.c_int32)(answer)
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert Foreign(result, "qdi")(float(address), 2.0**40, 0.5, 3.0) == kept
    assert seen == [(2**40, 0.5, 3)]
