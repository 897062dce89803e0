"""SBML text through libSBML: of any level to one form, errors as sentences, what cannot be simulated refused."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import libsbml

from ..errors import ModelError
from .chains import loosened
from .checks import sentence
from .expressions import IDENTIFIER
from .stoichiometries import settle

HARMLESS_PACKAGES = {
    "comp",
    "l3v2extendedmath",
    "layout",
    "render",
    "groups",
}  # the last three: pictures, lists
_DECLARATION = re.compile(r"\A(\s*)(?:<\?xml[^>]*\?>)?")
_ROOT = re.compile(r"<(?:\w+:)?sbml\b[^>]*>")
_CORE = re.compile(r"""=\s*["'](http://www\.sbml\.org/sbml/level\d(?:/version\d)?(?:/core)?)["']""")
_NUMBER = r"""\s{}\s*=\s*["'](\d+)["']"""
_ID = re.compile(r"""\s(?:id|species|compartment|variable|symbol)=["']([^"']*)["']""")
_DECLARED = re.compile(r"L3 package '(\w+)' cannot be used in this document")
_DISTRIBUTION = "http://sbml.org/annotations/distribution"
_NEEDED = re.compile(r"Package '(\w+)' is a required package")
PASSED_OVER = (libsbml.DanglingUnitReference,)  # a unit that is not defined: the numbers are as they are
UNCHECKED = (
    libsbml.LIBSBML_CAT_UNITS_CONSISTENCY,
    libsbml.LIBSBML_CAT_SBO_CONSISTENCY,
    libsbml.LIBSBML_CAT_MODELING_PRACTICE,
)


def parse(text: str, lines: bool = True, file: Path | None = None) -> tuple[libsbml.SBMLDocument, list[str]]:
    """Parse SBML of any level and bring it to L3V2, flattened; refuse what libSBML calls an error.

    Parameters
    ----------
    text : str
    lines : bool, optional
        Whether lines of this text mean something to the user.
    file : Path, optional
        Where the text was read: beside it lie the files that submodels come from.

    Returns
    -------
    tuple
        The document, and what in it was passed over, one line each.

    Raises
    ------
    ModelError
        With the line and libSBML's own sentence, or the name of an element that cannot be simulated.
    """
    _refuse_another_namespace(text, lines)
    # The text is decoded already, whatever its declaration says, if there is one.
    document = libsbml.readSBMLFromString(
        _DECLARATION.sub(r'<?xml version="1.0" encoding="UTF-8"?>\1', text, count=1)
    )
    passed = _refuse_errors(document, text, lines)
    if document.getModel() is None:
        raise ModelError("this is not an SBML document with a model in it")
    if file is not None:
        document.setLocationURI(file.absolute().as_uri())
    checked = loosened(document)
    for category in UNCHECKED:
        checked.setConsistencyChecks(category, False)
    checked.checkConsistency()
    passed += _refuse_errors(checked, text, lines)
    _refuse_packages(document)
    _refuse_random(document.getModel())
    document = _flattened(document)
    _refuse_fast(document.getModel())
    _refuse_flux_balance(document)
    document.setLevelAndVersion(3, 2, False)
    if (document.getLevel(), document.getVersion()) != (3, 2):
        raise ModelError("this SBML cannot be brought to level 3 version 2")
    settle(document.getModel())
    return document, list(dict.fromkeys(passed))


def _refuse_another_namespace(text: str, lines: bool) -> None:
    """Refuse a namespace of another level or version than the document states, on which libSBML may break down."""
    root = _ROOT.search(text)
    told = [re.search(_NUMBER.format(name), root[0]) for name in ("level", "version")] if root else [None]
    if root is None or None in told:
        return
    level, version = (int(found[1]) for found in told if found)
    plain = f"http://www.sbml.org/sbml/level{level}"
    wanted = plain if level == 1 or (level, version) == (2, 1) else f"{plain}/version{version}"
    wanted += "/core" * (level > 2)
    given = _CORE.findall(root[0])
    if given and wanted not in given:
        where = f"line {text.count(chr(10), 0, root.start()) + 1}: " if lines else ""
        raise ModelError(
            f"{where}the namespace {given[0]!r} is not that of level {level} version {version}, {wanted!r}"
        )


def _refuse_errors(document: libsbml.SBMLDocument, text: str, lines: bool) -> list[str]:
    """Raise the first message of severity error; return those that other tools pass over too."""
    passed = []
    for i in range(document.getNumErrors()):
        error = document.getError(i)
        if error.getSeverity() < libsbml.LIBSBML_SEV_ERROR:
            continue
        if _is_declaration(error):
            continue
        if error.getErrorId() in PASSED_OVER:
            passed.append(sentence(error))
            continue
        needed = _NEEDED.search(error.getMessage())
        if error.getErrorId() == libsbml.RequiredPackagePresent and needed is not None:
            raise ModelError(_unknown_package(needed[1]))
        raise ModelError(
            (f"line {error.getLine()}: " if lines else "") + sentence(error) + _culprit(error, text)
        )
    return passed


def _is_declaration(error: libsbml.SBMLError) -> bool:
    """Whether an error is that a level 2 document declares a package that changes no number."""
    found = _DECLARED.search(error.getMessage())
    return (
        error.getErrorId() == libsbml.NotSchemaConformant
        and found is not None
        and found[1] in HARMLESS_PACKAGES
    )


def _culprit(error: libsbml.SBMLError, text: str) -> str:
    """Name an id that is none, which libSBML does not."""
    if error.getErrorId() != libsbml.InvalidIdSyntax:
        return ""
    found = (name for name in _ID.findall(text) if not IDENTIFIER.match(name))
    return "".join(
        f": {name!r}; an id is made of letters, digits and _, and starts with no digit"
        for name in itertools.islice(found, 1)
    )


def _unknown_package(name: str) -> str:
    return f"the SBML package {name!r} changes the mathematics and is not known here"


def _refuse_packages(document: libsbml.SBMLDocument) -> None:
    if document.getLevel() < 3:  # packages came with level 3; before, layouts lay in annotations
        return
    for i in range(document.getNumPlugins()):
        name = document.getPlugin(i).getPackageName()
        if name not in HARMLESS_PACKAGES and document.getPackageRequired(name):
            raise ModelError(_unknown_package(name))
    for i in range(document.getNumUnknownPackages()):
        if document.getUnknownPackagePrefix(i):
            prefix = document.getUnknownPackagePrefix(i)
            if document.getPackageRequired(prefix):
                raise ModelError(_unknown_package(prefix))


def _refuse_random(model: libsbml.Model) -> None:
    """Refuse functions that tools draw from a distribution by their annotation, whatever their formula says."""
    for function in model.getListOfFunctionDefinitions():
        if _DISTRIBUTION in (function.getAnnotationString() or ""):
            raise ModelError(f"function {function.getId()!r}: draws random numbers, which is not done here")


def _refuse_fast(model: libsbml.Model) -> None:
    for reaction in model.getListOfReactions():
        if reaction.isSetFast() and reaction.getFast():
            raise ModelError(f"reaction {reaction.getId()!r}: fast reactions cannot be simulated here")


def _refuse_flux_balance(document: libsbml.SBMLDocument) -> None:
    if document.isPackageEnabled("fbc"):
        for reaction in document.getModel().getListOfReactions():
            if reaction.getKineticLaw() is None:
                raise ModelError(
                    f"the SBML package 'fbc' describes a flux balance, which has no course in time: reaction "
                    f"{reaction.getId()!r} has no rate"
                )


def _flattened(document: libsbml.SBMLDocument) -> libsbml.SBMLDocument:
    if not document.isPackageEnabled("comp"):
        return document
    options = libsbml.ConversionProperties()
    options.addOption("flatten comp", True)
    options.addOption("performValidation", False)
    if document.convert(options) != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise ModelError("the submodels cannot be flattened")
    return document
