"""`fit`: real profiles with a known answer, simulated people, and data that cannot be fitted."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

from .conftest import TIMES, TRUE, closed, simulated

ALL = ["ka", "CL", "V"]
GIVEN = {"observe": "Cp", "cmt": "A_gut"}

# Oral theophylline of 12 people (Boeckmann, Sheiner & Beal 1994): dose (mg/kg), weight (kg), hours, mg/L.
THEOPH = """
4.02 79.6 0:0.74 0.25:2.84 0.57:6.57 1.12:10.5 2.02:9.66 3.82:8.58 5.1:8.36 7.03:7.47 9.05:6.89 12.12:5.94 24.37:3.28
4.4 72.4 0:0 0.27:1.72 0.52:7.91 1:8.31 1.92:8.33 3.5:6.85 5.02:6.08 7.03:5.4 9:4.55 12:3.01 24.3:0.9
4.53 70.5 0:0 0.27:4.4 0.58:6.9 1.02:8.2 2.02:7.8 3.62:7.5 5.08:6.2 7.07:5.3 9:4.9 12.15:3.7 24.17:1.05
4.4 72.7 0:0 0.35:1.89 0.6:4.6 1.07:8.6 2.13:8.38 3.5:7.54 5.02:6.88 7.02:5.78 9.02:5.33 11.98:4.19 24.65:1.15
5.86 54.6 0:0 0.3:2.02 0.52:5.63 1:11.4 2.02:9.33 3.5:8.74 5.02:7.56 7.02:7.09 9.1:5.9 12:4.37 24.35:1.57
4 80 0:0 0.27:1.29 0.58:3.08 1.15:6.44 2.03:6.32 3.57:5.53 5:4.94 7:4.02 9.22:3.46 12.1:2.78 23.85:0.92
4.95 64.6 0:0.15 0.25:0.85 0.5:2.35 1.02:5.02 2.02:6.58 3.48:7.09 5:6.66 6.98:5.25 9:4.39 12.05:3.53 24.22:1.15
4.53 70.5 0:0 0.25:3.05 0.52:3.05 0.98:7.31 2.02:7.56 3.53:6.59 5.05:5.88 7.15:4.73 9.07:4.57 12.1:3 24.12:1.25
3.1 86.4 0:0 0.3:7.37 0.63:9.03 1.05:7.14 2.02:6.33 3.53:5.66 5.02:5.67 7.17:4.24 8.8:4.11 11.6:3.16 24.43:1.12
5.5 58.2 0:0.24 0.37:2.89 0.77:5.22 1.02:6.41 2.05:7.83 3.55:10.21 5.05:9.18 7.08:8.02 9.38:7.14 12.1:5.68 23.7:2.42
4.92 65 0:0 0.25:4.86 0.5:7.24 0.98:8 1.98:6.81 3.6:5.87 5.02:5.22 7.03:4.45 9.03:3.62 12.12:2.69 24.08:0.86
5.3 60.5 0:0 0.25:1.25 0.5:3.96 1:7.82 2:9.72 3.52:9.75 5.07:8.57 7.07:6.59 9.03:6.11 12.05:4.57 24.15:1.17
"""


@pytest.fixture(scope="module")
def theoph():
    rows = []
    for k, line in enumerate(THEOPH.split("\n")[1:-1]):
        dose, weight, *seen = line.split()
        rows.append({"ID": k, "TIME": 0.0, "AMT": float(dose) * float(weight), "WT": float(weight)})
        rows += [
            {"ID": k, "TIME": float(t), "DV": float(v), "WT": float(weight)}
            for t, v in (s.split(":") for s in seen)
        ]
    return ldn.read_data(rows)


def test_the_exact_maximum_of_real_profiles(own, theoph):
    f = ldn.fit(own, theoph, **GIVEN, estimate=ALL, iiv=ALL, method="exact", nodes=9)
    assert f.converged
    assert f.objective == pytest.approx(360.7007, abs=0.02)
    np.testing.assert_allclose(f.parameters.value[ALL], [1.58297, 2.75018, 31.62191], rtol=0.005)
    np.testing.assert_allclose(np.sqrt(np.diag(f.omega)), [0.63647, 0.26517, 0.13596], rtol=0.005)
    assert f.sigma["additive"] == pytest.approx(0.69591, rel=0.005)


def test_approximations_at_a_given_point_and_at_their_own_optimum(own, theoph):
    there = own.with_parameters(ka=1.5829698645723806, CL=2.750182133500452, V=31.621905731897748)
    omega = {"ka": 0.6364697624519996**2, "CL": 0.2651693921657118**2, "V": 0.1359613339943207**2}
    how = GIVEN | {"estimate": [], "iiv": ALL, "omega": omega, "sigma": {"additive": 0.6959115199619289}}
    assert ldn.fit(there, theoph, **how, method="focei").objective == pytest.approx(359.4243, abs=1e-3)
    laplace = ldn.fit(there, theoph, **how, method="laplace")
    assert laplace.objective == pytest.approx(361.10537, abs=1e-3)
    assert laplace.parameters.se.isna().all()
    best = ldn.fit(own, theoph, **GIVEN, estimate=ALL, iiv=ALL, method="focei")
    assert best.objective == pytest.approx(359.4032, abs=1e-3)
    assert best.predictions.CWRES.std() == pytest.approx(1.0, abs=0.15)


def test_one_profile_is_fitted_by_maximum_likelihood(own):
    t = np.array(TIMES)
    seen = closed(t, 300.0, **TRUE) * (1 + 0.05 * np.random.default_rng(1).standard_normal(len(t)))
    table = [{"ID": "a", "TIME": 0, "AMT": 300}] + [
        {"ID": "a", "TIME": a, "DV": b} for a, b in zip(t, seen, strict=True)
    ]
    start = own.with_parameters(CL=4.0, V=20.0)
    how = GIVEN | {"estimate": ALL, "iiv": [], "error": "proportional"}
    f = ldn.fit(start, ldn.read_data(table), **how, method="laplace")
    assert f.parameters.value["CL"] == pytest.approx(2.7, rel=0.1)
    assert (f.parameters.low < f.parameters.value).all()
    assert (f.parameters.value < f.parameters.high).all()
    # in closed form: with sd = b f the likelihood is least where each residual pulls its own way
    b = f.sigma["proportional"]
    fitted = closed(t, 300.0, **f.parameters.value[ALL])
    direct = np.sum(np.log(2 * np.pi * (b * fitted) ** 2) + ((seen - fitted) / (b * fitted)) ** 2)
    assert f.objective == pytest.approx(direct, abs=1e-3)


def test_simulated_people_are_found_again(own):
    data = ldn.read_data(simulated(60, seed=5))
    f = ldn.fit(
        own.with_parameters(ka=1.0, CL=4.0, V=25.0),
        data,
        **GIVEN,
        estimate=ALL,
        iiv=ALL,
        error="proportional",
    )
    assert f.converged, f.convergence
    assert (abs(f.parameters.value[ALL] / pd.Series(TRUE) - 1) < 3 * f.parameters.rse[ALL] / 100).all()
    np.testing.assert_allclose(np.sqrt(np.diag(f.omega)), [0.4, 0.3, 0.2], rtol=0.3)
    assert f.sigma["proportional"] == pytest.approx(0.1, rel=0.15)


def test_a_covariate_and_a_block_are_found_again(own):
    rng = np.random.default_rng(2)
    rows = []
    for i in range(60):
        weight = rng.uniform(45, 110)
        both = rng.multivariate_normal([0, 0], [[0.09, 0.045], [0.045, 0.0625]])
        p = {"ka": 1.5, "CL": 2.7 * (weight / 75) ** 0.75 * np.exp(both[0]), "V": 32.0 * np.exp(both[1])}
        y = closed(np.array(TIMES), 300.0, **p) * (1 + 0.08 * rng.standard_normal(len(TIMES)))
        rows.append({"ID": i, "TIME": 0, "AMT": 300, "WT": weight})
        rows += [{"ID": i, "TIME": t, "DV": v, "WT": weight} for t, v in zip(TIMES, y, strict=True)]
    f = ldn.fit(
        own, ldn.read_data(rows), **GIVEN, estimate=ALL, iiv={"disposition": ["CL", "V"]},
        covariates={"CL": "WT"}, error="proportional",
    )  # fmt: skip
    row = f.parameters.loc["CL~WT"]
    assert abs(row["value"] - 0.75) < 3 * row["se"]
    assert row["se"] < 0.3
    assert 0.02 < f.omega.loc["CL", "V"] < 0.08
    assert f.variances.se.notna().all()


def test_a_table_says_the_same_as_keywords(own, people):
    table = pd.DataFrame(
        {"estimate": [1, 1, 0], "iiv": ["no", 0.1, 0.05], "fixed": [0, 0, 1], "lower": [np.nan, 2.0, np.nan]},
        index=["ka", "CL", "V"],
    )
    f = ldn.fit(own, people, **GIVEN, table=table, error="proportional")
    other = ldn.fit(
        own,
        people,
        **GIVEN,
        estimate=["ka", "CL"],
        iiv={"CL": 0.1, "V": 0.05},
        fixed=["V"],
        error="proportional",
    )
    assert f.objective == pytest.approx(other.objective, abs=1e-3)
    assert f.omega.loc["V", "V"] == pytest.approx(0.05)


def test_threads_change_no_bit_and_the_best_start_wins(own, people):
    how = GIVEN | {"estimate": ALL, "iiv": ["CL"], "error": "proportional", "starts": 2, "seed": 4}
    one = ldn.fit(own, people, **how, threads=1)
    two = ldn.fit(own, people, **how, threads=2)
    pd.testing.assert_frame_equal(one.parameters, two.parameters, check_exact=True)
    assert len(one.starts) == 2
    assert one.objective == one.starts.objective.min()


@pytest.mark.kind("untold-parameter")
def test_a_parameter_that_the_data_cannot_tell_is_flagged(people):
    text = """model own
      A_gut' = -ka*A_gut; A' = F*ka*A_gut - CL/V*A; A_gut = 0; A = 0; ka = 1.5; CL = 2.7; V = 32; F = 0.9
      Cp := A/V
    end"""
    f = ldn.fit(
        ldn.Model.from_antimony(text), people, **GIVEN, estimate=[*ALL, "F"], iiv=["CL"], error="proportional"
    )
    assert any("do not tell" in note for note in f.notes)
    assert f.parameters.se[["CL", "V", "F"]].isna().all()


@pytest.mark.kind("untold-parameter", sibling="one measurement for three parameters")
def test_one_sample_is_refused(own):
    data = ldn.read_data([{"ID": 1, "TIME": 0, "AMT": 300}, {"ID": 1, "TIME": 2, "DV": 7.0}])
    with pytest.raises(ldn.InputError, match="1 measurement, which cannot tell 4 numbers"):
        ldn.fit(own, data, **GIVEN, estimate=ALL, iiv=[])


@pytest.mark.kind("untold-parameter", sibling="differences between people from one person")
def test_differences_of_one_subject_are_refused(own):
    data = ldn.read_data(simulated(1, 1))
    with pytest.raises(ldn.InputError, match="one subject"):
        ldn.fit(own, data, **GIVEN, estimate=ALL, iiv=["CL"])


@pytest.mark.kind("fit-below-the-limit", sibling="all values below the limit")
def test_nothing_above_the_limit_is_refused(own):
    rows = [{"ID": 1, "TIME": 0, "AMT": 300}] + [{"ID": 1, "TIME": t, "DV": "<20"} for t in (1, 2, 3, 4, 5)]
    with pytest.raises(ldn.InputError, match="all below the limit"):
        ldn.fit(own, ldn.read_data(rows), **GIVEN, estimate=ALL, iiv=[])


@pytest.mark.kind("fit-below-the-limit", sibling="a value below a limit that is not given")
def test_a_limit_that_is_not_given_is_refused(own):
    seen = ((1, 5), (2, 7), (3, 6), (4, 5), (9, "BLQ"))
    rows = [{"ID": 1, "TIME": 0, "AMT": 300}, *({"ID": 1, "TIME": t, "DV": v} for t, v in seen)]
    with pytest.raises(ldn.InputError, match="lloq=nan: must be given where a measurement lies below it"):
        ldn.fit(own, ldn.read_data(rows), **GIVEN, estimate=ALL, iiv=[])


def test_a_relative_error_of_nothing_is_refused(own):
    rows = [{"ID": 1, "TIME": 0, "DV": 0.4}, {"ID": 1, "TIME": 0, "AMT": 300}] + [
        {"ID": 1, "TIME": t, "DV": 5.0 - t / 10} for t in (1, 2, 3, 4, 5)
    ]
    how = GIVEN | {"estimate": ALL, "iiv": []}
    with pytest.raises(ldn.InputError, match="record 0"):
        ldn.fit(own, ldn.read_data(rows), **how, error="proportional")
    with pytest.raises(ldn.InputError, match="lognormal"):
        ldn.fit(own, ldn.read_data([*rows, {"ID": 1, "TIME": 9, "DV": 0}]), **how, error="lognormal")


def test_words_and_names_are_checked(own, people):
    how = GIVEN | {"estimate": ALL, "iiv": []}
    for bad in ({"error": "aditive"}, {"method": "foce"}, {"estimate": ["Cl"]}, {"iiv": ["Q"]}, {"fixed": ["CL"]},
                {"covariates": {"CL": "weight"}}, {"sigma": {"addtive": 1.0}}):  # fmt: skip
        with pytest.raises(KeyError):
            ldn.fit(own, people, **(how | bad))
    for bad in (
        {"estimate": None},
        {"sigma": {"additive": -1.0}},
        {"iiv": {"CL": -0.1}},
        {"seed": -1},
        {"starts": 0},
    ):
        with pytest.raises(ldn.InputError):
            ldn.fit(own, people, **(how | bad))


JUMPS = {
    "rate": "A' = piecewise(0, time < lag, 30) - CL/V*A; A = 0; Cp := A/V",
    "output": "A' = -CL/V*A; A = 0; Cp := A/V*piecewise(1, time < lag, 2)",
}


@pytest.mark.kind("moved-jump")
@pytest.mark.parametrize("form", JUMPS)
def test_a_parameter_that_moves_a_jump_is_not_estimated(form):
    model = ldn.Model.from_antimony(f"CL = 2; V = 30; lag = 2.2; {JUMPS[form]}")
    t = [0.5, 1, 2, 3, 5, 8, 12]
    table = {"ID": 1, "TIME": [0, *t], "AMT": [100] + [0] * 7, "DV": [None, 3.2, 3.1, 2.9, 2.8, 2.4, 2.0, 1.5]}
    data = ldn.read_data(table)
    ldn.fit(model, data, "Cp", "A", ["CL", "V"], [], "proportional")  # what does not move it is
    with pytest.raises(ldn.InputError, match=r"'lag'.*moves a time at which the equations jump"):
        ldn.fit(model, data, "Cp", "A", ["CL", "lag"], [], "proportional")


@pytest.mark.kind("moved-jump", sibling="a time that moves only where a column of the records says so")
@pytest.mark.parametrize(("estimate", "iiv", "argument"), [(["lag"], [], "estimate"), ([], ["lag"], "iiv")])
def test_nor_where_only_what_a_record_sets_makes_it_move(estimate, iiv, argument):
    model = ldn.Model.from_antimony("""
    model jumps
      CL = 2; V = 30; lag = 2.2; late = 0; A' = piecewise(30, time < lag*late, 0) - CL/V*A; A = 0; Cp := A/V
    end
    """)
    rows = [{"ID": i, "TIME": t, "DV": 2.0, "late": float(i == 2)} for i in (1, 2) for t in (1, 3, 6, 9)]
    how = {"omega": {"lag": 0.1} if iiv else None, "sigma": {"additive": 0.1}}
    with pytest.raises(ldn.InputError, match=rf"^{argument}='lag': moves a time"):
        ldn.fit(model, ldn.read_data(rows), "Cp", None, estimate, iiv, "additive", **how)
    taken = ldn.Regimen.from_records([{"time": t, "evid": 2, "late": float(t > 0)} for t in (0, 6)])
    with pytest.raises(ldn.InputError, match=r"^parameters='lag': moves a time"):
        ldn.sensitivity(model, taken, metric="auc(Cp, 0, 9)", duration=9, parameters=["lag"])


@pytest.mark.kind("moved-jump", sibling="a prior of one patient, and an occasion")
def test_nor_by_a_patient_or_an_occasion():
    model = ldn.Model.from_antimony(f"CL = 2; V = 30; lag = 2.2; {JUMPS['rate']}")
    rows = [{"ID": 1, "TIME": 0, "AMT": 100, "OCC": 1}]
    rows += [{"ID": 1, "TIME": t, "DV": 2.0, "OCC": 1 + (t > 4)} for t in (1, 3, 6, 9)]
    data = ldn.read_data(rows)
    with pytest.raises(ldn.InputError, match=r"'lag'.*moves a time"):
        ldn.fit(model, data, "Cp", "A", ["lag"], error="additive", method="map", prior={"lag": 1.4})
    both = ldn.read_data([r | {"ID": i} for i in (1, 2) for r in rows])
    for how in ({"iiv": ["lag"]}, {"iiv": [], "iov": ["lag"]}):
        with pytest.raises(ldn.InputError, match=r"'lag'.*moves a time"):
            ldn.fit(model, both, "Cp", "A", ["CL"], error="additive", **how)
