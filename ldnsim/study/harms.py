"""Side effects as excess odds in trials: what was counted, and what was never measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import library

if TYPE_CHECKING:
    import pandas as pd

Z = 1.959964  # 95 %
UNKNOWN = "never measured"


def side_effects() -> pd.DataFrame:
    """Give the excess odds of side effects on low-dose naltrexone, from the shipped trial counts.

    Returns
    -------
    pandas.DataFrame
        A row an effect: percent on ``drug`` and ``placebo``, subjects ``n`` on the drug, ``odds_ratio`` with its 95 %
        interval ``low`` to ``high``, ``source``; ``dose_response`` and ``fading`` say that nobody measured
        them, so no curve and no adaptation is simulated.

    Notes
    -----
    Interval of a log odds ratio by Woolf (1955), doi:10.1111/j.1469-1809.1955.tb01348.x, with 0.5 added to
    each count. Each arm counts its own subjects; in a crossover all are in both.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> {"odds_ratio", "low", "high", "source"} <= set(ldn.side_effects().columns)
    True
    """
    import pandas as pd

    table = library.evidence().set_index("id")
    rows = {}
    for name in table.index[table.index.str.match(r"(ae_|innova_ae_).*drug$|innova_ae_drug$")]:
        drug, placebo = table.loc[name], table.loc[name.replace("_drug", "_placebo")]
        of_arm = [(float(arm["n"]), float(arm["n"]) * float(arm["value"]) / 100) for arm in (drug, placebo)]
        counts = np.array([[x, n - x] for n, x in of_arm]) + 0.5
        log = np.log(counts[0, 0] * counts[1, 1] / counts[0, 1] / counts[1, 0])
        spread = Z * np.sqrt((1 / counts).sum())
        rows[drug["target"] or drug["analyte"]] = [
            float(drug["value"]), float(placebo["value"]), int(drug["n"]), *np.exp([log, log - spread, log + spread]),
            drug["source"], UNKNOWN, UNKNOWN,
        ]  # fmt: skip
    columns = ["drug", "placebo", "n", "odds_ratio", "low", "high", "source", "dose_response", "fading"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("effect")
