"""The page reads regimens in words as the library does: the same sentences, the same parts."""

import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest

import ldnsim as ldn
from ldnsim.regimen import hints, language
from ldnsim.regimen.names import known, resolve
from ldnsim.units import hours_of

from ..regimen.sentences import READ, REFUSED

SHELL = Path(ldn.__file__).parent / "webpage" / "shell"
MORE = [
    "4.5 mg at 22:00 for 2 weeks + 3 mg at 08:00 for 3 days",
    "1.5 mg nightly for 14 days + 3 mg nightly from day 15 for 7 days",
    "4.5 mg q12h at 8",
    "0 mg",
    "1e1 mg daily",
    ".5 mg daily",
    "5. mg daily",
    "+4.5 mg",
    "4.5 mg at 30",
    "4.5 mg at 24:00",
    "4.5 mg at -1",
    "4.5 mg at 1e400",
    "1e400 mg",
    "4.5 mg for 0 days",
    "4.5 mg for 48 h",
    "4.5 mg from day 0",
    "4.5 mg from day 2.5",
    "4.5 mg every 1 week",
    "4.5 mg every -6 h",
    "4.5 mg once once",
    "4.5 mg twice",
    "4.5 mg  at   bedtime",
    "4.5 mg capsule of naltrexone",
    "10 mg oxycodone patch iv",
    "naltrexone 380 mg injection xr once at 09:00",
    "4.5 mg+3 mg",
    "4.5 MG AT BEDTIME",
    "4.5 mg taken as a tablet at noon",
    "4.5 mg at 8pm",
    "4.5 mg once a week every night",
    "4.5 mg in the night",
    "4.5 mg from bedtime",
    "mg 4.5",
    "4.5 m g",
]
RUN = """
const { partsOf } = await import(process.argv[1]);
const { texts, drugs, hints } = JSON.parse(process.argv[2]);
const read = (text) => {
  try { return partsOf(text, drugs, hints); } catch (e) { return { refused: String(e.message), name: e.constructor.name }; }
};
console.log(JSON.stringify(texts.map(read)));
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """What the page makes of each sentence."""
    node, bundler = shutil.which("node"), SHELL / "node_modules" / ".bin" / "esbuild"
    if node is None or not bundler.exists():
        pytest.skip(
            "THE WORDS OF THE PAGE ARE NOT TESTED: node and `npm ci` in the shell's folder are needed"
        )
    out = tmp_path_factory.mktemp("words") / "words.mjs"
    how = [
        str(bundler),
        "src/ui/words.ts",
        "--bundle",
        "--format=esm",
        f"--outfile={out}",
        "--log-level=error",
    ]
    subprocess.run(how, cwd=SHELL, check=True)
    drugs = {name: drug._asdict() for name, drug in known(ldn.load_model("ldn")).items()}
    texts = [*READ, *REFUSED, *MORE]
    told = json.dumps({"texts": texts, "drugs": drugs, "hints": hints.for_a_page()})
    done = subprocess.run([node, "-e", RUN, str(out), told], capture_output=True, text=True, check=True)
    return dict(zip(texts, json.loads(done.stdout), strict=True))


def parts(text):
    """What the library makes of a sentence; None where it refuses it."""
    try:
        ldn.Regimen.parse(text, days=28)
        found = language.parts_of(text)
    except ValueError:
        return None
    return [part(one) for one in found]


def part(one):
    drug, formulation = resolve(one.how.get("drug"), one.how.get("formulation"))
    ii = one.how.get("ii", 24.0)
    at = hours_of(one.how["at"]) if "at" in one.how else None
    return {"drug": drug, "formulation": formulation, "dose": one.how["dose"], "ii": 0.0 if ii == math.inf else ii,
            "at": at, "days": one.days, "first": one.first}  # fmt: skip


@pytest.mark.kind("words", sibling="the same words on the page")
@pytest.mark.parametrize("text", [*READ, *REFUSED, *MORE])
def test_the_page_reads_what_the_library_reads(read, text):
    wanted = parts(text)
    if wanted is None:
        assert read[text]["name"] == "Refused", read[text]
    else:
        assert read[text] == wanted


_MEANT = (
    "write ", "give it in days", "join what", "its first day", "did you mean 's", "did you mean 'naltrexone'", "after '",
    "beyond ", "weekly from", "'daily', ", "at 20:00'", "'at bedtime'", "one dose a day",
)  # fmt: skip
HINTED = {text: told.split("; ")[-1] for text, told in REFUSED.items() if any(word in told for word in _MEANT)}


@pytest.mark.parametrize("text", HINTED)
def test_the_page_hints_at_what_the_library_hints_at(read, text):
    told = read[text]["refused"].replace("“", "'").replace("”", "'")
    assert HINTED[text].replace("_", " ") in told
