"""`Model`: equations, numbers and what they rest on, as one immutable value."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError, UnknownNameError, finite, unknown
from . import bibliography
from . import document as documents
from .document import NAMELESS, Document
from .parameters import GRADES, Parameter, frame, parameters_of
from .presets import Preset
from .quantities import Quantity, quantities_of
from .reduction import structure_of
from .structure import Structure

if TYPE_CHECKING:
    import pandas as pd

    from .equations import Equations


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """An immutable model: equations, nominal values and their provenance.

    Make one with `ldnsim.load_model`, `from_antimony` or `from_sbml`; the verbs ``with_*`` return new ones.

    Parameters
    ----------
    name : str
        Id of the model, and name of its folder if it is a shipped one.
    document : Document
        The text as read.
    structure : Structure
        What was understood: states, rates, assignments, parameters.
    table : tuple of Parameter
        One row a parameter, with the nominal value.
    quantities : tuple of Quantity
        All that can be asked for as an output.
    scenario, condition : str or None
        The names chosen.
    overrides : mapping
        Values set by `with_parameters`.
    scenario_presets, condition_presets : mapping of str to Preset
        The named sets of values to choose from.
    folder : Path or None
        Where a shipped model's files are.
    title, description : str
        What the model is, in a few words and in a sentence.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.5")
    >>> model
    <Model 'model': 1 states, 1 parameters (1 assumed)>
    >>> float(model.with_parameters(k=2).parameters.value["k"]), float(model.parameters.value["k"])
    (2.0, 0.5)
    >>> ldn.Model.from_sbml(model.to_sbml()).states
    ('A',)
    >>> ldn.load_model("ldn").with_scenario("in_vitro_tlr4").with_condition("fibromyalgia").condition
    'fibromyalgia'
    """

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

    # ---- where models come from ------------------------------------------------------------------------

    @classmethod
    def from_antimony(cls, text: str, folder: Path | None = None) -> Model:
        """Read a model from Antimony text.

        Parameters
        ----------
        text : str
            One or several ``model ... end`` blocks; time is in h.
        folder : Path, optional
            Where ``import "file"`` looks.

        Returns
        -------
        Model
            With every number of the text as a parameter of grade ``assumed``.

        Raises
        ------
        ModelError
            With the line and the parser's sentence, or the name of what cannot be simulated.
        """
        return cls.of(documents.read_antimony(text, folder))

    @classmethod
    def from_sbml(cls, source: str | Path) -> Model:
        """Read a model from SBML, level 2 or 3.

        Parameters
        ----------
        source : str or Path
            SBML text, or the path of a file.

        Raises
        ------
        ModelError
            With the line and libSBML's sentence, or the name of what cannot be simulated.
        """
        text = (
            source
            if isinstance(source, str) and source.lstrip().startswith("<")
            else documents.text_of(source)
        )
        return cls.of(documents.read_sbml(text))

    @classmethod
    def of(cls, document: Document) -> Model:
        """Make a model from a document that holds its own numbers.

        Parameters
        ----------
        document : Document
            The text as read.

        Raises
        ------
        ModelError
            If a parameter has no value.
        """
        structure = structure_of(document)
        table = parameters_of(document, structure.values)
        missing = [p.id for p in table if math.isnan(p.value)]
        if missing:
            raise ModelError(
                f"no value is given for {', '.join(map(repr, missing))}; give it one in the model"
            )
        name = document.name if document.name not in ("", NAMELESS) else "model"
        quantities = quantities_of(document, structure)
        return cls(name, document, structure, table, quantities, title=document.title)

    # ---- what it holds ---------------------------------------------------------------------------------

    @property
    def states(self) -> tuple[str, ...]:
        """Ids of the states, in the order of NONMEM compartment numbers."""
        return self.structure.states

    @property
    def observables(self) -> tuple[str, ...]:
        """Ids of what a simulation returns unless asked for something else."""
        for kinds in (("observable",), ("state", "assigned"), ("constant",)):
            shown = tuple(q.id for q in self.quantities if q.kind in kinds)
            if shown:
                return shown
        return ()

    @property
    def outputs(self) -> pd.DataFrame:
        """All that can be asked for, indexed by id: unit, long_name, kind."""
        import pandas as pd

        rows = [dataclasses.astuple(q) for q in self.quantities]
        return pd.DataFrame(rows, columns=["id", "unit", "long_name", "kind"]).set_index("id")

    @property
    def time_unit(self) -> str:
        """Unit of the model's time as text; ``""`` where the model gives none (ldnsim takes it for h)."""
        return self.document.time_unit

    @property
    def amounts(self) -> Mapping[str, str]:
        """Each species with the output that is its amount (``S.amount`` where ``S`` is a concentration)."""
        return self.structure.amounts

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
        if self.condition is not None:
            chosen |= self.condition_presets[self.condition].values
        if self.scenario is not None:
            chosen |= self.scenario_presets[self.scenario].values
        chosen |= self.overrides
        values = np.array([chosen[p] for p in self.parameter_ids], dtype=np.float64)
        values.flags.writeable = False
        return values

    @property
    def scenarios(self) -> dict[str, str]:
        """Names of the scenarios, each with the sentence that says what it assumes."""
        return {name: preset.assumes for name, preset in self.scenario_presets.items()}

    @property
    def conditions(self) -> dict[str, str]:
        """Names of the conditions, each with the sentence that says what it rests on."""
        return {name: preset.assumes for name, preset in self.condition_presets.items()}

    # ---- others like it --------------------------------------------------------------------------------

    def with_parameters(self, **values: float) -> Model:
        """Return this model with other parameter values; it stays as it is itself.

        Parameters
        ----------
        **values : float
            New values by parameter id, in the units of `parameters`.

        Raises
        ------
        UnknownNameError
            For an id that is no parameter; the message suggests the nearest. It is also a KeyError.
        InputError
            For a value that is not a finite number.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> slow = ldn.load_model("ldn").with_parameters(CL_ntx=100)
        >>> float(slow.parameters.value["CL_ntx"])
        100.0
        """
        checked = {name: self._checked(name, value) for name, value in values.items()}
        return dataclasses.replace(self, overrides={**self.overrides, **checked})

    def _checked(self, name: str, value: float) -> float:
        if name in self.states:
            raise UnknownNameError(
                f"parameter={name!r}: is a state; to vary where it starts, write it in the model as "
                f"'{name} = {name}_start; {name}_start = ...'"
            )
        if name not in self.parameter_ids and any(q.id == name for q in self.quantities):
            raise UnknownNameError(f"parameter={name!r}: the equations compute it; set what it depends on")
        if name not in self.parameter_ids:
            raise unknown("parameter", name, self.parameter_ids)
        return finite(name, value)

    def with_scenario(self, name: str | None) -> Model:
        """Return this model under a scenario, in place of the present one.

        Values the scenario sets win over earlier `with_parameters`.

        Parameters
        ----------
        name : str or None
            A key of `scenarios`; None for the default.

        Raises
        ------
        UnknownNameError
            For a name that is not in `scenarios`.
        """
        return self._with_preset("scenario", name, self.scenario_presets)

    def with_condition(self, name: str | None) -> Model:
        """Return this model for a disease, in place of the present one.

        Values the condition sets win over earlier `with_parameters`; a scenario's values win over both.

        Parameters
        ----------
        name : str or None
            A key of `conditions`; None for a healthy subject.

        Raises
        ------
        UnknownNameError
            For a name that is not in `conditions`.
        """
        return self._with_preset("condition", name, self.condition_presets)

    def _with_preset(self, kind: str, name: str | None, presets: Mapping[str, Preset]) -> Model:
        if name is not None and name not in presets:
            raise unknown(kind, name, presets)
        replaced = presets[name].values if name is not None else {}
        kept = {k: v for k, v in self.overrides.items() if k not in replaced}
        return dataclasses.replace(self, overrides=kept, **{kind: name})

    # ---- as text ---------------------------------------------------------------------------------------

    def to_sbml(self) -> str:
        """Write the model as self-contained SBML L3V2: present values, units, names and provenance."""
        from .export import sbml_of

        return sbml_of(self)

    def to_antimony(self) -> str:
        """Write the model as self-contained Antimony with the present values."""
        from .export import antimony_of

        return antimony_of(self)

    def references(self) -> str:
        """Return BibTeX of the sources that the parameters, and the scenario and condition chosen, rest on.

        Returns
        -------
        str
            The entries; empty for a model that names no source.

        Raises
        ------
        UnknownNameError
            If a source is not in the references beside the model.
        ModelError
            If the model names sources and there are no references beside it.
        """
        chosen = [self.scenario_presets.get(self.scenario), self.condition_presets.get(self.condition)]
        keys = bibliography.keys_of(row.source for row in (*self.table, *chosen) if row is not None)
        if not keys:
            return ""
        if self.bibliography_path is None:
            raise ModelError(f"{self.name}: names sources, but there is no references.bib beside it")
        return bibliography.bibtex(self.bibliography_path, keys)

    @property
    def bibliography_path(self) -> Path | None:
        """Where the references of a model folder are: in it, or beside it."""
        places = (self.folder, self.folder.parent) if self.folder is not None else ()
        return next((f / "references.bib" for f in places if (f / "references.bib").is_file()), None)

    def check(self) -> tuple[str, ...]:
        """Ask libSBML about the exported model, and compare the scale of units; no message is good news.

        Returns
        -------
        tuple of str
            One line a message.
        """
        from .checks import messages_of

        return messages_of(self.to_sbml())

    @property
    def grades(self) -> str:
        """How many parameters are measured, fitted and assumed, in words."""
        grades = [p.grade for p in self.table]
        return ", ".join(f"{grades.count(g)} {g}" for g in GRADES if g in grades) or "none"

    def __repr__(self) -> str:
        chosen = [f"{k} {v!r}" for k, v in (("scenario", self.scenario), ("condition", self.condition)) if v]
        text = f"{len(self.states)} states, {len(self.table)} parameters ({self.grades})"
        return f"<Model {self.name!r}: {', '.join([text, *chosen])}>"

    def _repr_html_(self) -> str:
        from .show import html_of

        return html_of(self)

    # ---- for the layers above --------------------------------------------------------------------------

    def equations(self) -> Equations:
        """Write the equations in SymPy (which is imported now)."""
        from .equations import equations_of

        return equations_of(self.structure)

    @property
    def structure_hash(self) -> str:
        """Hash of the equations without values: models that share it share compiled kernels."""
        return self.structure.hash

    @cached_property
    def hash(self) -> str:
        """Hash of equations and present values."""
        return hashlib.sha256(self.structure_hash.encode() + self.values.tobytes()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and self.name == other.name and self.hash == other.hash

    def __hash__(self) -> int:
        return hash((self.name, self.hash))
