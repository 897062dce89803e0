"""libRoadRunner: SBML compiled by LLVM, integrated by CVODE.

Doses are added between ``simulate`` calls; events in the model take the same time (tried), as CVODE restarts
at each either way. CVODE's Adams method is used where the case is not stiff: it is the faster one there.
"""

from __future__ import annotations

import numpy as np

from . import Solver


def cvode(case) -> Solver:
    import antimony
    import roadrunner

    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(case.antimony) < 0:
        raise ValueError(antimony.getLastError())
    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_ERROR)
    rr = roadrunner.RoadRunner(antimony.getSBMLString(case.name))
    rr.timeCourseSelections = list(case.states)
    ids = list(rr.model.getGlobalParameterIds())
    columns = [ids.index(p) for p in case.parameters]
    step, model = case.interval, rr.model
    rr.integrator.setValue("stiff", case.name.startswith("stiff"))
    rr.integrator.setValue("maximum_num_steps", 1_000_000)

    def run(tol, values):
        rr.integrator.setValue("relative_tolerance", tol)
        rr.integrator.setValue("absolute_tolerance", 1e-3 * tol)
        out = np.empty((len(values), len(case.states), len(case.hours)))
        for k, p in enumerate(values):
            rr.reset()
            model.setGlobalParameterValues(columns, p)
            for day in range(case.days):
                model[case.cmt] = model[case.cmt] + case.dose
                part = rr.simulate(day * step, (day + 1) * step, step + 1)
                out[k, :, day * step : (day + 1) * step + 1] = np.asarray(part).T
        return out

    return Solver(run)
