"""The metrics there are, as a table: what is read, how it is reduced, over which window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import bad, unknown
from ..units import ASLEEP, clock_of

NOTHING = 1e-9  # ng/mL; less than this in plasma is the rounding of a subject who took nothing
THRESHOLD = "threshold"  # a level the user sets, instead of a number
BLOCKED = 0.8  # share of receptors held: the level usually asked of a functional blockade

ANALYTES = {"naltrexone": "plasma_naltrexone", "naltrexol": "plasma_naltrexol"}
OCCUPANCIES = {
    "mu_occupancy_peripheral": "peripheral mu occupancy",
    "mu_occupancy_brain": "brain mu occupancy",
    "kappa_occupancy_brain": "brain kappa occupancy",
    "delta_occupancy_brain": "brain delta occupancy",
}
CYTOKINES = {"tnf_alpha": "TNF-alpha", "il6": "IL-6", "il1b": "IL-1 beta", "il10": "IL-10"}


@dataclass(frozen=True)
class Metric:
    """One row of the table.

    Attributes
    ----------
    name : str
        What the user asks for.
    reads : dict
        Label -> variable. A single unlabelled variable has the label "".
    reducer : str
        A key of `ldnsim.readouts.measure.REDUCERS`.
    window : str
        A key of `ldnsim.readouts.measure.WINDOWS`.
    units, long_name, description : str
        For the variable's attributes.
    level : float or str
        What the reducer compares with: a number, or `THRESHOLD`.
    """

    name: str
    reads: dict[str, str]
    reducer: str
    window: str
    units: str
    long_name: str
    description: str
    level: float | str = 0.0

    @property
    def dim(self) -> str:
        """Name of the dimension the labels span; empty for a single variable."""
        return "" if "" in self.reads else "analyte"

    @property
    def attrs(self) -> dict[str, str]:
        """Attributes of the labelled result."""
        return {"units": self.units, "long_name": self.long_name, "description": self.description}


def _one(name: str, variable: str, *rest: str, level: float | str = 0.0) -> Metric:
    return Metric(name, {"": variable}, *rest, level=level)


_HOURS = (
    "Hours above the threshold per 24 h, over the last dosing interval; if that is no whole number of days, "
    "over as many as make whole days, or at least one day."
)
_NIGHT = " and ".join(map(clock_of, ASLEEP))
_CHANGE = "Mean of the last dosing interval against the untreated baseline."

_ROWS = (
    Metric("cmax", ANALYTES, "peak", "interval", "ng/mL", "peak plasma concentration",
           "Highest concentration in the last dosing interval."),
    Metric("tmax", ANALYTES, "time_of_peak", "dose", "h", "time of peak plasma concentration",
           "Hours from the last dose to the peak after it; missing where nothing is in plasma.",
           level=NOTHING),
    Metric("auc", ANALYTES, "integral", "interval", "ng/mL*h", "area under the plasma concentration",
           "Integral over the last dosing interval."),
    Metric("half_life", ANALYTES, "half_life", "dose", "h", "apparent half-life in plasma",
           "From the log-linear slope over the last third of the time from the last dose to the next; "
           "missing where the concentration does not fall.", level=NOTHING),
    *(
        _one(f"peak_{v}", v, "peak", "interval", "1", f"peak {words}",
             "Highest value in the last dosing interval.")
        for v, words in OCCUPANCIES.items()
    ),
    *(
        _one(f"trough_{v}", v, "trough", "interval", "1", f"trough {words}",
             "Lowest value in the last dosing interval.")
        for v, words in OCCUPANCIES.items()
    ),
    _one("hours_blocked_peripheral", "mu_occupancy_peripheral", "hours_above", "day", "h",
         "peripheral mu blockade per 24 h", _HOURS, level=THRESHOLD),
    _one("hours_blocked_brain", "mu_occupancy_brain", "hours_above", "day", "h",
         "brain mu blockade per 24 h", _HOURS, level=THRESHOLD),
    _one("hours_blocked_asleep", "mu_occupancy_peripheral", "hours_above_asleep", "day", "h",
         f"peripheral mu blockade between {_NIGHT}, per 24 h",
         f"As hours_blocked_peripheral, counting only the hours between {_NIGHT}.", level=THRESHOLD),
    _one("blockade_window", "mu_occupancy_peripheral", "stretch_above", "after", "h",
         "peripheral mu blockade by the last dose",
         "Length of the first unbroken stretch above the threshold after the last dose, looked for until the "
         "last dosing interval ends, or for as long as duration or times ask for; all of that time means "
         "throughout.", level=THRESHOLD),
    _one("rebound_peak", "opioid_tone", "peak_over", "interval", "1", "peak opioid tone above baseline",
         "Highest opioid tone in the last dosing interval minus 1 (the untreated baseline); negative if "
         "tone stays below baseline.", level=1.0),
    _one("rebound_auc", "opioid_tone", "area_above", "day", "h", "opioid tone above baseline, per 24 h",
         "Integral of opioid tone above 1 per 24 h, over the hours that hours_blocked_peripheral counts.",
         level=1.0),
    *(
        _one(f"change_{v}", v, "percent_change", "interval", "%", f"change of {words}", _CHANGE, level=1.0)
        for v, words in CYTOKINES.items()
    ),
    _one("pain_change", "pain", "percent_change", "interval", "%", "change of pain", _CHANGE, level=1.0),
    _one("withdrawal_peak", "withdrawal", "peak", "interval", "1", "peak withdrawal index",
         "Highest value in the last dosing interval."),
)  # fmt: skip

METRICS: dict[str, Metric] = {m.name: m for m in _ROWS}


def metric_variables(available: Iterable[str]) -> tuple[str, ...]:
    """Variables among `available` that some metric reads, in the table's order."""
    have = set(available)
    wanted = dict.fromkeys(v for m in _ROWS for v in m.reads.values())
    return tuple(v for v in wanted if v in have)


def chosen_metrics(
    available: Iterable[str], names: Sequence[str] | None = None, argument: str = "metrics"
) -> list[Metric]:
    """Rows of the table that can be computed from the variables at hand.

    Parameters
    ----------
    available : iterable of str
        Variables at hand.
    names : sequence of str, optional
        Metrics wanted, each of which must be computable; None: all that are.
    argument : str
        For the error message.

    Returns
    -------
    list of Metric
        In the order asked; a metric over several analytes keeps those at hand.

    Raises
    ------
    UnknownNameError
        If a name is not in the table.
    InputError
        If a metric reads a variable that is not at hand.
    """
    have = set(available)
    rows = []
    for name in METRICS if names is None else dict.fromkeys(names):
        if name not in METRICS:
            raise unknown(argument, name, METRICS)
        row = METRICS[name]
        reads = {label: v for label, v in row.reads.items() if v in have}
        if reads:
            rows.append(Metric(**(row.__dict__ | {"reads": reads})))
        elif names is not None:
            needs = " or ".join(row.reads.values())
            raise bad(argument, name, f"reads {needs}, which is not among the variables here")
    return rows
