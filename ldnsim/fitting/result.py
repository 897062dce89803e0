"""What a fit found: estimates with their uncertainty, people, predictions, and how far to trust them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..data import StudyData
from ..model import Model
from . import checks, tables
from .densities import Distribution, minimised
from .draws import model_of, readouts_of
from .exchange import inference_data
from .likelihood import Approximation
from .modes import Modes, modes, modes_at
from .prediction import Prediction
from .quadrature import Exact
from .report import write
from .sampling import Sampled
from .search import Found
from .uncertainty import Certainty

if TYPE_CHECKING:
    import pandas as pd

    from ..regimen import Regimen


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """Estimates of one patient or of a population; see `fit`.

    Parameters
    ----------
    prediction : Prediction
        Model, statistical model and measurements.
    likelihood : Approximation or Exact
        What was minimised.
    best : Found
        Where the search ended.
    known : Certainty
        How well the data tell it.
    method : str
        How it was fitted.
    seed : int
        Of what is drawn.
    notes : tuple of str
        What has to be looked at.
    tried : tuple of Found
        Every search.
    prior : str
        Where the prior of a patient comes from.
    sampled : Sampled, optional
        Draws of the posterior, for "posterior".
    priors : dict of str to Distribution
        Of estimates; their densities count in the objective.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> text = "model one; A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V; end"
    >>> rows = [{"ID": 1, "TIME": 0, "AMT": 300}] + [
    ...     {"ID": 1, "TIME": t, "DV": v} for t, v in ((1, 9.3), (4, 7.2), (12, 3.4), (24, 1.3))
    ... ]
    >>> data = ldn.read_data(rows)
    >>> f = ldn.fit(ldn.Model.from_antimony(text), data, "Cp", "A", ["CL", "V"], [], "proportional")
    >>> isinstance(f, ldn.Fit), f.method, f.converged, f.convergence, f.of_one
    (True, 'focei', True, 'converged after ... evaluations', False)
    >>> list(f.parameters.columns), f.parameters.value.round(1).to_dict()
    (['value', 'se', 'rse', 'low', 'high'], {'CL': ..., 'V': ...})
    >>> list(f.sigma), f.omega.shape, list(f.variances.index), f.covariance.shape, f.condition >= 1
    (['proportional'], (0, 0), ['proportional'], (3, 3), True)
    >>> f.objective < 10, len(f.starts), f.point.log_sd.size, f.modes.eta.shape, f.learnt.empty, f.diagnostics.empty
    (True, 1, 1, (1, 0), True, True)
    >>> f.model.parameters.value.round(1).to_dict(), f.data
    ({'CL': ..., 'V': ...}, StudyData: 1 subject, 1 dose, 4 observations)
    >>> list(f.individual.columns), list(f.shrinkage.index), list(f.predictions.columns[-5:])
    (['CL', 'V'], ['residual'], ['PRED', 'IPRED', 'IWRES', 'CWRES', 'NPDE'])
    """

    prediction: Prediction
    likelihood: Approximation | Exact
    best: Found
    known: Certainty
    method: str
    seed: int
    notes: tuple[str, ...]
    tried: tuple[Found, ...]
    prior: str = ""
    sampled: Sampled | None = None
    priors: Mapping[str, Distribution] = field(default_factory=dict)

    @property
    def of_one(self) -> bool:
        """Whether this is a patient with a prior, not a population."""
        return bool(self.prior)

    @property
    def model(self) -> Model:
        """The model, with the parameters of the typical patient, or of the one patient."""
        return model_of(self)

    @property
    def data(self) -> StudyData:
        """The table that was fitted."""
        return self.prediction.samples.data

    @property
    def converged(self) -> bool:
        """Whether the search came to rest."""
        return self.best.converged

    @property
    def convergence(self) -> str:
        """How the search ended, in words."""
        if self.of_one and not len(self.best.x):
            return "found where the posterior is highest; residual errors stay as given"
        return self.best.words

    @property
    def objective(self) -> float:
        """Minus twice the log likelihood, with all constants; and the log density of `priors`."""
        return self.best.answer.total

    @property
    def condition(self) -> float:
        """Largest over least eigenvalue of the correlations of the estimates; NaN where there are none."""
        return self.known.condition

    @cached_property
    def point(self):
        """The statistical model at the estimates."""
        return self.prediction.effects.at(self.best.x)

    @cached_property
    def modes(self) -> Modes:
        """Random effects of each subject where they are most probable; in the middle of a sampled posterior."""
        if self.sampled is not None:
            effects, middle = self.prediction.effects, np.median(self.sampled.of_patients, axis=0)
            return modes_at(self.prediction, self.point, (middle - self.point.centre)[:, effects.varying])
        return modes(self.prediction, self.point, self.likelihood.eta)

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """Estimates by name: value, se, rse (%), low and high (90 %), in the unit of the parameter.

        Of a patient with a prior, these are the patient's own; of several such, each has rows of its own.
        """
        return tables.of_patients(self) if self.of_one else tables.of_population(self)

    @property
    def omega(self) -> pd.DataFrame:
        """Variances and covariances of the random effects, on the scale of each parameter; of occasions ``CL~OCC``."""
        names = self.prediction.effects.spread.names
        first = [names.index(name) for name in dict.fromkeys(names)]  # occasions have one variance
        return tables.square(dict.fromkeys(names), self.point.omega[np.ix_(first, first)])

    @property
    def sigma(self) -> dict[str, float]:
        """Residual standard deviations: in the unit of the measurement, or relative."""
        values = np.exp(self.point.log_sd).tolist()
        return dict(zip(self.prediction.residual.names, values, strict=True))

    @cached_property
    def variances(self) -> pd.DataFrame:
        """Entries of `omega` and `sigma` that were estimated: value, se, rse (%), low and high (90 %)."""
        return tables.of_variances(self)

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of all that was estimated, on the scales of the search."""
        return tables.square(tables.entry_names(self.prediction), self.known.covariance)

    @cached_property
    def diagnostics(self) -> pd.DataFrame:
        """Of a sampled posterior, for each parameter: R-hat, and effective sizes of its middle and its tails."""
        return tables.of_chains(self)

    @property
    def starts(self) -> pd.DataFrame:
        """Every search: its objective, whether it converged, and how it ended."""
        import pandas as pd

        rows = [(t.answer.total, t.converged, t.words) for t in self.tried]
        return pd.DataFrame(rows, columns=["objective", "converged", "words"])

    @cached_property
    def individual(self) -> pd.DataFrame:
        """Parameters of each subject, those that were estimated or vary; `predict` takes it as `individual`."""
        import pandas as pd

        effects = self.prediction.effects
        z = effects.placed(self.modes.eta, self.point.centre)
        return pd.DataFrame(effects.natural(z), pd.Index(self.data.subjects, name="ID"), list(effects.moving))

    @cached_property
    def shrinkage(self) -> pd.DataFrame:
        """Shrinkage (%) of each random effect, and of the residuals."""
        return tables.of_shrinkage(self)

    @cached_property
    def learnt(self) -> pd.DataFrame:
        """What the samples taught of each parameter of a patient: prior and posterior, and the share of variance gone."""
        return tables.of_learning(self)

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """The data with PRED, IPRED, IWRES, CWRES and NPDE (NaN below the limit of quantification)."""
        return tables.of_predictions(self)

    def measured(self, variable: str) -> pd.DataFrame:
        """Return the measurements of one variable: ID, TIME (h), DV, CENS and LLOQ.

        Parameters
        ----------
        variable : str
            One that was measured.

        Returns
        -------
        DataFrame
            The rows of the data that hold them; where the clock starts again at a reset, in the time of `curves`, in
            which periods follow each other.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> one = ldn.Model.from_antimony("A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V")
        >>> table = {"ID": 1, "TIME": [0, 1, 4, 12, 24], "AMT": [300, 0, 0, 0, 0], "DV": [None, 9.3, 7.2, 3.4, 1.3]}
        >>> f = ldn.fit(one, ldn.read_data(table), "Cp", "A", ["CL", "V"], [], "proportional")
        >>> f.measured("Cp").DV.tolist()
        [9.3, 7.2, 3.4, 1.3]
        """
        return tables.of_measurements(self, variable)

    def curves(self, most: int = 12, points: int = 121) -> pd.DataFrame:
        """Return predictions between the samples: ID, variable, TIME (h), PRED, IPRED.

        Of patients with a prior also LOW and HIGH, between which the patient's own curve lies with 90 %.

        Parameters
        ----------
        most : int
            How many subjects, from the first.
        points : int
            Times a subject.

        Returns
        -------
        DataFrame
            A row a subject, variable and time.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> one = ldn.Model.from_antimony("A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V")
        >>> table = {"ID": 1, "TIME": [0, 1, 4, 12, 24], "AMT": [300, 0, 0, 0, 0], "DV": [None, 9.3, 7.2, 3.4, 1.3]}
        >>> f = ldn.fit(one, ldn.read_data(table), "Cp", "A", ["CL", "V"], [], "proportional")
        >>> f.curves(points=5).columns.tolist()
        ['ID', 'variable', 'TIME', 'PRED', 'IPRED']
        """
        return checks.curves(self, most, points)

    def visual_check(
        self, bins: int | None = None, corrected: bool = True, sets: int = 300, seed: int = 0
    ) -> pd.DataFrame:
        """Return quantiles of what was measured, and where those of simulated data sets lie.

        Parameters
        ----------
        bins : int, optional
            Bins over the time since the last dose; by default as many as hold eight measurements each.
        corrected : bool
            Whether measurements are brought to the middle prediction of their bin.
        sets : int
            Simulated data sets.
        seed : int
            Of these.

        Returns
        -------
        DataFrame
            One row a variable, bin and quantile (0.05, 0.5, 0.95): observed, and low, median, high (90 %) of the
            simulated ones. A quantile below the limit of quantification is NaN.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> one = ldn.Model.from_antimony("A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V")
        >>> table = {"ID": 1, "TIME": [0, 1, 4, 12, 24], "AMT": [300, 0, 0, 0, 0], "DV": [None, 9.3, 7.2, 3.4, 1.3]}
        >>> f = ldn.fit(one, ldn.read_data(table), "Cp", "A", ["CL", "V"], [], "proportional")
        >>> f.visual_check(bins=2, sets=50).shape[0]
        6
        """
        return checks.visual_check(self, bins, corrected, sets, seed)

    def readouts(
        self,
        metrics: Iterable[str],
        regimen: Regimen | str,
        model: Model | None = None,
        n: int = 200,
        seed: int = 0,
        **how: float | None,
    ) -> pd.DataFrame:
        """Say what the estimates amount to under a regimen, with 90 %.

        Parameters
        ----------
        metrics : list of str
            As `ldnsim.summarize` takes them, such as "hours_blocked_peripheral".
        regimen : Regimen or str
            What is taken, also in words, as `simulate` takes them.
        model : Model, optional
            Another model with the same parameters, such as the whole chain for a fit of its plasma part.
        n : int
            Draws of what is not known of the parameters.
        seed : int
            Of the draws.
        **how : float, optional
            Further arguments of `ldnsim.simulate`.

        Returns
        -------
        DataFrame
            One row a readout: low, median, high.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> one = ldn.Model.from_antimony("A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V")
        >>> table = {"ID": 1, "TIME": [0, 1, 4, 12, 24], "AMT": [300, 0, 0, 0, 0], "DV": [None, 9.3, 7.2, 3.4, 1.3]}
        >>> f = ldn.fit(one, ldn.read_data(table), "Cp", "A", ["CL", "V"], [], "proportional")
        >>> doses = ldn.Regimen.every(300, ii=24, n=3, cmt="A")
        >>> f.readouts(["auc(Cp)"], doses, n=20).columns.tolist()
        ['low', 'median', 'high']
        """
        return readouts_of(self, metrics, regimen, model, n, seed, how)

    def report(self, path: str | Path) -> str:
        """Write an HTML page that stands alone: estimates, convergence, what has to be looked at, figures.

        Parameters
        ----------
        path : str or Path
            An ``.html`` file.

        Returns
        -------
        str
            The path.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> one = ldn.Model.from_antimony("A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V")
        >>> table = {"ID": 1, "TIME": [0, 1, 4, 12, 24], "AMT": [300, 0, 0, 0, 0], "DV": [None, 9.3, 7.2, 3.4, 1.3]}
        >>> f = ldn.fit(one, ldn.read_data(table), "Cp", "A", ["CL", "V"], [], "proportional")
        >>> f.report("fit.html")
        'fit.html'
        """
        return write(self, path)

    def to_arviz(self):
        """Return the draws as an `InferenceData` of ArviZ (extra ``fit``).

        Returns
        -------
        arviz.InferenceData
            From ArviZ 1 on a DataTree of Xarray. With the groups posterior and observed_data; of a sampled
            posterior also prior, sample_stats, log_likelihood and posterior_predictive.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> one = ldn.Model.from_antimony("A' = -CL/V*A; A = 0; CL = 2; V = 30; Cp := A/V")
        >>> table = {"ID": 1, "TIME": [0, 1, 4, 12, 24], "AMT": [300, 0, 0, 0, 0], "DV": [None, 9.3, 7.2, 3.4, 1.3]}
        >>> f = ldn.fit(one, ldn.read_data(table), "Cp", "A", ["CL", "V"], [], "proportional")
        >>> callable(f.to_arviz)
        True
        """
        return inference_data(self)

    def __repr__(self) -> str:
        head = f"Fit by {self.method}: {minimised(self.priors)} {self.objective:.3f}; {self.convergence}"
        lines = [head, str(self.parameters.round(4)) if len(self.parameters) else "nothing was estimated"]
        lines += [f"look at: {note}" for note in self.notes]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head, notes = repr(self).split("\n")[0], "".join(f"<li>{escape(n)}</li>" for n in self.notes)
        table = self.parameters.to_html(float_format="{:.4g}".format)
        return f"<div><p><b>{escape(head)}</b></p>{table}<ul>{notes}</ul></div>"
