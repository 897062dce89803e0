"""What a course amounts to: metric = variable x reducer x window, in a table.

`METRICS` is the table, `metric_nodes` says when a run must be looked at so that the metrics do not depend
on the output grid, `measure` turns the values at those nodes into numbers, and `summarize` does so for a
Dataset.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "measure": ["measure"],
        "nodes": ["metric_nodes"],
        "summary": ["metric_dataset", "summarize", "warn_of_the_begun"],
        "table": ["BLOCKED", "METRICS", "Metric", "chosen_metrics", "metric_variables"],
    },
)
