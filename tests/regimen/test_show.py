"""How a regimen shows itself."""

from ldnsim import Regimen
from ldnsim.regimen import Record
from ldnsim.regimen.show import sentence


def test_text_says_day_clock_dose_and_rhythm():
    shown = repr(Regimen.daily(4.5, days=28, at="22:00") + Regimen.single(2, drug="lps", at=60))
    assert shown.splitlines() == [
        "Regimen: 29 doses over 28 days",
        "  day 1, 22:00: 4.5 mg naltrexone capsule x 28 every 24 h",
        "  day 3, 12:00: 2 ng/kg lps iv",
    ]


def test_a_sentence_says_all_in_one_line():
    both = Regimen.daily(4.5, days=28, at="22:00") + Regimen.single(2, drug="lps", at=60)
    told = "4.5 mg naltrexone capsule x 28 every 24 h from day 1, 22:00; 2 ng/kg lps iv from day 3, 12:00"
    assert sentence(both) == told
    assert sentence(Regimen()) == "nothing"
    many = [Record(float(k) ** 1.5, float(k)) for k in range(1, 31)]
    assert sentence(Regimen(many)).endswith("; 18 more")


def test_a_regimen_that_begins_late_says_so():
    late = Regimen.parse("4.5 mg nightly from day 3", days=4)
    assert repr(late).splitlines() == [
        "Regimen: 4 doses over 4 days; its day 1 is day 3 of the run",
        "  day 1, 22:00: 4.5 mg naltrexone capsule x 4 every 24 h",
    ]
    assert sentence(late) == "4.5 mg naltrexone capsule x 4 every 24 h from day 3, 22:00"


def test_doses_of_nothing_are_a_placebo():
    told = repr(Regimen.parse("0 mg nightly + tramadol 50 mg every 6 h from 08:00", days=2)).splitlines()
    assert told[1:] == [
        "  day 1, 08:00: 50 mg tramadol oral x 8 every 6 h",
        "  day 1, 22:00: 0 mg naltrexone capsule x 2 every 24 h (placebo)",
    ]
    placebos = [Regimen.single(0), Regimen.daily(0, days=3), Regimen(), Regimen.daily(4.5, days=3, F=0.0)]
    assert all(r.is_placebo for r in placebos)
    endless = Regimen([Record(30, 0, 2, rate=5, ss=1)])
    assert not any(r.is_placebo for r in (Regimen.single(4.5), Regimen.single(0) + Regimen.single(1), endless))


def test_text_says_what_is_special():
    rows = [
        Record(0, 100, "CENT", ii=12, ss=1, rate=10, F=0.4),
        Record(24, 100, 2, evid=4, rate=-2, lag=0.5, extra=(("dur", 3.0),)),
        Record(25, 100, 2, rate=-1),
        Record(30, 0, 2, rate=5, ss=1),
        Record(40, evid=3),
        Record(41, evid=0),
    ]
    shown = repr(Regimen(rows))
    for words in (
        "4 doses over 2 days and 1 observation",
        "100 into CENT (at steady state, at 10/h, F 0.4)",
        "(after a reset, over 3 h, lag 0.5 h)",
        "(at the model's rate)",
        "constant infusion into 2 (at steady state, at 5/h)",
        "day 2, 16:00: reset",
    ):
        assert words in shown


def test_a_steady_state_shows_the_clock_of_its_doses():
    assert "day 1, 22:00: 4.5 mg naltrexone capsule x 3" in repr(
        Regimen.daily(4.5, days=3, at="22:00", ss=True)
    )


def test_long_regimens_are_cut():
    many = Regimen(Record(24.0 * k, 1.0 + k, 1) for k in range(40))
    assert repr(many).splitlines()[-1] == "  ... 28 more"
    assert many._repr_html_().count("<tr>") == 1 + 12 + 1


def test_html_is_a_table_and_escapes():
    page = Regimen.single(1, cmt="<b>")._repr_html_()
    assert page.count("<table>") == page.count("</table>") == 1
    assert "into &lt;b&gt;" in page
    assert "00:00" in page


def test_no_dose():
    assert repr(Regimen()) == "Regimen: no dose"
