"""Spread split into what is not known and what differs between people, cell by cell."""

import numpy as np
import pytest
import xarray as xr

import ldnsim as ldn


def crossed(shape=(40, 60), spread=(2.0, 1.0, 0.0), mean=10.0, seed=0):
    """Values of draws and people whose parts have exactly these standard deviations."""
    rng = np.random.default_rng(seed)
    parts = [rng.standard_normal(n) for n in shape]
    draw, person = ((p - p.mean()) / p.std(ddof=1) for p in parts)
    both = rng.standard_normal(shape)
    both -= both.mean(axis=0) + both.mean(axis=1)[:, None] - both.mean()
    both *= np.sqrt((shape[0] - 1) * (shape[1] - 1) / (both**2).sum())
    return mean + spread[0] * draw[:, None] + spread[1] * person + spread[2] * both


def test_every_cell_of_a_sweep_has_its_own_split():
    cells = {(1.5, 8): (2.0, 1.0, 0.0), (1.5, 22): (1.0, 3.0, 0.0), (4.5, 8): (0.0, 2.0, 0.0), (4.5, 22): (3.0, 0.0, 0.0)}
    values = np.array([crossed(spread=s, mean=sum(s)) for s in cells.values()]).reshape(2, 2, 40, 60)
    ds = xr.Dataset(
        {"cmax": (("dose", "at", "draw", "subject"), values), "status": (("dose", "at"), np.full((2, 2), "finished"))},
        coords={"dose": [1.5, 4.5], "at": [8, 22]},
    )
    table = ldn.variance_split(ds)
    assert table.index.tolist() == [("cmax", f"dose={d} at={h}") for d, h in cells]
    for (_, row), spread in zip(table.iterrows(), cells.values(), strict=True):
        total = sum(s * s for s in spread)
        assert row["mean"] == pytest.approx(sum(spread))
        assert row["sd"] == pytest.approx(np.sqrt(total), rel=1e-9)
        shares = [s * s / total for s in spread]
        np.testing.assert_allclose(row[["uncertainty", "people", "both"]].astype(float), shares, atol=1e-9)


def test_what_differs_from_draw_to_draw_differently_for_each_person_is_neither():
    ds = xr.Dataset({"auc": (("draw", "subject"), crossed(spread=(2.0, 1.0, 2.0)))})
    row = ldn.variance_split(ds).loc["auc"]
    assert row["both"] == pytest.approx(4 / row["sd"] ** 2)
    assert row["uncertainty"] * row["sd"] ** 2 == pytest.approx(4 - 4 / 60)  # less what few people leave of `both`
    assert row["people"] * row["sd"] ** 2 == pytest.approx(1 - 4 / 40)
    assert row[["uncertainty", "people", "both"]].sum() == pytest.approx(1.0)
