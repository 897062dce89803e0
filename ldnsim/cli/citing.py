"""`ldnsim cite`: the BibTeX of the software and of what a model rests on."""

from __future__ import annotations

import click

from . import files, options

_SOFTWARE = """@software{{ldnsim,
  title = {{ldnsim: simulating low-dose naltrexone}},
  author = {{{{The ldnsim developers}}}},
  version = {{{version}}},
  url = {{https://github.com/ldnsim/ldnsim}},
  note = {{model {model}, hash {hash}}}
}}
"""


@click.command()
@options.folder_options
@click.option("--software", is_flag=True, help="Only the software, without the sources of the numbers.")
@files.out_option("Write a file, not to stdout", (".bib",))
def cite(software, out, model, scenario, condition, params):
    """Print what to cite, as BibTeX.

    The software with the model's hash, and the sources of the numbers of the model, scenario and condition.

    \b
    Example:
      ldnsim cite --scenario in_vitro_tlr4 --out ldnsim.bib
    """  # noqa: D301 (\b is the escape click reads)
    from .. import __version__

    files.check(out, suffixes=(".bib",))
    chosen = options.chosen_model(model, scenario, condition, params)
    text = _SOFTWARE.format(version=__version__, model=chosen.name, hash=chosen.hash)
    if not software:
        text += "\n" + chosen.references()
    if out is None:
        click.echo(text.rstrip())
        return
    out.write_text(text, encoding="utf-8")
    click.echo(f"wrote {out}")
