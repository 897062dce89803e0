"""What a model holds: its equations, its table of numbers, the values chosen, and their provenance."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ..errors import InputError, bad, unknown
from .document import Document
from .dose_units import Counting, arrivals, with_molar_masses, with_units
from .parameters import GRADES, Parameter, frame
from .presets import Preset
from .quantities import Quantity
from .readout_rows import Row, readout_frame, rows_of, usual_rows
from .structure import Structure

if TYPE_CHECKING:
    import pandas as pd

    from .equations import Equations


@dataclass(frozen=True, eq=False, repr=False)
class ModelContents:
    """The fields of `ldnsim.Model`, described there, and what follows from them."""

    name: str
    document: Document
    structure: Structure
    table: tuple[Parameter, ...]
    quantities: tuple[Quantity, ...]
    scenario: str | None = None
    condition: str | None = None
    overrides: Mapping[str, float] = field(default_factory=dict)
    scenario_presets: Mapping[str, Preset] = field(default_factory=dict)
    condition_presets: Mapping[str, Preset] = field(default_factory=dict)
    folder: Path | None = None
    title: str = ""
    description: str = ""
    readout_rows: tuple[Row, ...] = ()
    counting: Mapping[str, Counting] = field(default_factory=dict)

    @property
    def states(self) -> tuple[str, ...]:
        """Ids of the states, in the order of NONMEM compartment numbers."""
        return self.structure.states

    @property
    def observables(self) -> tuple[str, ...]:
        """Ids of what a simulation returns unless asked for something else."""
        for kinds in (("observable",), ("state", "assigned"), ("constant",)):
            shown = tuple(q.id for q in self.quantities if q.kind in kinds and q.id not in self.silent)
            if shown:
                return shown
        return ()

    @property
    def silent(self) -> tuple[str, ...]:
        """Outputs on which no effect was ever measured in the condition chosen: they are not to be had.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.load_model("ldn").with_condition("crps").silent
        ('pain',)
        """
        preset = self.condition_presets.get(self.condition or "")
        return preset.silent if preset is not None else ()

    @property
    def structures(self) -> dict[str, str]:
        """The scenarios that are rival structures, each with the sentence that says what it assumes."""
        return {name: preset.assumes for name, preset in self.scenario_presets.items() if preset.structure}

    @property
    def outputs(self) -> pd.DataFrame:
        """All that can be asked for, indexed by id: unit, long_name, kind."""
        import pandas as pd

        rows = [dataclasses.astuple(q) for q in self.quantities]
        return pd.DataFrame(rows, columns=["id", "unit", "long_name", "kind"]).set_index("id")

    @property
    def readouts(self) -> pd.DataFrame:
        """What `summarize` gives: name, variable, reduce, window, level, unit, words, group, label.

        Of a model without a table cmax, tmax, cmin and auc of every observable.
        """
        shown = set(self.observables)
        return readout_frame(self.readout_rows or usual_rows(q for q in self.quantities if q.id in shown))

    def with_readouts(self, readouts: Iterable[Any] | pd.DataFrame) -> Self:
        """Return this model offering other readouts.

        Parameters
        ----------
        readouts : list of Readout, or DataFrame
            What `summarize` is to give; a table has the columns of ``model.readouts``.

        Raises
        ------
        InputError, UnknownNameError
            If one reads what is no variable of the model.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> own = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.5")
        >>> own.with_readouts([ldn.Readout("A", "half_life", name="t_half")]).readouts.index.tolist()
        ['t_half']
        """
        rows = rows_of(readouts)
        known = {q.id: q for q in self.quantities}
        for row in rows:
            if row["variable"] not in known:
                raise unknown("readouts", row["variable"], known)
        return replace(self, readout_rows=rows)

    @property
    def time_unit(self) -> str:
        """Unit in which runs count time, as text; ``""`` where the model gives none (ldnsim takes it for h)."""
        return self.document.time_unit if self.structure.hours == 1.0 else "h"

    def in_hours(self) -> Self:
        """Return this model for runs that count time in h; its numbers stay in its own unit of time.

        Returns
        -------
        Model
            Itself where it counts in h already, or gives no unit.

        Raises
        ------
        InputError
            If the model's unit of time is none of time.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> text = "unit time_unit = 86400 second; A' = -k*A; A = 1; k = 0.1"  # k in 1/d
        >>> days = ldn.Model.from_antimony(text)
        >>> ds = ldn.simulate(days.in_hours(), None, times=[0, 24], outputs=["A"])
        >>> days.time_unit, ds.time.units, round(float(ds.A[-1]), 3)
        ('d', 'h', 0.905)
        """
        return self._hourly

    @cached_property
    def _hourly(self) -> Self:
        if self.structure.hours != 1.0 or self.document.hours == 1.0:
            return self
        if self.document.hours is None:
            raise bad(
                "model",
                self.name,
                f"counts time in {self.time_unit!r}, which is no unit of time that has hours",
                "give it a unit of time, as in 'unit time_unit = 86400 second'",
            )
        return dataclasses.replace(self, structure=replace(self.structure, hours=self.document.hours))

    @property
    def amounts(self) -> Mapping[str, str]:
        """Each species with the output that is its amount (``S.amount`` where ``S`` is a concentration)."""
        return self.structure.amounts

    def with_dose_units(self, **units: str) -> Self:
        """Return this model for doses that are not counted in mg.

        Parameters
        ----------
        **units : str
            By the id of the dosed state: a unit of mass (kg, g, mg, ug, ng, pg) or of substance (mol, mmol, umol, nmol,
            pmol), or the unit of the state itself, which takes doses as they are.

        Raises
        ------
        UnknownNameError
            For an id that is no state, or another unit.
        InputError
            For a state without a unit, into which doses are taken as they are.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> own = ldn.Model.from_antimony("unit ug = 1e-6 gram; A' = -k*A; A = 0; k = 1; A has ug")
        >>> float(ldn.simulate(own.with_dose_units(A="mg"), ldn.Regimen.single(1, cmt="A")).A[0])
        1000.0
        """
        return replace(self, counting=with_units(self, units))

    def with_molar_masses(self, **masses: float) -> Self:
        """Return this model for doses in mg into states that count mol.

        Parameters
        ----------
        **masses : float
            Molar mass (g/mol) by the id of the dosed state.

        Raises
        ------
        UnknownNameError
            For an id that is no state.
        InputError
            For a mass that is not a finite number above 0, or that changes nothing, as doses are counted in what the
            state is.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> own = ldn.Model.from_antimony("unit nmol = 1e-9 mole; A' = -k*A; A = 0; k = 1; A has nmol")
        >>> dosed = ldn.simulate(own.with_molar_masses(A=341.4), ldn.Regimen.single(1, cmt="A"))
        >>> round(float(dosed.A[0]), 1)
        2929.1
        """
        return replace(self, counting=with_molar_masses(self, masses))

    @cached_property
    def arrivals(self) -> Mapping[str, float | InputError]:
        """How much of a state one unit of a dose is, or why there is no telling; states in that unit are left out."""
        return arrivals(self)

    @property
    def parameter_ids(self) -> tuple[str, ...]:
        """Ids of the independent numbers, in the order of `values`."""
        return self.structure.parameters

    @property
    def parameters(self) -> pd.DataFrame:
        """The parameter table with the present values, indexed by id."""
        return frame(self.table, self.values)

    @cached_property
    def values(self) -> np.ndarray:
        """Present values, float64, in the order of `parameter_ids`; read-only."""
        chosen = {p.id: p.value for p in self.table}
        for preset in self._presets:
            chosen |= preset.values
        chosen |= self.overrides
        values = np.array([chosen[p] for p in self.parameter_ids], dtype=np.float64)
        values.flags.writeable = False
        return values

    @property
    def _presets(self) -> list[Preset]:
        """The condition and the scenario chosen; the later one wins."""
        chosen = (self.condition, self.condition_presets), (self.scenario, self.scenario_presets)
        return [presets[name] for name, presets in chosen if name is not None]

    @property
    def chosen(self) -> frozenset[str]:
        """Ids of parameters that the scenario, the condition or `with_parameters` sets.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> sorted(ldn.load_model("ldn").with_scenario("in_vitro_tlr4").with_parameters(ka=1).chosen)
        ['IC50_tlr4', 'ka', 'w_ntxol_tlr4']
        """
        return frozenset(self.overrides).union(*(preset.values for preset in self._presets))

    @property
    def scenarios(self) -> dict[str, str]:
        """Names of the scenarios, each with the sentence that says what it assumes."""
        return {name: preset.assumes for name, preset in self.scenario_presets.items()}

    @property
    def conditions(self) -> dict[str, str]:
        """Names of the conditions, each with the sentence that says what it rests on."""
        return {name: preset.assumes for name, preset in self.condition_presets.items()}

    @property
    def bibliography_path(self) -> Path | None:
        """Where the references of a model folder are: in it, or beside it."""
        places = (self.folder, self.folder.parent) if self.folder is not None else ()
        return next((f / "references.bib" for f in places if (f / "references.bib").is_file()), None)

    @property
    def grades(self) -> str:
        """How many parameters are measured, fitted and assumed, in words."""
        grades = [p.grade for p in self.table]
        return ", ".join(f"{grades.count(g)} {g}" for g in GRADES if g in grades) or "none"

    def equations(self) -> Equations:
        """Write the equations in SymPy (which is imported now).

        Examples
        --------
        >>> import ldnsim as ldn
        >>> equations = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.5").equations()
        >>> equations.states, equations.rates
        (('A',), (-A*k,))
        """
        from .equations import equations_of

        return equations_of(self.structure)

    @property
    def structure_hash(self) -> str:
        """Hash of the equations without values: models that share it share compiled kernels."""
        return self.structure.hash

    @cached_property
    def hash(self) -> str:
        """Hash of equations and present values, whatever unit runs count time in."""
        equations = (self.structure if self.structure.hours == 1.0 else replace(self.structure, hours=1.0)).hash
        counting = repr(sorted(self.counting.items())) if self.counting else ""
        return hashlib.sha256(equations.encode() + self.values.tobytes() + counting.encode()).hexdigest()
