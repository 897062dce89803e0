"""What is no model, no seed, no list is refused by name at the door, before anything is simulated."""

import pytest

import ldnsim as ldn
from ldnsim.errors import InputError, UnknownNameError

RULE = "from 1.5 mg raise by 1.5 mg each 7 days to 4.5 mg unless max withdrawal > 0.2; hold"
WEEK = ldn.Regimen.daily(4.5, days=7)


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def people(model):
    return ldn.population(model, n=2, seed=1)


@pytest.mark.parametrize(
    "call",
    [
        lambda no: ldn.calibrate(no),
        lambda no: ldn.qualify(no),
        lambda no: ldn.posterior(no),
        lambda no: ldn.robustness(no, n=10),
        lambda no: ldn.headlines(no),
        lambda no: ldn.claims(no),
        lambda no: ldn.washout(no, "oxycodone", dose=30, days=10),
        lambda no: ldn.virtual_trial(no),
        lambda no: ldn.published_trials(no),
        lambda no: ldn.titrations(no, {"at once": [(4.5, 7)]}),
        lambda no: ldn.titrate(no, RULE, days=7, subjects=ldn.population(ldn.load_model("ldn"), n=1)),
        lambda no: ldn.endotoxin(no),
        lambda no: ldn.cytokine_readings(no),
    ],
)
@pytest.mark.parametrize("no", ["ldn", 3])
def test_what_is_no_model(call, no):
    with pytest.raises(InputError, match="model="):
        call(no)


@pytest.mark.parametrize("seed", [-1, 1.5, "x", None, True])
def test_what_is_no_seed(model, seed):
    calls = [
        lambda: ldn.calibrate(model, seed=seed, quick=True),
        lambda: ldn.claims(model, only=["transient"], draws=2, seed=seed),
        lambda: ldn.virtual_trial(model, seed=seed),
        lambda: ldn.washout(model, "oxycodone", dose=30, days=10, draws=2, seed=seed),
    ]
    if seed is not None:
        calls.append(lambda: ldn.posterior(model, n=3, seed=seed))
    for call in calls:
        with pytest.raises(InputError, match="seed="):
            call()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"arms": ["a", "b"]}, "arms=.*dict"),
        ({"arms": {"a": None, "b": 4.5}}, r"arms\['b'\]=4.5: must be a Regimen, its words, or None"),
        ({"weeks": {"placebo": 3}}, "must name the arms, 'placebo', '4.5 mg'"),
        ({"weeks": {"placebo": 3, "4.5 mg": 3, "z": 1}}, "must name the arms"),
        ({"weeks": float("nan")}, "weeks=nan"),
        ({"weeks": 0.2}, "weeks=0.2: must be longer"),
        ({"dropout": "x"}, "dropout='x'"),
        ({"dropout": 1.0}, r"dropout=1.0: must be in \[0, 1\)"),
        ({"alpha": "a"}, "alpha='a'"),
        ({"alpha": 1.5}, "alpha=1.5"),
        ({"washout": 2}, "washout=2.0: has no effect in a parallel trial"),
        ({"order": "given"}, "order='given': has no effect"),
        ({"design": "crossover", "washout": -2}, "washout=-2"),
    ],
)
def test_trials(model, how, said):
    with pytest.raises(InputError, match=said):
        ldn.virtual_trial(model, **how)


def test_waits_need_a_dose(model):
    for dose in (0, -1, float("nan"), "much"):
        with pytest.raises(InputError, match="dose="):
            ldn.washout(model, "oxycodone", dose=dose, days=10, draws=2)


def test_titration(model, people):
    for rule in (None, 3):
        with pytest.raises(InputError, match=r"rule=.*Feedback"):
            ldn.titrate(model, rule, days=14, subjects=people)
    for subjects in (None, 5, people.iloc[:0]):
        with pytest.raises(InputError, match="subjects="):
            ldn.titrate(model, RULE, days=14, subjects=subjects)
    for schedules in ({}, [(4.5, 7)]):
        with pytest.raises(InputError, match="schedules="):
            ldn.titrations(model, schedules)
    with pytest.raises(InputError, match="found="):
        ldn.replay(model, RULE, None, people)
    found = ldn.titrate(model, RULE, days=7, subjects=people)
    with pytest.raises(InputError, match="for these 1 subjects"):
        ldn.replay(model, RULE, found, people.iloc[:1])


def test_readings(model):
    with pytest.raises(InputError, match="scenarios="):
        ldn.cytokine_readings(model, scenarios=[])
    with pytest.raises(UnknownNameError, match="no_tlr4"):
        ldn.cytokine_readings(model, scenarios=["no_tlr"], draws=2)
    one = ldn.cytokine_readings(model, WEEK, scenarios="no_tlr4", draws=2)
    assert list(one.index.unique("scenario")) == ["no_tlr4"], "one name may stand alone"
