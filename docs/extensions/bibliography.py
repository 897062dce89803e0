"""The page of references: every entry of references.bib, and links to it from the ``source`` columns."""

import re

import ldnsim as ldn

from .text import cell

_FIELD = re.compile(r"^\s*(\w+)\s*=\s*\{(.*)\},?\s*$", re.MULTILINE)
_LINKS = {"doi": "https://doi.org/", "pmid": "https://pubmed.ncbi.nlm.nih.gov/", "url": ""}


def links(source: str) -> str:
    """Turn ``Key1;Key2`` into links to the page of references."""
    keys = [
        key.strip() for key in str(source).split(";") if key.strip() and key.strip() not in ("assumed", "nan")
    ]
    return ", ".join(f"[{key}](#ref-{key.lower()})" for key in keys)


def page() -> str:
    """Write the page."""
    entries = re.split(r"(?m)^(?=@)", ldn.references())[1:]
    found = {re.match(r"@\s*\w+\s*\{\s*([^,\s]+)", e)[1]: dict(_FIELD.findall(e)) for e in entries}
    text = (
        "# References\n\nWhat the numbers of the models rest on. `ldn.references()` gives the same as BibTeX, "
        "`model.references()` those of one model, scenario and condition.\n"
    )
    for key in sorted(found, key=str.lower):
        text += f"\n(ref-{key.lower()})=\n**{key}**: {_entry(found[key])}\n"
    return text


def _entry(fields: dict[str, str]) -> str:
    where = " ".join(fields[f] for f in ("journal", "booktitle", "publisher", "volume") if f in fields)
    pages = f": {fields['pages'].replace('--', '-')}" if "pages" in fields else ""
    parts = [fields.get("author", ""), fields.get("title", ""), where + pages, fields.get("year", "")]
    text = ". ".join(cell(p.strip("{} .")) for p in parts if p.strip("{} ."))
    text += f" ({cell(fields['note'])})" if "note" in fields else ""
    link = next((start + fields[f] for f, start in _LINKS.items() if f in fields), "")
    return f"{text}. <{link}>" if link else f"{text}."
