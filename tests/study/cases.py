"""Studies for the ledger: small runs of each, and their rules and pages on made-up numbers."""

from ..ledger import constants_of, defaults_of
from .made_up import answers, bred, compared, courses, crossings, judged, predicted, taken, written
from .small_runs import best_ones, claimed, listened, moments_of, searched, told_file, trials, waited
from .stand_ins import judged_runs, settled

TOLERANCES = {
    "optima": 0.1,
    "courses": 1e-3,
}  # a search, and moments on a grid: other processors round otherwise
CASES = {"defaults": lambda: defaults_of("study"), "constants": lambda: constants_of(
    "study"), "claims": claimed, "file of claims": told_file, "waits": waited,
    "doses": searched, "moments": moments_of, "titrations": listened, "trials": trials, "optima": best_ones,
    "verdicts": judged, "crossings": crossings, "tests": compared, "answers": answers, "search": bred, "courses":
    courses, "pages": written, "predictions": predicted, "parts": taken, "settled": settled,
    "claims on stand-ins": judged_runs,}  # fmt: skip
