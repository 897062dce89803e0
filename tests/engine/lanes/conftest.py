"""Models of a few lines, their programs, and trajectories with spread parameters."""

from types import SimpleNamespace

import numpy as np
import pytest

from ldnsim.codegen import program
from ldnsim.engine import Events
from ldnsim.engine.compiled import JIT
from ldnsim.engine.solve import integrate
from ldnsim.model import Model

from .plain import drive_plainly

MODELS = {
    "linear": "A' = -k*A; B' = k*A - 2*B + 0.3; A = 1; B = 0; k = 0.7;",
    "dosed": """G' = -ka*G; C' = ka*G/V - vm*C/(km + C); E' = kin*(1 - C^h/(ic^h + C^h)) - kout*E; occupied := C/(C + km);
        G = 0; C = 0; E = 1; ka = 1.1; V = 2; vm = 0.5; km = 0.3; kin = 0.2; kout = 0.2; ic = 0.4; h = 1.3;""",
    "rhythm": """X' = k*(1 + 0.5*sin(0.2617993877991494*time)) - k*X; Y' = X*X - 0.3*Y; late := piecewise(1, time > 9.5, 0);
        X = 1; Y = 0; k = 0.3;""",
    "stiff": "x' = -k1*x + k3*y*z; y' = k1*x - k3*y*z - k2*y^2; z' = k2*y^2; x=1; y=0; z=0; k1=0.04; k2=3e7; k3=1e4;",
    "functions": """x' = -0.1*x*exp(-y) + tanh(z)*0.1; y' = 0.2*ln(1 + x*x) - 0.1*y*abs(y);
        z' = 0.3*cos(x)*sin(y) - 0.2*z + 0.05*arctan(x) + 0.01*sqrt(x*x + 1) - 0.02*min(z, x); x = 1; y = 0.5; z = 0.1;""",
    # Truths of constants, of time and of states, each needed where it is computed and elsewhere; B jumps for some.
    "truths": """A' = -k*A + piecewise(0.3, p >= 1 || (time >= 0.5 && A < 9), 0); A = 1; k = 0.2;
        B' = piecewise(1, p >= 1, -0.1*B) - B*piecewise(0.1, time >= 12.5, 0.2); B = 1; p = 1;
        both := piecewise(1, p >= 1 && time > 12.5, 0);""",
}


def case(name, n=11, spread=0.2, seed=0):
    """Return a program with constants and initial states of `n` trajectories, the first one nominal."""
    p = program(Model.from_antimony(f"model {name}(); {MODELS[name]} end"))
    model = Model.from_antimony(f"model {name}(); {MODELS[name]} end")
    draws = np.random.default_rng(seed).standard_normal((n, len(p.parameters)))
    draws[0] = 0.0
    constants = p.constants_of(np.asarray(model.values) * np.exp(spread * draws))
    return SimpleNamespace(program=p, system=p.system, constants=constants, y0=p.initial_state(constants))


def solve(c, times, events=None, some=slice(None), **options):
    """Integrate some of a case's trajectories; scales and method from the nominal one."""
    y0, constants = c.y0[some], c.constants[some]
    events = Events.of(events, len(y0)) if isinstance(events, list) else events
    options = {"method": "rodas5p", "threads": 1, "pilot": (c.y0[0], c.constants[0])} | options
    return integrate(c.system, y0, constants, events, times, **options)


def gap(a, b):
    """Largest difference relative to size, small values against a thousandth of their trajectory's largest."""
    scale = np.abs(b).max(axis=-1, keepdims=True)
    return float(np.max(np.abs(a - b) / (1e-3 * scale + np.abs(b) + 1e-300)))


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    if not JIT:
        drive_plainly(monkeypatch)
