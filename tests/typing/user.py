"""What a user writes, and the types that an editor and a checker know of it."""

from typing import assert_type

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

import ldnsim as ldn

model = ldn.load_model("ldn")
regimen = ldn.Regimen.daily(4.5, days=3, at="22:00")
subjects = ldn.population(model, n=8, seed=7)
ds = ldn.simulate(model, {"LDN": regimen, "none": None}, subjects=subjects, metrics=["cmax", "change_il6"])
fig, axes = ldn.plots.timecourse(ldn.simulate(model, regimen))
best = ldn.optimize(model, {"change_il6": "min"}, {"dose": (0.5, 6)}, days=3, candidates=5, generations=1)

assert_type(model, ldn.Model)
assert_type(model.with_parameters(ke0=1.2), ldn.Model)
assert_type(model.parameters, pd.DataFrame)
assert_type(regimen + regimen.shift(hours=12), ldn.Regimen)
assert_type(subjects, pd.DataFrame)
assert_type(ds, xr.Dataset)
assert_type(ldn.summarize(ldn.steady_state(model, regimen)), xr.Dataset)
assert_type(fig, Figure)
assert_type(best.regimen, ldn.Regimen)
