"""`ldnsim explore`: the page with controls and live curves, served on this machine."""

from __future__ import annotations

import click

from . import options


@click.command()
@click.option("--port", type=options.WHOLE, default=5006, show_default=True, help="Port; 0 takes a free one.")
@click.option("--open/--no-open", "show", default=True, show_default=True, help="Open a browser.")
@click.option(
    "--address", default="127.0.0.1", show_default=True, help="Where to listen; others can reach 0.0.0.0."
)
@options.start_options
@options.model_options
def explore(port, show, address, dose, at, days, fixed, model, scenario, condition, params):
    """Explore a model in the browser.

    The page has controls, live curves, metrics and a comparison of two regimens. Ctrl-C ends it. Everything
    runs on this machine; nothing is loaded from elsewhere.

    \b
    Examples:
      ldnsim explore
      ldnsim explore --dose 3 --at bedtime
      ldnsim explore --port 0 --no-open --scenario in_vitro_tlr4
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    start = options.start_of(dose, at, days, fixed)
    chosen = options.chosen_model(model, scenario, condition, params)
    ldn.explore(chosen, **start).serve(port, address=address, show=show)
