"""The shipped models, exported to SBML, in libRoadRunner: the same numbers from another house."""

import itertools

import numpy as np
import pytest

import ldnsim as ldn

from ..referee import referee

roadrunner = referee()

DOSE, DAYS, HOUR = 4.5, 7, 22.0
TIMES = np.arange(0.0, 24.0 * DAYS + 1e-9, 2.0)


def referee_run(model, outputs):
    """Integrate the exported SBML between doses; a capsule enters the gut after its lag."""
    runner = roadrunner.RoadRunner(model.to_sbml())
    runner.integrator.relative_tolerance, runner.integrator.absolute_tolerance = 1e-11, 1e-13
    runner.integrator.maximum_num_steps = 100_000
    runner.timeCourseSelections = ["time", *outputs]
    values = dict(zip(model.parameter_ids, model.values, strict=True))
    doses = [24.0 * day + HOUR + values["tlag"] for day in range(DAYS)]
    edges = [0.0, *(t for t in doses if t < TIMES[-1]), TIMES[-1]]
    rows = []
    for start, end in itertools.pairwise(edges):
        if start > 0.0:
            runner["A_gut"] = runner["A_gut"] + DOSE * values["salt_factor"]
        inside = TIMES[(start <= TIMES) & (end > TIMES)]
        wanted = np.unique([start, *inside, end])
        answer = runner.simulate(times=wanted.tolist())
        rows += [row for row in np.asarray(answer) if row[0] in inside or row[0] == end == TIMES[-1]]
    return np.array(rows)


@pytest.mark.parametrize("name", ["ldn", "naltrexone_pk"])
def test_libroadrunner_agrees_over_a_week(name):
    model = ldn.load_model(name)
    outputs = list(model.observables)
    regimen = ldn.Regimen.daily(DOSE, days=DAYS, at="22:00", formulation="capsule")
    ours = ldn.simulate(model, regimen, times=TIMES, outputs=outputs, rtol=1e-9)
    theirs = referee_run(model, outputs)
    assert theirs[:, 0] == pytest.approx(TIMES)
    for column, output in enumerate(outputs, start=1):
        reference = theirs[:, column]
        floor = 1e-6 * np.abs(reference).max()  # before the first dose both are 0
        np.testing.assert_allclose(ours[output].values, reference, rtol=1e-6, atol=floor, err_msg=output)
