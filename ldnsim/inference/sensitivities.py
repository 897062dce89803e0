"""`sensitivity`: which parameters move a metric, near the present values or over all that is uncertain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..door import check_kinds, instead
from ..errors import bad, unknown
from ..regimen.asked import days_of, regimen_of
from ..simulation.request import on_one_clock
from .arguments import a_model, a_seed
from .sensitivity_runs import Measure, SensitivityRuns

if TYPE_CHECKING:
    import pandas as pd

    from ..model import Model
    from ..regimen import Regimen

METHODS = ("local", "sobol", "morris", "efast", "given_data")
EXACT, USUAL = 1e-10, 1e-6  # rtol of slopes, and of global methods


@instead(days="give the length in h, duration=672 for 28 days")
def sensitivity(
    model: Model,
    regimen: Regimen | str | None,
    *,
    metric: Measure,
    method: str = "local",
    parameters: Sequence[str] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    draws: pd.DataFrame | None = None,
    n: int | None = None,
    seed: int = 0,
    outputs: Sequence[str] | None = None,
    duration: float | None = None,
    rtol: float | None = None,
    threads: int | None = None,
) -> pd.DataFrame:
    """Say how much each parameter moves a metric.

    Parameters
    ----------
    model : Model
        What is simulated.
    regimen : Regimen, str or None
        What is taken, also in words, as `simulate` takes them.
    metric : str, Readout or callable
        A readout, as `summarize` takes it; "cmax naltrexol" names the analyte too, "auc(Cp)" a variable. Or a
        function that makes one number a subject of the Dataset of a simulation.
    method : {"local", "sobol", "morris", "efast", "given_data"}
        "local": derivatives at the present values. The others vary all parameters at once over the uncertainty
        that their table states (``uncertainty_gsd``; of a fitted one what the calibration left): Sobol's indices,
        Morris' elementary effects, the extended Fourier amplitude test, and first-order indices from draws that
        exist already.
    parameters : list of str, optional
        Which ones; by default all that are uncertain, for a model without a table all.

    Returns
    -------
    DataFrame
        One row a parameter, the most important first.

        - local: ``value``, ``slope`` (metric a unit of the parameter), ``error`` (numerical, of the slope),
          ``elasticity`` (percent a percent), ``low`` and ``high`` (metric at the 5 % and 95 % quantile of the
          parameter), as `plots.tornado` draws them; with `draws` also ``slope_low``, ``slope_high`` (5 % and
          95 % quantile of the slope over the draws, NaN of fewer than 20).
        - sobol, efast: ``first`` and ``total`` share of the variance, each with ``_low`` and ``_high``.
        - morris: ``mu_star`` (mean absolute effect of the whole range) with interval, ``mu``, ``sigma``.
        - given_data: ``first`` with interval; for correlated draws what a parameter explains by itself.

        Intervals of the global methods are SALib's 95 % bootstrap. ``attrs`` has metric, baseline, units
        and description, which says over which window the metric is read.

    Other Parameters
    ----------------
    ranges : dict, optional
        Parameter -> (low, high): uniform between these, instead of the model's own uncertainty. They are the
        parameters, unless `parameters` says otherwise.
    draws : DataFrame, optional
        For given_data the draws, such as ``ldn.posterior(model)``, or ``ldn.population(model, 1000)``; for
        local, at which the slopes are taken too.
    n : int, optional
        Base samples: 1024 for sobol (a power of 2), 100 for morris, 257 for efast. With k parameters these
        are n (k + 2), n (k + 1) and n k runs.
    seed : int
        Of sample and bootstrap.
    outputs : list of str, optional
        Variables that a function as `metric` reads; by default ``model.observables``.
    duration, threads
        As for `simulate`.
    rtol : float, optional
        1e-10 for local, else 1e-6.

    Raises
    ------
    InputError
        If a value cannot be used, or a run did not finish.
    UnknownNameError
        If a name does not exist.

    Notes
    -----
    Local slopes are forward sensitivities: beside each state y its derivative S along a parameter p is
    integrated, S' = (df/dy) S + df/dp, from equations that are made from the model's own. Doses act on S too:
    where an amount, a lag, a rate or a duration depends on p, S jumps or is fed by what that changes; a steady
    state (``ss=1``) is one of y and S together. Parameters run side by side, as subjects do.

    Readouts follow by the chain rule at the nodes they are read from: integrals and means (``auc``,
    ``change_*``) under the integral sign; extremes (``cmax``, ``cmin``, ``rebound_peak``) by the value of S
    where they lie; ``tmax`` by how far that place moves; times above a level at the crossings, 0 where nothing
    crosses it; a half-life by its formula, its points held. All but ``tmax`` and crossings are smooth.
    A function as metric is differentiated along S by central differences of fourth order, without simulating
    again. ``error`` is the change of a slope from a hundred times looser tolerances: a bound of what the
    solver leaves. Where a parameter moves the time of a dose, peaks and troughs have some 5 digits.

    Refused by name: equations or events that jump when a state says so (slopes jump there), a parameter that
    moves the time of such a jump, and one that moves a dose into a state which it does not leave at a
    constant rate.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> r = ldn.Regimen.daily(4.5, days=3)
    >>> table = ldn.sensitivity(ldn.load_model("ldn"), r, metric="rebound_peak", parameters=["ka", "F_oral"])
    >>> list(table.columns[:4])
    ['value', 'slope', 'error', 'elasticity']
    """
    check_kinds(sensitivity, locals(), "model", "regimen", "metric", "seed")
    model = a_model(model)
    regimen = regimen_of("regimen", regimen, model, days_of(duration), lengthened="duration=672")
    (model,) = on_one_clock([model], [regimen])
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    seed, usual = a_seed(seed), EXACT if method == "local" else USUAL
    run = SensitivityRuns(model, regimen, metric, outputs, duration, usual if rtol is None else rtol, threads)
    if method == "given_data":
        from .sensitivity_global import of_draws

        _refuse({"ranges": ranges, "n": n}, "with method='given_data'")
        table = of_draws(run, draws, parameters, seed)
    else:
        from .sensitivity_ranges import Ranges

        space = Ranges.of(model, parameters, ranges)
        if method == "local":
            from .sensitivity_local import local

            _refuse({"n": n}, "with method='local'")
            table = local(run, space, draws)
        else:
            from .sensitivity_global import over_ranges

            _refuse({"draws": draws}, f"with method={method!r}")
            table = over_ranges(run, space, method, n, seed)
    from ..frames import shown_whole

    table.attrs |= {"metric": run.name, "method": method, "units": run.units, "description": run.description}
    table.attrs["model"] = model.name
    table.attrs |= {
        "label": run.label,
        "names": model.parameters["description"].reindex(table.index).to_dict(),
    }
    return shown_whole(table.rename_axis("parameter"))


def _refuse(given: Mapping[str, Any], why: str) -> None:
    for name, value in given.items():
        if value is not None:
            shown = value if isinstance(value, int | float) else type(value).__name__
            raise bad(name, shown, f"has no effect {why}", "leave it out")
