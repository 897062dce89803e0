"""The page of published measurements."""

import ldnsim as ldn

from .bibliography import links
from .text import cell, heading, table

AREAS = {"pk": "Pharmacokinetics", "receptor": "Receptors", "immune": "Immune"}


def page() -> str:
    """Write one table an area; `use` says whether a row calibrates, validates, or is context."""
    rows = ldn.evidence()
    text = (
        f"# Published measurements\n\n{len(rows)} rows, the negative ones too: `ldn.evidence()` or `ldnsim evidence`. "
        "The data frame also says where in the source each stands, and whether it was read there.\n"
    )
    for area in sorted(rows.area.unique(), key=[*AREAS, *rows.area.unique()].index):
        some = rows[rows.area == area]
        text += heading(AREAS.get(area, area.capitalize()), 2)
        text += table(
            ["measurement", "of", "population", "value", "use", "source"],
            (
                (
                    f"{_words(r.quantity, r.target)}<br>`{r.id}`",
                    _words(r.analyte),
                    _words(r.species, r.population),
                    f"{cell(r.value)} {_words(r.unit)}",
                    _words(r.use),
                    links(r.source),
                )
                for r in some.itertuples()
            ),
        )
    return text


def _words(*values: object) -> str:
    return ", ".join(cell(v) for v in values if v == v and str(v).strip())
