"""`ldnsim export`: a model as SBML or Antimony, for COPASI, Tellurium and others."""

from __future__ import annotations

import click

from ..errors import bad
from . import files, options

_FORMATS = {".xml": "sbml", ".sbml": "sbml", ".ant": "antimony"}


@click.command()
@options.model_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["sbml", "antimony"]),
    help="Format.  [default: by suffix, else sbml]",
)
@files.out_option("Write a file, not to stdout", tuple(_FORMATS))
def export(form, out, **chosen):
    """Write a model as SBML or Antimony.

    Changes asked for by the other options are in it.

    \b
    Example:
      ldnsim export --model ldn --scenario in_vitro_tlr4 --out ldn.xml
    """  # noqa: D301 (\b is the escape click reads)
    files.check(out, suffixes=tuple(_FORMATS))
    by_suffix = _FORMATS[out.suffix.lower()] if out else None
    if form and by_suffix and form != by_suffix:
        suffixes = " or ".join(s for s, f in _FORMATS.items() if f == form)
        raise bad("format", form, f"contradicts out={str(out)!r}", f"{form} is written to {suffixes}")
    form = form or by_suffix or "sbml"
    model = options.chosen_model(**chosen)
    text = model.to_sbml() if form == "sbml" else model.to_antimony()
    if out is None:
        click.echo(text)
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(f"wrote {out}")
