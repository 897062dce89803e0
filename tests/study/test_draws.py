"""More draws than are shipped are refused wherever draws are asked for."""

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
