"""`Model`: equations, numbers and what they rest on, as one immutable value."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ModelError, UnknownNameError, a_path, finite, instance, unknown
from . import bibliography
from .antimony_process import NAMELESS
from .contents import ModelContents
from .document import Document, read_antimony, read_sbml, warn
from .files import text_of
from .lines import nearest, placed
from .parameters import parameters_of, possible, with_sizes
from .presets import Preset
from .quantities import quantities_of
from .reduction import structure_of


@dataclass(frozen=True, eq=False, repr=False)
class Model(ModelContents):
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
    readout_rows : tuple of mapping
        Rows of its table of readouts.
    counting : mapping of str to Counting
        How doses into states are counted, where that was said.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.5")
    >>> model
    <Model 'model': 1 states, 1 parameters (1 assumed)>
    >>> float(model.with_parameters(k=2).parameters.value["k"]), float(model.parameters.value["k"])
    (2.0, 0.5)
    >>> model.with_parameters(k=2).chosen
    frozenset({'k'})
    >>> ldn.Model.from_sbml(model.to_sbml()).states
    ('A',)
    >>> ldn.load_model("ldn").with_scenario("in_vitro_tlr4").with_condition("fibromyalgia").condition
    'fibromyalgia'

    >>> model = ldn.load_model("ldn")
    >>> len(model.states), model.observables[:2], model.time_unit, model.bibliography_path.name
    (37, ('plasma_naltrexone', 'plasma_naltrexol'), 'h', 'references.bib')
    >>> model.outputs.unit["plasma_naltrexone"], model.readouts.unit["cmax naltrexone"], model.amounts
    ('ng/mL', 'ng/mL', {})
    >>> model.parameter_ids[0], model.parameters.grade["ka"], model.grades
    ('ka', 'fitted', '... measured, ... fitted, ... assumed')
    >>> "ogf" in model.scenarios, "fibromyalgia" in model.conditions, model.values.size > 100
    (True, True, True)
    >>> fast = model.with_parameters(ke0=1)
    >>> fast.structure_hash == model.structure_hash, fast.hash == model.hash, len(model.structures), "lps" in model.arrivals
    (True, False, 5, True)
    """

    # ---- where models come from ------------------------------------------------------------------------

    @classmethod
    def from_antimony(cls, text: str, folder: str | Path | None = None) -> Model:
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

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.5").states
        ('A',)
        """
        try:
            return cls.of(read_antimony(text, None if folder is None else a_path("folder", folder)))
        except ModelError as error:
            raise placed(error, text) from None

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

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Model.from_sbml(ldn.load_model("naltrexone_pk").to_sbml())
        <Model 'naltrexone_pk': 7 states, 38 parameters (38 assumed)>
        """
        if isinstance(source, str) and source.lstrip().startswith("<"):
            return cls.of(read_sbml(source))
        return cls.of(read_sbml(text_of(source), Path(source)))

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

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Model.of(ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.5").document).parameter_ids
        ('k',)
        """
        instance("document", document, Document, "a Document", "Model.from_sbml(source).document")
        structure = structure_of(document)
        table, assumed = with_sizes(parameters_of(document, structure.values), document)
        missing = [p.id for p in table if math.isnan(p.value)]
        if missing:
            known = [name for name, _ in structure.outputs if name not in missing]
            guess = nearest(missing[0], known, ", or ")
            names = ", ".join(map(repr, missing))
            raise ModelError(f"no value is given for {names}; give it one in the model{guess}")
        name = document.name if document.name not in ("", NAMELESS) else "model"
        warn(document, name, assumed)
        quantities = quantities_of(document, structure)
        return cls(name, document, structure, table, quantities, title=document.title)

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
            For a value that is not a finite number, or cannot be: a negative clearance, a share above 1.

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
                f"parameter={name!r}: is a state; with_initial({name}=...) says where it starts and makes "
                f"'{name}_start' a parameter"
            )
        if name not in self.parameter_ids and any(q.id == name for q in self.quantities):
            raise UnknownNameError(f"parameter={name!r}: the equations compute it; set what it depends on")
        if name not in self.parameter_ids:
            raise unknown("parameter", name, self.parameter_ids, listing="model.parameters")
        return possible(finite(name, value), next(p for p in self.table if p.id == name))

    def with_initial(self, **values: float) -> Model:
        """Return this model with states that start elsewhere; it stays as it is itself.

        What the model starts in proportion to them follows. Each first value becomes a parameter, ``A_start``,
        that subjects, `ldnsim.sweep` and `ldnsim.sensitivity` can vary like any other.

        Parameters
        ----------
        **values : float
            First values by the id of the state, in the unit in which it is returned: a species as its
            concentration, if that is what its id means.

        Raises
        ------
        UnknownNameError
            For an id that is no state; the message suggests the nearest.
        InputError
            For a value that is not a finite number.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.5").with_initial(A=5.0)
        >>> float(ldn.simulate(model, None, duration=1).A[0]), model.parameter_ids
        (5.0, ('k', 'A_start'))
        """
        from .initial import started

        for name, value in values.items():
            if name not in self.states:
                raise unknown("initial", name, self.states, listing="model.states")
            finite(name, value)
        return started(self, values) if values else self

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

        Examples
        --------
        >>> import ldnsim as ldn
        >>> cells = ldn.load_model("ldn").with_scenario("in_vitro_tlr4")
        >>> float(cells.parameters.value["IC50_tlr4"])
        105500.0
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

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.load_model("ldn").with_condition("healthy").condition
        'healthy'
        """
        return self._with_preset("condition", name, self.condition_presets)

    def _with_preset(self, kind: str, name: str | None, presets: Mapping[str, Preset]) -> Model:
        if name is not None and instance(kind, name, str, "a name") not in presets:
            raise unknown(kind, name, presets, listing=f"model.{kind}s")
        replaced = presets[name].values if name is not None else {}
        kept = {k: v for k, v in self.overrides.items() if k not in replaced}
        chosen: dict[str, Any] = {"overrides": kept, kind: name}
        return dataclasses.replace(self, **chosen)

    # ---- as text ---------------------------------------------------------------------------------------

    def to_sbml(self) -> str:
        """Write the model as self-contained SBML L3V2: present values, units, names and provenance.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.load_model("ldn").to_sbml()[:38]
        '<?xml version="1.0" encoding="UTF-8"?>'
        """
        from .export import sbml_of

        return sbml_of(self)

    def to_antimony(self) -> str:
        """Write the model as self-contained Antimony with the present values.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> text = ldn.load_model("naltrexone_pk").to_antimony()
        >>> ldn.Model.from_antimony(text).name
        'naltrexone_pk'
        """
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

        Examples
        --------
        >>> import ldnsim as ldn
        >>> "Meyer1984" in ldn.load_model("ldn").references()
        True
        """
        keys = bibliography.keys_of([*(p.source for p in self.table), *(p.source for p in self._presets)])
        if not keys:
            return ""
        if self.bibliography_path is None:
            raise ModelError(f"{self.name}: names sources, but there is no references.bib beside it")
        return bibliography.bibtex(self.bibliography_path, keys)

    def check(self) -> tuple[str, ...]:
        """Ask libSBML about the exported model, and compare the scale of units; no message is good news.

        Returns
        -------
        tuple of str
            One line a message.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.load_model("ldn").check()
        ()
        """
        from .checks import messages_of

        return messages_of(self.to_sbml())

    def __repr__(self) -> str:
        chosen = [f"{k} {v!r}" for k, v in (("scenario", self.scenario), ("condition", self.condition)) if v]
        text = f"{len(self.states)} states, {len(self.table)} parameters ({self.grades})"
        return f"<Model {self.name!r}: {', '.join([text, *chosen])}>"

    def _repr_html_(self) -> str:
        from .show import html_of

        return html_of(self)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Model)
            and (self.name, self.time_unit) == (other.name, other.time_unit)
            and self.hash == other.hash
        )

    def __hash__(self) -> int:
        return hash((self.name, self.hash))
