"""Runs along directions and from period to period for the ledger: what doses and parameters become of them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

import ldnsim as ldn
from ldnsim.codegen import program
from ldnsim.formulation import formulations_of
from ldnsim.simulation.cohort import Cohort
from ldnsim.simulation.tangent import TangentModel, TangentPlan
from ldnsim.simulation.tangent_doses import TangentLowering

from ..ledger import told

R = ldn.Regimen
BROKEN = """
model broken()
  B' = piecewise(1, time < k, 0.2) - q*B + piecewise(c, time > 2*k + 3, 0); B = 0; k = 2; q = 0.3; c = 0.5
end
"""
TURNED = (
    "model turned(); A' = -Vmax*A/(2 + A) + sin(k*time); A = 1; Vmax = 0.4; k = 1; R_A = 0.7; D_A = 2; end"
)


def doses():
    """Events, and when they act, of doses whose lags, shares, lengths and rates move along each parameter."""
    found = []
    for name in ("naltrexone_pk", TURNED):
        model = ldn.load_model(name) if " " not in name else ldn.Model.from_antimony(name)
        both, base, n = program(TangentModel.around(model)), program(model), len(model.values)
        some = [model.parameter_ids.index(p) for p in ("ka", "tlag", "salt_factor", "f_mucosa", "t_mucosa", "f_burst",
            "lag_erosion", "F_cream", "Vmax", "k", "R_A", "D_A") if p in model.parameter_ids]  # fmt: skip
        values = np.hstack([np.repeat(model.values[None], len(some), axis=0), np.eye(n)[some]])
        if n > 9:
            forms = ("capsule", "sublingual", "cream", "injection_xr")
            asked = [
                R.every(4.5, 12, 2, formulation=f, ss=ss, lag=0.2 * ss) for f in forms for ss in (False, True)
            ]
            asked += [R.every(4.5, 0.2, 3, ss=True)]
        else:
            rates = (
                {"rate": 2.0},
                {"rate": -1},
                {"rate": -2},
                {"rate": -1, "rat": 3.0, "addl": 1, "ii": 9},
                {},
            )
            asked = [R.from_records([{"time": 1, "amt": 3, "F": 0.5, "cmt": "A", **rate}]) for rate in rates]
            asked += [
                R.from_records([{"time": 0, "amt": 0, "rate": r, "ss": 1, "cmt": "A"}]) for r in (2.0, -1)
            ]
        for regimen in asked:
            line, rows = (
                told(TangentLowering, both, regimen, values, formulations_of(model), base)[0],
                len(some),
            )
            found += [
                told(lambda x=line, n=rows: x.run().events(n)),
                told(line.touched),
                told(line.moving),
            ]
    return found


def breaks():
    """Times at which equations jump, which a direction may not move."""
    model = ldn.Model.from_antimony(BROKEN)
    found, n = [], len(model.values)
    for k in range(n):
        dots = np.zeros((3, n))
        dots[1:, k] = 1.0, -2.0
        values = np.hstack([np.repeat(model.values[None], 3, axis=0), dots])
        who = SimpleNamespace(values=lambda *_, v=values: v)
        plan = SimpleNamespace(base=program(model), subjects=who, model=model, regimens=())
        found.append(told(TangentPlan.refuse_moving_breaks, plan))
    return found


def under_drugs():
    """Parameters and directions of people whose regimens bring those of an opioid."""
    model = ldn.load_model("ldn")
    regimens = [R.single(3), R.single(5, drug="oxycodone") + R.single(3), R.single(9, drug="morphine")]
    cohort, n = Cohort(model, [*regimens, R()], ("il6",), ("ka",), 1e-6), len(model.values)
    kind = np.array([0, 1, 2, 1, 2, 3])
    found = []
    for wide in (n, 2 * n):
        full = np.random.default_rng(61).uniform(0.1, 1.0, (len(kind), wide))
        full[:, :n] *= model.values
        found.append(cohort._under_drugs(full, kind))
    for regimen in regimens:
        plan = SimpleNamespace(model=SimpleNamespace(base=model), program=program(model), base=None)
        found.append(TangentPlan._lowering(plan, regimen, full).values)
    return found


def cohorts(model):
    """People who are seen at their own records, whose parameters are others in each period, with slopes."""
    one = [{"time": 0, "amt": 3, "OCC": 1}, {"time": 2, "evid": 0, "OCC": 1}, {"time": 12, "amt": 3, "OCC": 2},
        {"time": 15, "evid": 0, "OCC": 2}, {"time": 15, "evid": 0, "OCC": 2}]  # fmt: skip
    two = [{"time": 1, "amt": 2, "OCC": 5}, {"time": 3, "evid": 0, "OCC": 5}]
    regimens = [R.from_records([{"cmt": "G", "amt": 0, **r} for r in rows]) for rows in (one, two, one)]
    rng, found, who = np.random.default_rng(62), [], np.array([0, 2, 1, 0])
    for by in ("", "OCC"):
        cohort = Cohort(model, regimens, ("A",), ("CL", "V"), 1e-8, by=by)
        shape = (len(who), 2, 2) if by else (len(who), 2)
        values, direction = rng.uniform(2, 10, shape), rng.normal(size=shape)
        found += [cohort.values(values, who), cohort.slopes(values, who, direction), cohort.periods, cohort.kind,
            cohort.end]  # fmt: skip
    return found
