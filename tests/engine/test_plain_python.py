"""The engine is plain Python: without a JIT it gives the same numbers."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from ldnsim.engine import compiled

SCRIPT = """
import json
import numpy as np
from ldnsim.codegen import program
from ldnsim.engine import Events
from ldnsim.engine.events import EventKind
from ldnsim.engine.solve import integrate
from ldnsim.model import Model

model = Model.from_antimony('''
model plain()
  ka = 1.2; k = 0.2; n = 1.7; gut = 0; x = 0.5; hits = 0;
  gut' = -ka*gut;  x' = ka*gut - k*x^n/(1 + x^n) + piecewise(0.1, time < 3, 0);
  at (x > 2): hits = hits + 1;
end
''')
p = program(model)
c = p.constants_of(model.values)
events = Events.of([(1.0, EventKind.ADD, 0, 3.0), (2.0, EventKind.RATE, 1, 0.5), (4.0, EventKind.RATE, 1, -0.5)])
answer = {}
for method in ("tsit5-scalar", "rodas5p-scalar"):
    s = integrate(p.system, p.initial_state(c), c, events, np.arange(0.0, 9.0), method=method, rtol=1e-7)
    answer[method] = [s.values[0].tolist(), s.steps.tolist(), s.status.tolist()]
print(json.dumps(answer))
"""


@pytest.mark.parametrize(("said", "on"), [(None, True), ("", True), ("0", True), ("1", False)])
def test_the_environment_says_whether_anything_is_compiled(monkeypatch, said, on):
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    if said is not None:
        monkeypatch.setenv("NUMBA_DISABLE_JIT", said)
    assert compiled._is_on() is on


@pytest.mark.parametrize("disabled", [False, True])
def test_where_numba_is_loaded_it_says_so_itself(monkeypatch, disabled):
    monkeypatch.setitem(sys.modules, "numba", SimpleNamespace(config=SimpleNamespace(DISABLE_JIT=disabled)))
    assert compiled._is_on() is not disabled


@pytest.mark.slow
def test_without_a_jit_the_numbers_are_the_same():
    answers = []
    for disabled in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", SCRIPT],
            env=os.environ | {"NUMBA_DISABLE_JIT": disabled},
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answers.append(json.loads(done.stdout))
    for method, (values, steps, status) in answers[0].items():
        plain = answers[1][method]
        assert status == plain[2] == [0]
        assert abs(steps[0] - plain[1][0]) <= 2  # multiply-adds are fused in compiled code only
        np.testing.assert_allclose(plain[0], values, rtol=1e-8, atol=1e-12)
        hits = values[2]
        assert hits[0] == 0.0
        assert hits[-1] == 1.0
