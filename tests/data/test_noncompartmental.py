"""Measured profiles: two worked by hand, cases of the limit and of steady state, and exact courses."""

import csv
import math
import os
from pathlib import Path

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim import InputError

# Subject 1 of each data set, as R ships them (datasets::Theoph, Boeckmann, Sheiner & Beal 1994, NONMEM Users Guide
# V; datasets::Indometh, Kwan et al., J Pharmacokinet Biopharm 4, 255, 1976).
THEOPHYLLINE = (
    319.992,  # mg by mouth: 4.02 mg/kg, 79.6 kg
    [0, 0.25, 0.57, 1.12, 2.02, 3.82, 5.1, 7.03, 9.05, 12.12, 24.37],
    [0.74, 2.84, 6.57, 10.5, 9.66, 8.58, 8.36, 7.47, 6.89, 5.94, 3.28],
)
INDOMETHACIN = (
    25.0,  # mg into a vein
    [0.25, 0.5, 0.75, 1, 1.25, 2, 3, 4, 5, 6, 8],
    [1.5, 0.94, 0.78, 0.48, 0.37, 0.19, 0.12, 0.11, 0.08, 0.07, 0.05],
)
LOG2 = math.log(2.0)


def table(amount, times, values, **more):
    seen = [{"ID": 1, "TIME": t, "DV": dv} for t, dv in zip(times, values, strict=True)]
    return [{"ID": 1, "TIME": 0, "AMT": amount, **more}, *seen]


def one(rows, **how):
    found = ldn.nca(rows, unit=None, **how)
    assert len(found) == 1
    return found.iloc[0]


def test_theophylline_by_hand():
    found = one(table(*THEOPHYLLINE))
    pieces = [0.4475, 1.5056, 4.6943, 9.0667, 16.3968, 10.841, 15.2598, 14.4957, 19.658, 54.8693]
    moments = [0.0887, 0.7128, 4.2638, 14.1781, 47.5871, 48.3208, 92.2747, 116.3483, 207.3341, 968.0205]
    rate = 0.048457  # through ln 6.89 at 9.05 h, ln 5.94 at 12.12 h and ln 3.28 at 24.37 h
    beyond = 3.28 / rate
    assert (found.cmax, found.tmax, found.clast, found.tlast) == (10.5, 1.12, 3.28, 24.37)
    assert found.auc_last == pytest.approx(sum(pieces), rel=1e-5)
    assert found.aumc_last == pytest.approx(sum(moments), rel=1e-5)
    assert found.lambda_z == pytest.approx(rate, rel=1e-5)
    assert found.half_life == pytest.approx(14.3044, rel=1e-5)
    assert (found.points, found.points_from) == (3, 9.05)
    assert found.auc_inf == pytest.approx(sum(pieces) + beyond, rel=1e-5)
    assert found.extrapolated == pytest.approx(31.494, rel=1e-4)
    assert found.mrt == pytest.approx(
        (sum(moments) + beyond * 24.37 + beyond / rate) / found.auc_inf, rel=1e-5
    )
    assert found.cl == pytest.approx(319.992 / 214.9236, rel=1e-5)
    assert found.flag == "31 % of the area is extrapolated"


def test_indomethacin_by_hand():
    found = one(table(*INDOMETHACIN), route="bolus")
    pieces = [
        0.47803,
        0.29957,
        0.21438,
        0.15448,
        0.10565,
        0.20256,
        0.15233,
        0.11493,
        0.09421,
        0.07489,
        0.11888,
    ]
    moments = [
        0.05512,
        0.10943,
        0.13315,
        0.13361,
        0.11829,
        0.32078,
        0.37501,
        0.40141,
        0.42143,
        0.41106,
        0.82551,
    ]
    rate = 0.158320  # through ln 0.08 at 5 h, ln 0.07 at 6 h and ln 0.05 at 8 h: adjusted r2 0.9941
    beyond = 0.05 / rate
    assert found.c0 == pytest.approx(1.5**2 / 0.94, rel=1e-12)
    assert found.auc_last == pytest.approx(sum(pieces), rel=1e-5)
    assert found.aumc_last == pytest.approx(sum(moments), rel=1e-5)
    assert (found.lambda_z, found.r2) == pytest.approx((rate, 0.994133), rel=1e-5)
    assert found.auc_inf == pytest.approx(sum(pieces) + beyond, rel=1e-5)
    mrt = (sum(moments) + beyond * 8 + beyond / rate) / found.auc_inf
    assert (found.mrt, found.vss) == pytest.approx((mrt, 25.0 / found.auc_inf * mrt), rel=1e-5)
    assert found.flag == ""


def test_the_numbers_by_hand_can_disagree():
    values = [*THEOPHYLLINE[2][:-1], 3.29]
    assert one(table(*THEOPHYLLINE[:2], values)).half_life != pytest.approx(14.3044, rel=1e-4)


FOLDER = (
    Path(os.environ.get("LDNSIM_ORACLES", Path(__file__).parents[2] / ".." / "shared" / "oracles")) / "fit"
)


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no measured profiles in {FOLDER}")
@pytest.mark.parametrize(("name", "route"), [("theoph", None), ("indometh", "bolus")])
def test_real_profiles_of_all_subjects(name, route):
    rows = []
    with (FOLDER / f"{name}.csv").open() as file:
        for row in csv.DictReader(file):
            time = float(row.get("Time", row.get("time")))
            if not rows or rows[-1]["ID"] != row["Subject"]:
                amount = float(row.get("Dose", 25)) * float(row.get("Wt", 1))
                rows.append({"ID": row["Subject"], "TIME": 0, "AMT": amount})
            rows.append({"ID": row["Subject"], "TIME": time, "DV": row["conc"]})
    found = ldn.nca(rows, route=route).set_index("id")
    assert len(found) == (12 if name == "theoph" else 6)
    assert (found.points >= 3).all()
    assert (found.auc_inf > found.auc_last).all()
    first = one(table(*(THEOPHYLLINE if name == "theoph" else INDOMETHACIN)), route=route)
    assert found.auc_inf[1] == pytest.approx(first.auc_inf, rel=1e-12)


# ---- below the limit ------------------------------------------------------------------------------------
# Values that halve each hour: the logarithmic rule gives (c1 - c2) / ln 2 an hour, and lambda_z is ln 2.


def test_values_below_the_limit_before_the_first_are_zero():
    found = one(table(10, [0, 1, 2, 3, 4, 5], ["BLQ", "BLQ", 8, 4, 2, 1]))
    assert found.auc_last == pytest.approx(8 / 2 + 7 / LOG2)
    assert found.auc_inf == pytest.approx(8 / 2 + 8 / LOG2)
    assert (found.samples, found.blq, found.tmax) == (6, 2, 2.0)


def test_they_can_be_left_out():
    found = one(table(10, [0, 1, 2, 3, 4, 5], ["BLQ", "BLQ", 8, 4, 2, 1]), blq={"first": "drop"})
    assert found.auc_last == pytest.approx(2 * 8 / 2 + 7 / LOG2)  # from 0 at the dose


def test_one_between_values_is_left_out():
    found = one(table(10, [0, 1, 2, 3, 4, 5, 6], [0, 16, "<1", 4, 2, 1, 0.5]))
    assert found.auc_last == pytest.approx(16 / 2 + 15.5 / LOG2)
    assert found.half_life == pytest.approx(1.0)


def test_one_between_values_as_zero():
    found = one(table(10, [0, 1, 2, 3, 4, 5], [0, 16, "BLQ", 4, 2, 1]), blq={"middle": "zero"})
    assert found.auc_last == pytest.approx(16 / 2 + 16 / 2 + 4 / 2 + 3 / LOG2)


def test_those_after_the_last_value_add_nothing():
    full, cut = ([0, 1, 2, 3, 4, 5, 6], [0, 16, 8, 4, 2, "BLQ", "BLQ"]), ([0, 1, 2, 3, 4], [0, 16, 8, 4, 2])
    a, b = one(table(10, *full)), one(table(10, *cut))
    assert (a.auc_last, a.auc_inf, a.tlast) == (b.auc_last, b.auc_inf, 4.0)
    assert a.auc_last == pytest.approx(16 / 2 + 14 / LOG2)


def test_half_of_the_limit():
    found = one(table(10, [0, 1, 2, 3, 4], ["<2", 16, 8, 4, 2]), blq={"first": "half"})
    assert found.auc_last == pytest.approx((1 + 16) / 2 + 14 / LOG2)
    with pytest.raises(InputError, match="blq='half': needs the limit, a column lloq"):
        ldn.nca(table(10, [0, 1, 2, 3, 4], ["BLQ", 16, 8, 4, 2]), blq={"first": "half"})


def test_a_number_for_those_before():
    found = one(table(10, [0, 1, 2, 3, 4], ["BLQ", 16, 8, 4, 2]), blq={"first": 3})
    assert found.auc_last == pytest.approx((3 + 16) / 2 + 14 / LOG2)


def test_nothing_above_the_limit():
    found = one(table(10, [0, 1, 2, 3], ["BLQ", "BLQ", 0, "<1"]))
    assert (found.cmax, found.auc_last, found.blq) == (0.0, 0.0, 4)
    assert math.isnan(found.half_life)
    assert math.isnan(found.tmax)
    assert found.flag == "no value above the limit"


def test_too_few_points_say_so():
    found = one(table(10, [0, 1, 2, 3, 4], [0, 16, 8, 4, "BLQ"]))
    assert math.isnan(found.half_life)
    assert found.auc_last == pytest.approx(16 / 2 + 12 / LOG2)
    assert found.flag == "no terminal phase: too few points fall after the peak"
    assert one(table(10, [0, 1, 2, 3, 4], [0, 16, 8, 4, "BLQ"]), least=2).half_life == pytest.approx(1.0)


def test_a_predose_value_below_the_limit_starts_a_later_interval_at_zero():
    rows = table(10, [0, 1, 2, 3, 4, 23], [0, 16, 8, 4, 2, 1])
    again = [{"ID": 1, "TIME": 24, "DV": "BLQ"}, {"ID": 1, "TIME": 24, "AMT": 10}]
    later = [{"ID": 1, "TIME": 24 + t, "DV": dv} for t, dv in ((1, 16), (2, 8), (3, 4), (4, 2))]
    found = ldn.nca([*rows, *again, *later])
    assert found.auc_last.tolist()[1] == pytest.approx(16 / 2 + 14 / LOG2)


# ---- steady state ---------------------------------------------------------------------------------------


def test_an_interval_at_steady_state():
    found = one(table(12, [0, 1, 2, 3, 4], [1, 8, 4, 2, 1], SS=1, II=4))
    auc = 9 / 2 + 7 / LOG2
    assert found.state == "steady state"
    assert (found.tau, found.cmax, found.cmin, found.ctrough) == (4, 8, 1, 1)
    assert (found.auc, found.cavg, found.cl) == pytest.approx((auc, auc / 4, 12 / auc))
    assert found.swing == pytest.approx(700)
    assert found.fluctuation == pytest.approx(100 * 7 / (auc / 4))
    assert found.extrapolated == pytest.approx(0, abs=1e-9)
    assert found.flag == ""


def test_a_bolus_at_steady_state_has_the_residence_of_a_single_one():
    found = one(table(16, [1, 2, 3, 4], [8, 4, 2, 1], SS=1, II=4), route="bolus")
    assert (found.c0, found.auc) == pytest.approx((16, 15 / LOG2))
    assert found.mrt == pytest.approx(1 / LOG2)
    assert (found.cl, found.vss, found.vz) == pytest.approx((16 * LOG2 / 15, 16 / 15, 16 / 15))


def test_an_infusion_has_half_of_its_length_taken_off():
    k, length = 0.2, 2.0
    t = np.array([0, 0.5, 1, 1.5, 2, 3, 5, 8, 12, 16, 24])
    c = np.where(t <= length, 1 - np.exp(-k * t), (1 - np.exp(-k * length)) * np.exp(-k * (t - length)))
    dense = np.union1d(t, np.linspace(0, length, 2001))
    c = np.where(
        dense <= length, 1 - np.exp(-k * dense), (1 - np.exp(-k * length)) * np.exp(-k * (dense - length))
    )
    found = one(table(10, dense, c, DUR=length))
    assert found.route == "infusion"
    assert found.mrt == pytest.approx(1 / k, rel=1e-6)
    assert found.auc_inf == pytest.approx(length, rel=1e-6)
    assert found.points_from >= length


def test_accumulation_against_the_first_dose():
    rows = table(10, [0, 1, 2, 3, 4], [0, 16, 8, 4, 2], II=4, ADDL=5)
    later = [{"ID": 1, "TIME": 20 + t, "DV": dv} for t, dv in ((0, 2), (1, 18), (2, 9), (3, 4.5), (4, 2.25))]
    first, last = (found for _, found in ldn.nca([*rows, *later], steady_state=True).iterrows())
    assert [first.state, last.state] == ["first dose", "steady state"]
    assert first.auc == pytest.approx(16 / 2 + 14 / LOG2)
    assert last.auc == pytest.approx(20 / 2 + (18 - 2.25) / LOG2)
    assert last.accumulation == pytest.approx(last.auc / first.auc)
    assert math.isnan(first.accumulation)


def test_an_interval_sampled_too_short_is_extended_along_the_terminal_line():
    found = one(table(12, [0, 1, 2, 3, 4], [0, 16, 8, 4, 2], II=6, ADDL=3))
    assert found.auc == pytest.approx(16 / 2 + 15.5 / LOG2)
    assert math.isnan(found.ctrough)
    short = one(table(12, [0, 1, 2, 3, 4], [1, 16, 8, 4, 4], SS=1, II=12), least=3)
    assert "of the area is extrapolated" in short.flag


def test_a_repeated_dose_is_not_taken_for_steady_state():
    rows = table(10, [0, 1, 2, 3, 4], [0, 16, 8, 4, 2])
    again = [{"ID": 1, "TIME": 4, "AMT": 10}]
    later = [{"ID": 1, "TIME": 4 + t, "DV": dv} for t, dv in ((1, 18), (2, 9), (3, 4.5), (4, 2.25))]
    found = ldn.nca([*rows, *again, *later])
    assert found.state.tolist() == ["first dose", "repeated"]
    assert found.flag[1] == "not known to be at steady state"
    assert found.loc[1, ["cl", "mrt", "auc_inf"]].isna().all()
    assert found.tau.tolist() == [4, 4]
    apart = ldn.nca([*rows, *again, *later], steady_state=False)
    assert apart.state.tolist() == ["first dose", "first dose"]
    assert apart.cl.notna().all()


def test_a_later_interval_without_a_value_at_the_dose():
    late = [{"ID": 1, "TIME": t, "DV": dv} for t, dv in ((1, 8), (2, 4), (3, 2), (4, 1))]
    found = one([{"ID": 1, "TIME": 0, "AMT": 12, "SS": 1, "II": 4}, *late])
    assert found.auc == pytest.approx(9 / 2 + 7 / LOG2)
    assert found.flag == "starts with the value that ends the interval"


# ---- where a sample belongs -----------------------------------------------------------------------------


def test_a_trough_listed_before_the_next_bolus_ends_the_interval():
    doses = [{"ID": 1, "TIME": 0, "AMT": 16}, {"ID": 1, "TIME": 4, "AMT": 16}]
    early = [{"ID": 1, "TIME": t, "DV": 16 / 2**t} for t in (1, 2, 3, 4)]
    late = [{"ID": 1, "TIME": 4 + t, "DV": 17 / 2**t} for t in (0, 1, 2, 3, 4)]
    found = ldn.nca([doses[0], *early, doses[1], *late], route="bolus")
    assert found.ctrough.tolist() == [1.0, pytest.approx(17 / 16)]
    assert found.c0.tolist() == [pytest.approx(16), 17.0]
    assert found.auc.tolist() == pytest.approx([15 / LOG2, 17 * 15 / 16 / LOG2])


def test_by_mouth_a_sample_at_the_next_dose_counts_wherever_it_is_listed():
    def rows(trough_first):
        turn = [{"ID": 1, "TIME": 4, "DV": 2}, {"ID": 1, "TIME": 4, "AMT": 10}]
        end = [{"ID": 1, "TIME": 4 + t, "DV": dv} for t, dv in ((1, 18), (2, 9), (3, 4.5), (4, 2.25))]
        return [*table(10, [0, 1, 2, 3], [0, 16, 8, 4]), *(turn if trough_first else turn[::-1]), *end]

    before, after = ldn.nca(rows(True)), ldn.nca(rows(False))
    assert before.auc.tolist() == after.auc.tolist()
    assert before.auc[0] == pytest.approx(16 / 2 + 14 / LOG2)
    assert before.auc_last[1] == pytest.approx(20 / 2 + 15.75 / LOG2)


def test_periods_have_nothing_to_do_with_each_other():
    first = table(10, [0, 1, 2, 3, 4], [0, 16, 8, 4, 2])
    second = table(20, [0, 1, 2, 3, 4], [0, 32, 16, 8, 4], EVID=4)
    with pytest.warns(UserWarning, match="starts again at a reset"):
        found = ldn.nca([*first, *second], unit=None)
    assert found.period.tolist() == [1, 2]
    assert found.state.tolist() == ["first dose"] * 2
    assert found.tau.isna().all()
    assert found.cl.tolist() == pytest.approx([10 / (8 + 16 / LOG2)] * 2)


def test_analytes_are_told_apart():
    rows = [{"ID": 1, "TIME": 0, "AMT": 10}]
    for t, dv in ((1, 16), (2, 8), (3, 4), (4, 2)):
        rows += [{"ID": 1, "TIME": t, "DV": dv, "DVID": 1}, {"ID": 1, "TIME": t, "DV": 2 * dv, "DVID": 2}]
    found = ldn.nca(rows, route="bolus").set_index("dvid")
    assert found.cmax.to_dict() == {1: 16.0, 2: 32.0}
    with pytest.raises(InputError, match=r"time=1\.0: is measured twice \(records 1 and 2\)"):
        ldn.nca([{k: v for k, v in row.items() if k != "DVID"} for row in rows])


def test_the_highest_value_at_once_asks_for_the_route():
    assert one(table(*INDOMETHACIN)).flag.endswith("highest at the first sample: was it a bolus?")
    rows = table(10, [1, 2, 3, 4], [16, 8, 4, 2], DRUG="naltrexone", FORMULATION="iv")
    assert one(rows).route == "bolus"


def test_partial_areas():
    found = one(table(16, [1, 2, 3, 4], [8, 4, 2, 1]), route="bolus", partial=[(0, 2), (1.5, 3), (0, 10)])
    assert found["auc(0, 2)"] == pytest.approx(12 / LOG2)
    assert found["auc(1.5, 3)"] == pytest.approx((16 / 2**1.5 - 2) / LOG2)
    assert found["auc(0, 10)"] == pytest.approx((16 - 16 / 1024) / LOG2)
    rising = one(table(10, [0, 1, 2, 3, 4, 5], [0, 8, 16, 8, 4, 2]), partial=[(0, 1.5), (1.5, 3)])
    assert rising["auc(0, 1.5)"] == pytest.approx(8 / 2 + 0.5 * (8 + 12) / 2)
    assert rising["auc(1.5, 3)"] == pytest.approx(0.5 * (12 + 16) / 2 + 8 / LOG2)


def test_doses_of_one_time_are_one_dose():
    seen = ([0, 1, 2, 3, 4], [0, 16, 8, 4, 2])
    whole, parts = one(table(10, *seen)), one([{"ID": 1, "TIME": 0, "AMT": 6}, *table(4, *seen)])
    assert parts.cl == pytest.approx(whole.cl)
    together = one([{"ID": 1, "TIME": 0, "AMT": 6, "DUR": 2}, *table(4, *seen, DUR=1)])
    assert together.cl == pytest.approx(whole.cl)
    assert together.mrt == pytest.approx(whole.mrt - 2 / 2)  # as long as the longest


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"route": "oral"}, "route='oral'.*extravascular, bolus, infusion"),
        ({"tau": -1}, "tau=-1: must be a finite number > 0 h"),
        ({"partial": [(4, 2)]}, r"partial\[0\]=\(4\.0, 2\.0\): must end after it starts"),
        ({"partial": [(2, 2)]}, r"partial\[0\]=\(2\.0, 2\.0\): must end after it starts"),
        ({"partial": [3]}, r"partial\[0\]=3: must be \(from, to\)"),
        ({"blq": {"start": "zero"}}, "blq='start'"),
        ({"blq": {"first": "null"}}, r"blq\['first'\]='null'"),
        ({"blq": {"first": -1}}, r"blq\['first'\]=-1: must be a finite number >= 0"),
        ({"least": 1}, "least=1: must be a whole number >= 2"),
        ({"steady_state": "yes"}, "steady_state='yes': must be True, False or None"),
    ],
)
def test_refused(how, words):
    with pytest.raises(ValueError, match=words):
        ldn.nca(table(16, [1, 2, 3, 4], [8, 4, 2, 1]), **how)


def test_refused_data():
    with pytest.raises(InputError, match=r"dv=-1\.0: must be >= 0 for a concentration \(record 2\)"):
        ldn.nca(table(16, [1, 2], [8, -1.0]))
    with pytest.raises(InputError, match="holds no measurement from a dose on"):
        ldn.nca([{"ID": 1, "TIME": 0, "DV": 1.0}, {"ID": 1, "TIME": 1, "AMT": 5}])
    two = [{"ID": 1, "TIME": 0, "AMT": 5}, {"ID": 1, "TIME": 0, "AMT": 5, "DRUG": "oxycodone"}]
    with pytest.raises(InputError, match="takes 'naltrexone' and 'oxycodone'"):
        ldn.nca([*two, {"ID": 1, "TIME": 1, "DV": 1.0}])


# ---- exact courses --------------------------------------------------------------------------------------

KA, CL, V, AMOUNT = 1.2, 3.0, 24.0, 100.0
TEXT = f"""
model oral
  gut' = -ka*gut; A' = ka*gut - CL/V*A; gut = 0; A = 0; ka = {KA}; CL = {CL}; V = {V}
  Cp := A/V
end
"""


def sampled(regimen, cmt, until, step=0.01):
    """Rows of doses and of an exact course looked at densely, by way of the records."""
    times = np.round(np.arange(0.0, until + step / 2, step), 9)
    rows = [{"ID": 1, "TIME": 0, "CMT": cmt, **regimen}, *({"ID": 1, "TIME": t, "DV": 1.0} for t in times)]
    data = ldn.read_data(rows)
    model = ldn.Model.from_antimony(TEXT)
    course = ldn.simulate(model, data.regimens[1], times="records", outputs=["Cp"], rtol=1e-10).Cp.values
    return [rows[0], *({"ID": 1, "TIME": t, "DV": max(v, 0.0)} for t, v in zip(times, course, strict=True))]


def test_a_single_dose_sampled_densely_has_the_exact_numbers():
    found = one(sampled({"AMT": AMOUNT}, "gut", 72.0))
    k = CL / V
    peak = math.log(KA / k) / (KA - k)
    assert found.auc_inf == pytest.approx(AMOUNT / CL, rel=1e-5)
    assert found.mrt == pytest.approx(1 / k + 1 / KA, rel=1e-5)
    assert found.half_life == pytest.approx(LOG2 / k, rel=1e-3)
    assert found.tmax == pytest.approx(peak, abs=0.01)
    assert (found.cl, found.vz) == pytest.approx((CL, V), rel=1e-3)


def test_an_interval_at_steady_state_sampled_densely_has_the_exact_numbers():
    found = one(sampled({"AMT": AMOUNT, "SS": 1, "II": 12, "ADDL": 0}, "gut", 12.0))
    assert found.auc == pytest.approx(AMOUNT / CL, rel=1e-5)
    assert found.cavg == pytest.approx(AMOUNT / CL / 12, rel=1e-5)
    assert found.cl == pytest.approx(CL, rel=1e-5)
    assert found.mrt == pytest.approx(V / CL + 1 / KA, rel=1e-2)  # what is absorbed late bends the end


def test_a_bolus_sampled_densely_has_the_exact_numbers():
    rows = sampled({"AMT": AMOUNT}, "A", 72.0)
    found = one([rows[0], *rows[26:]], route="bolus")  # the first value after a quarter of an hour
    assert found.c0 == pytest.approx(AMOUNT / V, rel=1e-6)
    assert (found.auc_inf, found.mrt) == pytest.approx((AMOUNT / CL, V / CL), rel=1e-6)
    assert (found.vss, found.vz) == pytest.approx((V, V), rel=1e-6)
