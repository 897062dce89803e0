"""Lowering against a closed form that superposes single doses, and against NONMEM's rules one by one."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ldnsim as ldn
from ldnsim.codegen import program
from ldnsim.engine.events import EventKind
from ldnsim.engine.solve import integrate
from ldnsim.formulation import Formulations
from ldnsim.simulation import cycles, dosing

KA, CL, V = 1.5, 1.1, 20.0
TEXT = f"""
model one
  DEPOT' = -KA*DEPOT; CENT' = KA*DEPOT - CL/V*CENT
  DEPOT = 0; CENT = BASE
  KA = {KA}; CL = {CL}; V = {V}; BASE = 0; D_CENT = 3; R_DEPOT = 25; F_a = 0.4
end
"""
NO_TABLE = Formulations({})
TIMES = np.array([0.0, 0.5, 1.0, 3.0, 7.0, 11.9, 12.0, 12.1, 20.0, 24.0, 30.0, 47.0, 48.0, 60.0, 80.0])


@pytest.fixture(scope="module")
def model():
    return ldn.Model.from_antimony(TEXT)


@pytest.fixture(scope="module")
def run(model):
    compiled = program(model)

    def go(records, times=TIMES, values=None, table=NO_TABLE):
        values = model.values[None, :] if values is None else values
        regimen = ldn.Regimen.from_records(records) if isinstance(records, list) else records
        events = dosing.lower(compiled, regimen, values, table)
        constants = compiled.constants_of(values)
        y0 = compiled.initial_state(constants)
        states = [compiled.outputs.index(s) for s in ("DEPOT", "CENT")]
        s = integrate(
            compiled.system, y0, constants, events, times, rtol=1e-10, outputs=states, method="tsit5-scalar"
        )
        return s.values if len(values) > 1 else s.values[0]

    return go


# ---- the closed form ------------------------------------------------------------------------------------


def after_bolus(t, cmt, k=CL / V):
    """Amounts in both states a time t after a unit bolus; 0 before."""
    t = np.asarray(t, dtype=float)
    live = t >= 0
    t = np.where(live, t, 0.0)
    if cmt == 2:
        return np.stack([np.zeros_like(t), np.exp(-k * t)]) * live
    depot = np.exp(-KA * t)
    return np.stack([depot, KA / (KA - k) * (np.exp(-k * t) - depot)]) * live


def after_infusion(t, cmt, duration, k=CL / V):
    """The same after an infusion of one unit: the integral of the bolus response."""

    def integral(t):
        t = np.maximum(t, 0.0)
        slow, fast = -np.expm1(-k * t) / k, -np.expm1(-KA * t) / KA
        return np.stack([0 * t, slow]) if cmt == 2 else np.stack([fast, KA / (KA - k) * (slow - fast)])

    return (integral(t) - integral(t - duration)) / duration


def closed_form(records, times):
    """Superpose every dose, implied ones of a steady state too, up to the reset that cancels it."""
    total = np.zeros((2, len(times)))
    resets = [(k, r["time"]) for k, r in enumerate(records) if r["evid"] in (3, 4) or r.get("ss") == 1]
    for k, r in enumerate(records):
        if r["evid"] not in (1, 4):
            continue
        end = min((t for j, t in resets if j > k), default=math.inf)
        implied = range(-500, 0) if r.get("ss") else ()
        for n in (*implied, *range(r.get("addl", 0) + 1)):
            start = r["time"] + n * r.get("ii", 0.0) + r.get("lag", 0.0)
            if start >= end:
                continue
            amount = r["amt"] * r.get("F", 1.0)
            if r.get("rate"):
                duration = r["dur"] if r["rate"] == -2 else amount / r["rate"]
                stop = min(duration, end - start)  # a reset ends an infusion and wipes what it gave
                part = after_infusion(times - start, r["cmt"], stop) * amount * stop / duration
            else:
                part = after_bolus(times - start, r["cmt"]) * amount
            seen = (times >= r["time"]) & (times < end)
            total += np.where(seen, part, 0.0)
    return total


def test_the_lag_of_a_record_adds_to_that_of_its_formulation(run):
    rows = [{"drug": "a", "formulation": "late", "cmt": "CENT", "fraction": "1", "lag": "2", "duration": ""}]
    record = {"time": 1.0, "evid": 1, "amt": 10.0, "drug": "a", "formulation": "late", "lag": 4.0}
    found = run([record], table=Formulations.from_rows(rows))
    assert found == pytest.approx(10.0 * after_bolus(TIMES - 7.0, 2), rel=1e-8, abs=1e-8)


@st.composite
def doses(draw):
    r = {"evid": draw(st.sampled_from([1, 1, 1, 4])), "amt": draw(st.sampled_from([10.0, 100.0, 75.0]))}
    r["cmt"], r["F"] = draw(st.sampled_from([1, 2])), draw(st.sampled_from([1.0, 0.4, 2.0]))
    r["lag"] = draw(st.sampled_from([0.0, 0.3, 4.0, 13.0, 24.0]))
    r["rate"] = draw(st.sampled_from([0.0, 0.0, 10.0, 3.3, -2.0]))
    if r["rate"] == -2.0:  # beside another rate it is refused
        r["dur"] = draw(st.sampled_from([2.0, 12.0, 17.0]))
    r["ss"] = draw(st.sampled_from([0, 0, 1, 2]))
    r["ii"] = draw(st.sampled_from([6.0, 12.0, 24.0]))
    r["addl"] = draw(st.integers(0, 3))
    return r


@st.composite
def tables(draw):
    gaps = st.sampled_from([0.0, 1.0, 12.0, 17.5])
    rows = draw(st.lists(doses() | st.just({"evid": 3, "amt": 0.0, "cmt": 1}), min_size=1, max_size=4))
    time = 0.0
    timed = []
    for row in rows:
        time += draw(gaps)
        timed.append(row | {"time": time})
    return timed


@pytest.mark.filterwarnings("ignore:record .* gives the dose of record")
@settings(max_examples=80, deadline=None, derandomize=True)
@given(records=tables())
def test_any_table_is_the_sum_of_its_doses(run, records):
    found, expected = run(records), closed_form(records, TIMES)
    np.testing.assert_allclose(found, expected, rtol=2e-7, atol=1e-6)


def test_the_closed_form_can_disagree(run):
    records = [{"time": 0.0, "evid": 1, "amt": 100.0, "cmt": 1, "rate": 10.0, "F": 0.4}]
    wrong = [records[0] | {"F": 0.41}]
    assert np.abs(run(records) - closed_form(wrong, TIMES)).max() > 0.1


# ---- rules one by one -----------------------------------------------------------------------------------


def record(**given):
    return {"time": 0.0, "amt": 100.0, "cmt": "CENT", "evid": 1} | given


def test_bioavailability_changes_the_duration_of_a_given_rate(run):
    found = run([record(rate=10.0, F=0.4)], times=[0.0, 3.9, 4.0, 10.0])[1]
    assert found[3] == pytest.approx(found[2] * math.exp(-CL / V * 6.0), rel=1e-8)
    assert found[2] > found[1]


def test_bioavailability_changes_the_rate_of_a_given_duration(run):
    full, part = run([record(rate=-2.0, dur=8.0)]), run([record(rate=-2.0, dur=8.0, F=0.4)])
    np.testing.assert_allclose(part, 0.4 * full, rtol=1e-7, atol=1e-9)


def test_modelled_rate_and_duration_come_from_parameters(run):
    np.testing.assert_allclose(run([record(rate=-2)]), run([record(rate=-2, dur=3.0)]), rtol=1e-12)
    np.testing.assert_allclose(
        run([record(rate=-1, cmt="DEPOT")]), run([record(rate=25.0, cmt="DEPOT")]), rtol=1e-12
    )
    np.testing.assert_allclose(run([record(rate=-1, R_CENT=5.0)]), run([record(rate=5.0)]), rtol=1e-12)


def test_modelled_rate_without_a_parameter_is_refused(run):
    with pytest.raises(ldn.InputError, match=r"rate=-1.*'rat'.*R_CENT"):
        run([record(rate=-1)])


@pytest.mark.parametrize("cmt", [2, "2", 2.0, "CENT"])
def test_states_go_by_number_or_name(run, cmt):
    np.testing.assert_array_equal(run([record(cmt=cmt)]), run([record()]))


@pytest.mark.parametrize(("cmt", "words"), [(3, "1..2"), ("CENTR", "CENT"), ("cent", "CENT")])
def test_unknown_states_are_refused(run, cmt, words):
    with pytest.raises(ValueError, match=words) as error:
        run([record(cmt=cmt)])
    assert str(cmt) in str(error.value)


def test_a_dose_without_a_state_needs_a_table(run):
    with pytest.raises(ValueError, match="naltrexone"):
        run(ldn.Regimen.daily(4.5, days=1))


def test_a_formulation_of_another_model_is_refused_by_its_state(model):
    with pytest.raises(ldn.InputError, match=r"formulation='capsule'.*A_gut.*cmt"):
        ldn.simulate(model, ldn.Regimen.daily(4.5, days=1))


def test_constant_infusion_at_steady_state_ends_at_its_record(run):
    found = run([record(amt=0.0, rate=10.0, ss=1)], times=[0.0, 5.0])[1]
    assert found[0] == pytest.approx(10.0 / (CL / V), rel=1e-8)
    assert found[1] == pytest.approx(found[0] * math.exp(-CL / V * 5.0), rel=1e-8)


def test_steady_state_without_a_dose_is_the_rest_of_the_system(run):
    assert run([record(amt=0.0, ss=1)], times=[0.0, 5.0]) == pytest.approx(0.0, abs=1e-9)


def test_steady_state_resets_what_was_before_and_what_was_to_come(run):
    before = [record(amt=50.0, lag=30.0), record(amt=70.0, ii=5.0, addl=20), record(rate=1.0)]
    steady = record(time=24.0, ii=12.0, ss=1)
    after = TIMES >= 24.0
    np.testing.assert_allclose(
        run([*before, steady])[:, after], run([steady])[:, after], rtol=1e-7, atol=1e-9
    )


def test_reset_goes_back_to_the_initial_state(run, model):
    values = model.with_parameters(BASE=7.0).values[None, :]
    found = run([record(), record(time=24.0, evid=3, amt=0.0)], times=[0.0, 23.0, 24.0], values=values)[1]
    assert found[0] == pytest.approx(107.0)
    assert found[2] == 7.0


def test_a_second_steady_state_adds_only_what_is_above_rest(run, model):
    values = model.with_parameters(BASE=7.0).values[None, :]
    idle = run([record(amt=0.0, time=12.0, ss=2, ii=24.0)], values=values)
    np.testing.assert_allclose(idle[1], 7.0 * np.exp(-CL / V * TIMES), rtol=1e-7)


def test_a_second_steady_state_counts_production_once():
    produced = ldn.Model.from_antimony("model p\n A' = 2 - k*A; A = 20; k = 0.1\nend")
    doses = [{"time": 0.0, "amt": a, "cmt": 1, "ss": ss, "ii": 24.0} for a, ss in ((10.0, 1), (5.0, 2))]
    ds = ldn.simulate(produced, ldn.Regimen.from_records(doses), times=[0.0, 10.0], rtol=1e-9)
    expected = 20.0 + 15.0 / (1.0 - math.exp(-2.4)) * np.exp(-0.1 * np.array([0.0, 10.0]))
    np.testing.assert_allclose(ds.A, expected, rtol=1e-7)


def test_constructors_start_at_steady_state_whatever_the_clock(run):
    steady = ldn.Regimen.daily(100.0, days=4, at="08:00", cmt="CENT", ss=True)
    days = run(steady, times=np.arange(0.0, 96.0, 3.0))[1].reshape(4, 8)
    np.testing.assert_allclose(days, np.broadcast_to(days[0], days.shape), rtol=1e-8)
    at_eight = run(steady, times=[7.999999, 8.0])[1]
    assert at_eight[1] - at_eight[0] == pytest.approx(100.0, abs=1e-4)
    missed = run(steady.skip(days=[3]), times=[55.999999, 56.0])[1]
    assert missed[1] == pytest.approx(missed[0], rel=1e-6)


def test_records_at_one_time_act_in_their_order(run):
    dose, reset = record(time=12.0), record(time=12.0, evid=3, amt=0.0)
    assert run([dose, reset], times=[12.0])[1, 0] == 0.0
    assert run([reset, dose], times=[12.0])[1, 0] == 100.0


# ---- covariates -----------------------------------------------------------------------------------------


def test_a_covariate_holds_from_the_record_before_up_to_its_own(run):
    rows = [
        record(CL=1.1),
        record(time=10.0, evid=0, amt=0.0, CL=2.2),
        record(time=20.0, evid=2, amt=0.0, CL=0.0),
    ]
    found = run(rows, times=[0.0, 10.0, 15.0, 20.0, 40.0])[1]
    expected = [100.0, 100 * math.exp(-1.1), 100 * math.exp(-1.1), 100 * math.exp(-1.1), 100 * math.exp(-1.1)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_missing_covariate_is_the_next_one_stated(run):
    rows = [record(CL=0.55), record(time=10.0, evid=2, amt=0.0), record(time=20.0, evid=2, amt=0.0, CL=2.2)]
    known = [rows[0], rows[1] | {"CL": 2.2}, rows[2]]
    np.testing.assert_allclose(run(rows), run(known), rtol=1e-12)


def test_a_constant_covariate_is_a_parameter(run, model):
    rows = [record(CL=2.0), record(time=30.0, CL=2.0)]
    values = model.with_parameters(CL=2.0).values[None, :]
    np.testing.assert_allclose(run(rows), run([record(), record(time=30.0)], values=values), rtol=1e-6)


@pytest.mark.kind("unread-column", sibling="a name that differs from a parameter's by capitals alone")
def test_capitals_never_turn_a_column_into_a_parameter(model):
    rows = [record(), record(time=30.0)]
    plain, potassium = (ldn.Regimen.from_records([r | more for r in rows]) for more in ({}, {"cl": 4.1}))
    with pytest.warns(UserWarning, match=r"'cl' \(did you mean 'CL'\?\)"):
        found = ldn.simulate(model, potassium, times=[20.0, 50.0])
    np.testing.assert_array_equal(found.CENT, ldn.simulate(model, plain, times=[20.0, 50.0]).CENT)


@pytest.mark.kind("unread-column")
def test_columns_that_nothing_reads_are_named_in_one_warning(model):
    more = {"WT": 70.0, "F1": 0.5, "ALAG1": 2.0, "BASED": 0.5, "D_DEPOT": 3.0, "CL": 1.2}
    regimen = ldn.Regimen.from_records([record(**more)])
    with pytest.warns(UserWarning, match="that change nothing") as told:
        ldn.simulate(model, {"a": regimen, "b": regimen, "c": None}, times=[20.0])
    assert len(told) == 1
    named = str(told[0].message).split("nothing: ")[1].split(";")[0]
    assert named == (
        "'ALAG1' (write 'lag'), 'BASED' (did you mean 'BASE'?), 'D_DEPOT' (did you mean 'R_DEPOT'?), 'F1' (write 'F'), 'WT'"
    )


@pytest.mark.kind("unread-column", sibling="in steady_state")
def test_steady_state_names_them_too(model):
    regimen = ldn.Regimen.from_records([record(ii=24.0, addl=3, WT=70.0)])
    with pytest.warns(UserWarning, match="change nothing: 'WT'"):
        ldn.steady_state(model, regimen)


@pytest.mark.kind("unread-column", sibling="where one call runs the model by way of others")
def test_the_warning_points_to_the_users_line():
    model = ldn.Model.from_antimony("model a\n C' = -k*C\n C = 0; k = 0.1\nend")
    regimen = ldn.Regimen.from_records([{"time": 0, "amt": 1, "cmt": "C", "WT": 70}])
    with pytest.warns(UserWarning, match="change nothing: 'WT'") as told:
        ldn.sensitivity(model, regimen, metric=lambda ds: ds.C.max("time"), outputs=["C"], parameters=["k"])
    assert {w.filename for w in told} == {__file__}


def test_the_column_of_a_modelled_duration_is_read(model):
    regimen = ldn.Regimen.from_records([record(rate=-2.0, D_CENT=5.0), record(time=1.0, rate=-1.0, R2=5.0)])
    ldn.simulate(model, regimen, times=[20.0])


# ---- covariates where records share a time --------------------------------------------------------------

OCCASIONS = "model o\n C' = -k*(1 + 0.5*(OCC - 1))*C; C = 0; k = 0.1; OCC = 1\n D := C*OCC\nend"


def seen(rows, times, output="C"):
    regimen = ldn.Regimen.from_records(rows)
    ds = ldn.simulate(ldn.Model.from_antimony(OCCASIONS), regimen, times=times, rtol=1e-9, outputs=[output])
    return ds[output].values


def dose(time, **more):
    return {"time": time, "amt": 100.0, "cmt": "C", **more}


def look(time, **more):
    return {"time": time, "evid": 0, **more}


@pytest.mark.kind("covariate-tie")
def test_the_last_of_several_records_at_one_time_is_in_force_from_there_on():
    rows = [dose(0, OCC=1), look(24, OCC=1), dose(24, OCC=2), look(30, OCC=2), look(48, OCC=2)]
    peak = 100 * np.exp(-2.4) + 100
    want = [peak, peak * np.exp(-0.9), peak * np.exp(-3.6)]
    np.testing.assert_allclose(seen(rows, [24.0, 30.0, 48.0]), want, rtol=1e-7)


@pytest.mark.kind("covariate-tie", sibling="at time 0")
def test_a_tie_at_time_0():
    rows = [look(0, OCC=1), dose(0, OCC=2), look(10, OCC=2), look(20, OCC=2)]
    np.testing.assert_allclose(seen(rows, [10.0, 20.0]), 100 * np.exp([-1.5, -3.0]), rtol=1e-7)
    np.testing.assert_allclose(seen(rows, [0.0], "D"), [200.0], rtol=1e-12)


@pytest.mark.kind("covariate-tie", sibling="three records, of which the middle one alone differs")
def test_a_value_in_the_middle_of_a_tie_holds_for_no_time():
    rows = [dose(0, OCC=1), look(24, OCC=1), look(24, OCC=5), look(24, OCC=1), look(48, OCC=1)]
    np.testing.assert_allclose(seen(rows, [24.0, 48.0]), 100 * np.exp([-2.4, -4.8]), rtol=1e-7)


@pytest.mark.kind("covariate-tie", sibling="the record after the tie states another value")
def test_between_two_records_the_later_ones_values_hold():
    rows = [dose(0, OCC=1), look(24, OCC=1), dose(24, OCC=2), look(34, OCC=3)]
    peak = 100 * np.exp(-2.4) + 100
    np.testing.assert_allclose(seen(rows, [34.0]), [peak * np.exp(-2.0)], rtol=1e-7)
    np.testing.assert_allclose(seen(rows, [24.0], "D"), [2 * peak], rtol=1e-7)


@pytest.mark.kind("covariate-tie", sibling="a dose and its reset in another occasion")
def test_a_tie_with_a_reset():
    rows = [dose(0, OCC=1), look(24, OCC=1), dose(24, evid=4, OCC=2), look(34, OCC=2)]
    np.testing.assert_allclose(seen(rows, [24.0, 34.0]), [100.0, 100 * np.exp(-1.5)], rtol=1e-7)


def test_outputs_at_a_record_use_its_own_covariates():
    text = "model c\n A' = -k*A; A = 0; k = 0.1; V = 2\n C := A/V\nend"
    rows = [
        {"time": 0.0, "amt": 10.0, "cmt": "A", "V": 2.0},
        {"time": 5.0, "amt": 0.0, "V": 2.0},
        {"time": 6.0, "amt": 0.0, "V": 4.0},
    ]
    ds = ldn.simulate(
        ldn.Model.from_antimony(text), ldn.Regimen.from_records(rows), times=[0.0, 5.0, 5.5, 6.0]
    )
    np.testing.assert_allclose(ds.A / ds.C, [2.0, 2.0, 4.0, 4.0], rtol=1e-9)


# ---- many subjects --------------------------------------------------------------------------------------


SPLIT = Formulations.from_rows(
    [
        {
            "drug": "naltrexone",
            "formulation": "capsule",
            "cmt": "DEPOT",
            "fraction": "0.9*F_a",
            "lag": "BASE",
            "duration": "",
        },
        {
            "drug": "naltrexone",
            "formulation": "capsule",
            "cmt": "CENT",
            "fraction": "0.9*(1-F_a)",
            "lag": "",
            "duration": "D_CENT",
        },
    ]
)


def subjects_of(model, **columns):
    n = max(np.size(c) for c in columns.values())
    values = np.repeat(model.values[None, :], n, axis=0)
    for name, column in columns.items():
        values[:, model.parameter_ids.index(name)] = column
    return values


def test_a_split_dose_arrives_where_when_and_for_as_long_as_the_table_says(run, model):
    found = run(ldn.Regimen.single(100.0), table=SPLIT, values=subjects_of(model, BASE=2.0))
    depot = after_bolus(TIMES - 2.0, 1) * 36.0
    central = after_infusion(TIMES, 2, 3.0) * 54.0
    rest = after_bolus(TIMES, 2) * 2.0
    np.testing.assert_allclose(found, depot + central + rest, rtol=1e-7, atol=1e-7)


def test_subjects_share_a_row_unless_their_doses_differ(model):
    compiled = program(model)
    regimen = ldn.Regimen.daily(10.0, days=3)
    same = dosing.lower(compiled, regimen, subjects_of(model, CL=[1.0, 2.0, 3.0]), SPLIT)
    assert same.time.shape == (1, 9)
    assert same.row.tolist() == [0, 0, 0]
    own = dosing.lower(compiled, regimen, subjects_of(model, F_a=[0.1, 0.2, 0.3]), SPLIT)
    assert own.row.tolist() == [0, 1, 2]


def test_subjects_that_differ_are_as_each_alone(run, model):
    values = subjects_of(model, F_a=[0.1, 0.9], BASE=[0.0, 1.0], CL=[0.5, 2.0])
    regimen = ldn.Regimen.every(10.0, ii=12.0, n=4, ss=True, at=3.0)
    together = run(regimen, table=SPLIT, values=values)
    for k in range(2):
        alone = run(regimen, table=SPLIT, values=values[k : k + 1])
        np.testing.assert_allclose(together[k], alone, rtol=1e-7, atol=1e-8)


def test_regimens_of_different_kinds_stack(model):
    steady = ldn.Regimen.daily(10.0, days=2, ss=True, cmt="CENT")
    plain = ldn.Regimen.single(5.0, cmt=1)
    compiled = program(model)
    both = dosing.events(compiled, model, [steady, None, plain, steady], model.values[None, :])
    assert both.row.tolist() == [0, 1, 2, 3]
    put = both.kind == EventKind.STATE
    assert both.value[put].tolist() == [0.0, 1.0]
    np.testing.assert_array_equal(both.states[0], both.states[1])
    assert np.isinf(both.time[1]).all()


def test_a_negative_lag_or_share_is_refused_by_name(model):
    with pytest.raises(ldn.InputError, match=r"fraction of naltrexone capsule=-0\.45"):
        dosing.lower(program(model), ldn.Regimen.single(1.0), subjects_of(model, F_a=1.5), SPLIT)


def test_a_formulation_with_its_own_duration_takes_no_rate(model):
    with pytest.raises(ldn.InputError, match=r"rate=-2.*released over time"):
        dosing.lower(program(model), ldn.Regimen.single(1.0, duration=2), model.values[None, :], SPLIT)


# ---- steady state ---------------------------------------------------------------------------------------


def test_one_cycle_comes_back(model):
    regimen = ldn.Regimen.daily(10.0, days=1, at="08:00", cmt=1) + ldn.Regimen.daily(
        20.0, days=1, at="20:00", cmt=2
    )
    compiled = program(model)
    cycle = cycles.steady_cycle(compiled, model, regimen, model.values[None, :])
    assert cycle.period == 24.0
    assert cycle.found.converged.all()
    implied = [
        {"time": 0.0, "evid": 1, "amt": a, "cmt": c, "ss": 2, "ii": 24.0, "lag": at, "addl": 0}
        for a, c, at in ((10.0, 1, 8.0), (20.0, 2, 20.0))
    ]
    np.testing.assert_allclose(cycle.found.state[0], closed_form(implied, np.array([0.0]))[:, 0], atol=1e-7)


def test_records_with_ids_make_regimens_by_subject():
    frame = pd.DataFrame({"ID": [1, 1, 2], "TIME": [0, 24, 0], "AMT": [1, 1, 2], "CMT": [1, 1, 2]})
    assert list(ldn.Regimen.from_records(frame)) == [1, 2]


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("differ", [False, True])
def test_each_subject_starts_at_a_steady_state_of_its_own(n, differ):
    model = ldn.Model.from_antimony("model one; A' = -k*A; A = 0; k = 0.1; B' = 0; B = 0; end")
    rates = 0.1 + 0.05 * np.arange(n) * differ
    people = pd.DataFrame({"k": rates}, index=[f"p{i}" for i in range(n)])
    regimen = ldn.Regimen.every(10, ii=12, n=2, cmt="A", ss=True)
    ds = ldn.simulate(model, regimen, subjects=people, times=[0.0, 6.0, 13.0], outputs=["A"], rtol=1e-9)
    want = 10 * np.exp(-np.outer(rates, [0.0, 6.0, 1.0])) / -np.expm1(-12 * rates)[:, None]
    np.testing.assert_allclose(ds.A.transpose("subject", "time"), want, rtol=1e-7)


def test_a_model_without_the_state_of_the_formulation_names_every_way_out():
    model = ldn.Model.from_antimony("gut' = -k*gut; gut = 0; k = 0.3; C := gut")
    data = ldn.read_data([{"TIME": 0, "AMT": 5}, {"TIME": 1, "DV": 2.0}])
    words = r"doses the state 'A_gut'.*cmt='gut' where.*words name none.*column cmt.*data\.dosed_into\('gut'\)"
    for regimen in ("5 mg once", ldn.Regimen.single(5), data.regimens[1]):
        with pytest.raises(ldn.InputError, match=words):
            ldn.simulate(model, regimen, duration=24)
    ways = (data.dosed_into("gut").regimens[1], ldn.Regimen.single(5, cmt="gut"),
            ldn.Regimen.from_records([{"time": 0, "amt": 5, "cmt": "gut"}]))  # fmt: skip
    for regimen in ways:
        assert ldn.simulate(model, regimen, times=[0.0]).C.item() == 5.0
    assert ldn.predict(model, data, "C", cmt="gut").PRED[1] == pytest.approx(5 * math.exp(-0.3))
