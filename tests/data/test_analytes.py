"""Which analyte a measurement is of: DVID says so, else the CMT of observations where it tells them apart."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import InputError, cli

TEXT = """model pm
  ka = 1; CL = 8; V = 40; CLm = 5; Vm = 50; gut = 0; body = 0; met = 0
  gut' = -ka*gut; body' = ka*gut - CL/V*body; met' = CL/V*body - CLm/Vm*met
  parent := body/V; metab := met/Vm
end"""
HOURS = (0.5, 1, 2, 4, 8, 12, 24)
PARENT, METABOLITE = {"CMT": 2}, {"CMT": 3}
BOTH = {2: "parent", 3: "metab"}
HOW = {"estimate": ["CL", "V"], "iiv": [], "error": "proportional"}


@pytest.fixture(scope="module")
def model():
    return ldn.Model.from_antimony(TEXT)


@pytest.fixture(scope="module")
def truth(model):
    return ldn.simulate(model, ldn.Regimen.single(100, cmt="gut"), times=HOURS)


@pytest.fixture(scope="module")
def rows(truth):
    """Rows of parent and metabolite, 3 % beside the truth by turns."""

    def made(parent=PARENT, metabolite=METABOLITE):
        found = [{"ID": 1, "TIME": 0, "AMT": 100, "EVID": 1, "CMT": 1}]
        for k, t in enumerate(HOURS):
            for name, is_of in (("parent", parent), ("metab", metabolite)):
                value = float(truth[name].values.ravel()[k]) * (1.03 if k % 2 else 0.97)
                found.append({"ID": 1, "TIME": t, "DV": value, "EVID": 0, **is_of})
        return found

    return made


@pytest.mark.kind("analytes-by-cmt")
@pytest.mark.parametrize("ask", [ldn.fit, ldn.predict])
def test_observations_of_two_cmt_are_two_variables(model, rows, ask):
    data, more = ldn.read_data(rows()), HOW if ask is ldn.fit else {}
    words = r"observe='parent': is one variable, but CMT tells 2 apart: 2, 3; name .*2: 'Cp', 3: 'Cm'"
    with pytest.raises(InputError, match=words):
        ask(model, data, "parent", **more)
    ask(model, data, BOTH, **more)


def test_they_are_fitted_as_dvid_would_have_it(model, rows):
    assert "told apart by CMT: 2, 3" in repr(ldn.read_data(rows()))
    by_cmt = ldn.fit(model, ldn.read_data(rows()), BOTH, **HOW)
    by_dvid = ldn.fit(
        model, ldn.read_data(rows({"DVID": "p"}, {"DVID": "m"})), {"p": "parent", "m": "metab"}, **HOW
    )
    assert by_cmt.objective == by_dvid.objective
    assert by_cmt.parameters.value.tolist() == pytest.approx([8, 40], rel=0.05)
    named = ldn.read_data(rows({"CMT": "body"}, {"CMT": "met"}))
    assert ldn.fit(model, named, {"body": "parent", "met": "metab"}, **HOW).objective == by_cmt.objective


def test_each_row_is_predicted_with_its_own_variable(model, rows, truth):
    table = ldn.predict(model, ldn.read_data(rows()), BOTH)
    for cmt, name in BOTH.items():
        pred = table.PRED[(cmt == table.CMT) & (table.EVID == 0)]
        np.testing.assert_allclose(pred, truth[name].values.ravel(), rtol=1e-5)


@pytest.mark.kind("analytes-by-cmt", sibling="records to be predicted, at which nothing was measured")
@pytest.mark.parametrize("by", ["CMT", "DVID"])
def test_records_without_a_measurement_are_of_their_analyte_too(model, truth, by):
    table = [
        {"TIME": 0, "AMT": 100, "CMT": 1},
        *({"TIME": t, "EVID": 0, "DV": None, by: k} for t in HOURS for k in (2, 3)),
    ]
    data = ldn.read_data(table)
    with pytest.raises(InputError, match=f"but {by} tells 2 apart: 2, 3"):
        ldn.predict(model, data, "parent")
    found = ldn.predict(model, data, BOTH).PRED.to_numpy()[1:].reshape(-1, 2)
    np.testing.assert_allclose(
        found, np.stack([truth[n].values.ravel() for n in BOTH.values()], 1), rtol=1e-5
    )
    assert np.isnan(ldn.predict(model, data, {2: "parent"}).PRED.to_numpy()[1:].reshape(-1, 2)[:, 1]).all()


@pytest.mark.kind("analytes-by-cmt", sibling="non-compartmental profiles")
def test_each_has_a_profile(rows, truth):
    found = ldn.nca(ldn.read_data(rows())).set_index("dvid")
    assert found.index.tolist() == [2, 3]
    assert found.samples.tolist() == [7, 7]
    assert found.cmax[2] == pytest.approx(float(truth.parent.max()), rel=0.04)
    _, axes = ldn.plots.profiles(ldn.read_data(rows()))
    assert [a.get_ylabel() for a in axes] == ["CMT 2 (as in the data)", "CMT 3 (as in the data)"]


@pytest.mark.kind("analytes-by-cmt", sibling="the command")
def test_the_command_asks_too(rows, tmp_path, capsys):
    pd.DataFrame(rows()).to_csv(tmp_path / "pm.csv", index=False)
    (tmp_path / "pm.ant").write_text(TEXT)
    asked = ["fit", str(tmp_path / "pm.csv"), "--model", str(tmp_path / "pm.ant"), "--estimate", "CL,V"]
    assert cli.run([*asked, "--observe", "parent"]) == 2
    assert "CMT tells 2 apart: 2, 3" in capsys.readouterr().err
    assert cli.run([*asked, "--observe", "2=parent", "--observe", "3=metab", "--error", "proportional"]) == 0


@pytest.mark.parametrize("observed", [{}, {"CMT": 0}, {"CMT": "."}, {"CMT": 1}, {"CMT": 2}, {"CMT": "body"}])
def test_one_cmt_in_all_observations_tells_nothing_apart(observed):
    data = ldn.read_data(
        [{"TIME": 0, "AMT": 9, "CMT": 1}, *({"TIME": t, "DV": 1.0, **observed} for t in (1, 2))]
    )
    assert "DVID" not in data.table
    assert data.regimens[1].doses[0].record.cmt == 1


@pytest.mark.parametrize(
    ("parent", "metabolite", "labels"),
    [
        ({"CMT": 2, "DVID": 1}, {"CMT": 3, "DVID": 2}, [1, 2]),
        ({"CMT": 2, "DVID": 1}, {"CMT": 2, "DVID": 2}, [1, 2]),
        ({"CMT": 2, "DVID": 1}, {"CMT": ".", "DVID": 2}, [1, 2]),
        ({"CMT": 2, "DVID": "."}, {"CMT": 3, "DVID": "."}, [2, 3]),
        ({"CMT": 2, "DVID": 1}, {"CMT": 2}, [1, None]),
    ],
)
def test_dvid_goes_first_where_both_agree(rows, parent, metabolite, labels):
    assert ldn.read_data(rows(parent, metabolite)).observations.DVID.unique().tolist() == labels


@pytest.mark.kind(
    "analytes-by-cmt", sibling="a CMT that contradicts DVID, or that only some measurements state"
)
@pytest.mark.parametrize(
    ("parent", "metabolite", "words"),
    [
        (
            {"CMT": 2, "DVID": 1},
            {"CMT": 3, "DVID": 1},
            "cmt=3: contradicts DVID: DVID 1 has cmt=2 in record 1",
        ),
        ({"CMT": 2}, {"CMT": 0}, "cmt='': states no analyte in record 2, beside 2 in record 1; give every"),
        ({"CMT": 2}, {}, "cmt='': states no analyte in record 2"),
    ],
)
def test_what_contradicts_itself_is_refused(rows, parent, metabolite, words):
    with pytest.raises(InputError, match=words):
        ldn.read_data(rows(parent, metabolite))
