"""`write_petab`: a model, its data and the arguments of a fit as a PEtab problem of version 1."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data import StudyData
from ..data.reading import read_as
from ..errors import a_path, bad, instance, need, unknown
from ..fitting.samples import observed
from ..formulation import formulations_of
from ..io import made_folder
from ..model import Model
from ..model.roles import Roles
from . import priors
from .formulas import Draft

if TYPE_CHECKING:
    import pandas as pd

NOISE = {
    "additive": ("{additive}", "lin"),
    "proportional": ("{proportional} * {f}", "lin"),
    "combined": ("({additive}^2 + ({proportional} * {f})^2)^0.5", "lin"),
    "combined1": ("{additive} + {proportional} * {f}", "lin"),
    "lognormal": ("{lognormal}", "log"),
}
PARTS = {
    k: [p for p in ("additive", "proportional", "lognormal") if "{" + p + "}" in f]
    for k, (f, _) in NOISE.items()
}
SCALES = {"none": "lin", "log": "log"}
WIDE = 1e3  # bounds of a parameter that has none, as factors of its value
ARGUMENTS = ("observe", "cmt", "estimate", "iiv", "error", "sigma", "fixed", "table", "prior", "method", "seed")


def write_petab(folder: str | Path, model: Model, data: Any, **arguments: Any) -> Path:
    """Write a PEtab problem: SBML, four tables and the YAML file that names them.

    Parameters
    ----------
    folder : str or Path
        Where to; made if it is not there.
    model : Model
        Its values are the nominal ones.
    data : StudyData, or what `read_data` reads
        Each subject becomes a condition, doses become events of the SBML model, covariates named like parameters
        columns of the conditions.
    **arguments
        Those of ``ldnsim.fit``: `observe`, `cmt`, `estimate`, `error`, `sigma`, `fixed`, `table`, `prior`.

    Returns
    -------
    Path
        Of the YAML file.

    Raises
    ------
    InputError
        If PEtab 1 has no words for what is asked: random effects, infusions, values below a limit.

    Examples
    --------
    >>> import ldnsim as ldn, tempfile
    >>> model = ldn.Model.from_antimony("model one; A' = -k*A; A = 0; k = 0.1; Cp := A/30; end")
    >>> data = ldn.read_data([{"ID": 1, "TIME": 0, "AMT": 300}, {"ID": 1, "TIME": 4, "DV": 7.2}])
    >>> path = ldn.write_petab(tempfile.mkdtemp(), model, data, observe="Cp", cmt="A", estimate=["k"], sigma={"additive": 1})
    >>> path.name
    'problem.yaml'
    """
    folder = a_path("folder", folder)
    need("yaml", "petab", "folder", str(folder))
    instance("model", model, Model, "a Model", "ldnsim.load_model('ldn')")
    data = read_as("data", data)
    for name in arguments:
        if name not in ARGUMENTS:
            raise unknown("argument", name, ARGUMENTS)
    if arguments.get("iiv"):
        raise bad("iiv", arguments["iiv"], "has no words in PEtab 1, where all subjects are alike", "iiv=[]")
    if arguments.get("cmt") is not None:
        data = data.dosed_into(arguments["cmt"])
    return _written(folder, model, data, arguments)


def _written(folder: Path, model: Model, data: StudyData, arguments: Mapping[str, Any]) -> Path:
    import pandas as pd
    import yaml

    hours = model.in_hours().structure.hours
    variables = observed(model, data, arguments.get("observe"))
    conditions = {s: f"subject_{k + 1}" for k, s in enumerate(data.subjects)}
    draft = Draft(model.to_sbml())
    for row in model.document.parameters:
        if "local" in row:
            draft.promote(row["reaction"], row["local"], row["id"])
    inputs = _doses(draft, model, data, hours) | _covariates(model, data)
    table = pd.DataFrame(
        {"conditionId": list(conditions.values()), "conditionName": [str(s) for s in conditions]}
    )
    for name, values in inputs.items():
        if np.ptp(values):
            table[name] = values
        else:
            draft.parameter(name, float(values[0]))
    observables, noise = _observables(model, variables, arguments)
    tables = {
        "parameters": _parameters(model, arguments, noise),
        "conditions": table,
        "observables": observables,
        "measurements": _measurements(data, variables, conditions, hours),
    }
    made_folder("folder", folder)
    for name, rows in tables.items():
        rows.to_csv(folder / f"{name}.tsv", sep="\t", index=False)
    (folder / "model.xml").write_text(draft.text, encoding="utf-8")
    files = {"sbml_files": ["model.xml"]}
    files |= {f"{n}_files": [f"{n}s.tsv"] for n in ("condition", "measurement", "observable")}
    path = folder / "problem.yaml"
    whole = {"format_version": 1, "parameter_file": "parameters.tsv", "problems": [files]}
    path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    return path


def _doses(draft: Draft, model: Model, data: StudyData, hours: float) -> dict[str, np.ndarray]:
    """Write an event for each time and state at which any subject is dosed; return the amounts of the subjects."""
    amounts: dict[tuple[float, str], np.ndarray] = {}
    table = formulations_of(model)
    for k, regimen in enumerate(data.regimens.values()):
        for record in regimen.records:
            if (
                record.evid > 1
                or record.ss
                or record.rate
                or record.drug
                or (record.is_dose and not record.cmt)
            ):
                what = f"{record.time:g} h, evid {record.evid}, rate {record.rate:g}, ss {record.ss}"
                raise bad(
                    "data",
                    what,
                    "has no words in PEtab 1",
                    "boluses into a state are written, cmt= names one",
                )
            for n in range(record.addl + 1) if record.is_dose else ():
                time = record.time + n * record.ii + record.lag
                state = record.cmt if isinstance(record.cmt, str) else model.states[record.cmt - 1]
                row = amounts.setdefault((time, state), np.zeros(len(data.regimens)))
                row[k] += record.amt * record.F * table.into(state).fraction.number
    found = {}
    for number, ((time, state), row) in enumerate(sorted(amounts.items()), start=1):
        name = draft.free_name(f"dose_{number}")
        draft.parameter(name, 0.0)
        draft.dose(name, state, time / hours)
        found[name] = row
    return found


def _covariates(model: Model, data: StudyData) -> dict[str, np.ndarray]:
    found = {}
    for name in (c for c in data.covariates if c in model.parameter_ids):
        changing = data.table.groupby("ID", sort=False)[name].nunique() > 1
        if changing.any():
            rule = f"changes in time for subject {changing.index[int(np.argmax(changing))]!r}"
            raise bad("data", name, f"{rule}, which PEtab 1 has no words for")
        found[str(name)] = data.covariates[name].to_numpy(dtype=float)
    return found


def _formula(model: Model, name: str) -> str:
    """Write what an output is in ids of SBML, where that of a species may mean its amount."""
    roles = Roles(model.document)
    species = next((s for s, amount in model.amounts.items() if amount == name), name)
    if species not in roles.species or not roles.has_size(species):
        return name
    by_amount, size = roles.amount_like(species), roles.species[species]["compartment"]
    if name == species:
        return f"{species} / {size}" if by_amount else species
    return species if by_amount else f"{species} * {size}"


def _label(name: str) -> str:
    return name.replace(".", "_")


def _observables(
    model: Model, variables: Mapping[Any, str], arguments: Mapping[str, Any]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Write the observables; return the parameters of their noise: value, whether it is kept, and its key of sigma."""
    import pandas as pd

    error, sigma = arguments.get("error", "additive"), arguments.get("sigma") or {}
    names, rows, noise = list(dict.fromkeys(variables.values())), [], {}
    if len(set(map(_label, names))) < len(names):
        raise bad("observe", names, "has names that differ by a dot alone", "observe one of them")
    for name in names:
        kind = error if isinstance(error, str) else error.get(name, "additive")
        if kind not in NOISE:
            raise unknown("error", kind, NOISE)
        (formula, scale), written = NOISE[kind], _formula(model, name)
        places = {}
        for part in PARTS[kind]:
            key = part if len(names) == 1 else f"{part} {name}"
            if key not in sigma:
                raise bad("sigma", dict(sigma), f"must give {key!r}", "fit.sigma, or a value to start from")
            places[part] = f"sd_{part}_{_label(name)}"
            noise[places[part]] = float(sigma[key]), key in arguments.get("fixed", ()), key
        rows.append({
            "observableId": f"observable_{_label(name)}", "observableFormula": written,
            "noiseFormula": formula.format(f=f"({written})", **places), "observableTransformation": scale,
            "noiseDistribution": "normal",
        })  # fmt: skip
    return pd.DataFrame(rows), noise


def _parameters(model: Model, arguments: Mapping[str, Any], noise: Mapping[str, Any]) -> pd.DataFrame:
    rows = _estimated(model, arguments)
    names = {row["parameterId"]: row for row in rows}  # by what a fit calls them
    for name, (value, kept, key) in noise.items():
        rows.append(_row(name, "log", value, None, None, int(not kept)))
        names |= {} if kept else {key: rows[-1]}
    for name, prior in (arguments.get("prior") or {}).items():
        if name not in names:
            raise bad("prior", name, "is not estimated", f"estimated are {', '.join(names)}")
        names[name] |= priors.written(name, prior, names[name])
    return priors.columns(rows)


def _estimated(model: Model, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    own, rows, sizes = model.parameters, [], {c["id"] for c in model.document.compartments}
    given = arguments.get("table")
    for name in arguments.get("estimate") or ():
        if name not in own.index:
            raise unknown("estimate", name, own.index)
        if name in sizes:
            rule = "is the size of a compartment, which PEtab 1 does not estimate"
            raise bad("estimate", name, rule, "let the size follow a parameter")
        row = own.loc[name].to_dict() | (
            {} if given is None or name not in given.index else given.loc[name].to_dict()
        )
        scale = row.get("transform")
        if scale == "logit":
            raise bad(
                "table", scale, f"is no scale of PEtab 1, which {name!r} should have", "'log' or 'none'"
            )
        value = float(own.loc[name, "value"])
        scale = scale if scale in SCALES else "log" if value > 0 else "none"
        rows.append(_row(name, SCALES[scale], value, row.get("lower"), row.get("upper"), 1))
    return rows


def _row(name: str, scale: str, value: float, lower: Any, upper: Any, estimate: int) -> dict[str, Any]:
    ends = [float("nan") if e is None else float(e) for e in (lower, upper)]
    wide = sorted((value / WIDE, value * WIDE)) if value else (-WIDE, WIDE)
    low, high = (e if np.isfinite(e) else w for e, w in zip(ends, wide, strict=True))
    if scale == "log" and low <= 0:
        low = value / WIDE
    return {"parameterId": name, "parameterScale": scale, "lowerBound": low, "upperBound": high,
            "nominalValue": value, "estimate": estimate}  # fmt: skip


def _measurements(
    data: StudyData, variables: Mapping[Any, str], conditions: Mapping[Any, str], hours: float
) -> pd.DataFrame:
    import pandas as pd

    seen = data.observations
    below = seen["CENS"] == 1
    if below.any():
        rule = "lies below the limit of quantification, which PEtab 1 has no words for"
        raise bad("data", f"record {seen.index[below][0]}", rule)
    labels = [None] * len(seen) if None in variables else seen["DVID"]
    return pd.DataFrame({
        "observableId": [f"observable_{_label(variables[label])}" for label in labels],
        "simulationConditionId": [conditions[who] for who in seen["ID"]],
        "measurement": seen["DV"].to_numpy(),
        "time": seen["TIME"].to_numpy() / hours,
    })  # fmt: skip
