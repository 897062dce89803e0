"""More draws than are shipped are refused wherever draws are asked for."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.inference.draws import count_of
from ldnsim.study.draws import draws_of

MANY = 100_000


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


STUDIES = {
    "titrations": lambda m: ldn.titrations(m, {"at once": [(4.5, 7)]}, draws=MANY),
    "endotoxin": lambda m: ldn.cytokine_readings(m, draws=MANY),
    "claims": lambda m: ldn.claims(m, draws=MANY),
    "virtual_trial": lambda m: ldn.virtual_trial(m, worlds=MANY),
    "posterior": lambda m: ldn.posterior(m, MANY),
    "compare": lambda m: ldn.compare(m, {"a": ldn.Regimen.single(4.5)}, n=MANY),
    "headlines": lambda m: ldn.headlines(m, n=MANY),
    "qualify": lambda m: ldn.qualify(m, n=MANY),
}


@pytest.mark.kind("more-draws-than-shipped")
def test_a_washout_of_more_draws_than_are_shipped_is_refused(model):
    with pytest.raises(ldn.InputError, match=r"draws=100000: must be at most the \d+ draws shipped"):
        ldn.washout(model, "oxycodone", dose=30, days=10, draws=MANY)


@pytest.mark.kind("more-draws-than-shipped", sibling="Every other study that takes draws")
@pytest.mark.parametrize("name", STUDIES)
def test_so_are_those_of_other_studies(model, name):
    with pytest.raises(
        ldn.InputError, match=r"(draws|worlds|n)=100000: must be at most the \d+ draws shipped"
    ):
        STUDIES[name](model)


def test_as_many_as_are_shipped_are_all_of_them(model):
    most = count_of(model)
    assert draws_of(model, most).equals(ldn.posterior(model))
    assert len(draws_of(model, most - 1)) == most - 1
    with pytest.raises(ldn.InputError, match=f"draws={most + 1}: must be at most the {most} draws"):
        draws_of(model, most + 1)


NIGHT = "4.5 mg at 22:00"
ENDS = {  # both ends of each interval that a door gives, of so many draws
    "compare": lambda m, n: ldn.compare(m, ldn.Regimen.parse(NIGHT, 1), metrics="cmax", n=n)
    .cmax.sel(quantile=[0.05, 0.95])
    .values,
    "dose_response": lambda m, n: ldn.dose_response(m, [3, 4.5], "rebound_peak", days=1, n=n)
    .rebound_peak.sel(quantile=[0.05, 0.95])
    .values,
    "level_at": lambda m, n: ldn.level_at(m, NIGHT, after=2, draws=n)[["low", "high"]].values,
    "dose_for": lambda m, n: ldn.dose_for(m, "cmax naltrexone", 3, days=1, draws=n)[["low", "high"]].values,
    "washout of an opioid": lambda m, n: [
        float(ldn.washout(m, "oxycodone", dose=20, days=5, draws=n)[k]) for k in ("wait_low", "wait_high")
    ],
    "washout of naltrexone": lambda m, n: ldn.washout(
        m, "morphine", dose=4.5, days=5, direction="ldn_to_opioid", draws=n
    )
    .regained.sel(quantile=["low", "high"])
    .values,
    "titrations": lambda m, n: ldn.titrations(m, {"at once": [(4.5, 3)]}, draws=n)[["low", "high"]].values,
    "cytokine_readings": lambda m, n: ldn.cytokine_readings(
        m, ldn.Regimen.parse(NIGHT, 2), scenarios="no_tlr4", draws=n
    )[["low", "high"]].values,
}


@pytest.mark.kind("few-draws", sibling="every function that gives an interval over draws")
@pytest.mark.parametrize("door", ENDS)
def test_no_interval_is_given_of_fewer_than_20_draws(model, door):
    assert np.isnan(ENDS[door](model, 19)).all()
    assert np.isfinite(ENDS[door](model, 20)).all()
