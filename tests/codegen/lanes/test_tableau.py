"""What the lane kernels take for granted of their tableau."""

import numpy as np

from ldnsim.codegen.lanes.layout import STAGES, SUMMED
from ldnsim.codegen.lanes.rodas import FOLLOWED, FOLLOWS
from ldnsim.engine.tableaux import RODAS5P_A, RODAS5P_C, RODAS5P_D, RODAS5P_K


def test_late_arguments_are_the_one_before_plus_an_increment():
    assert len(RODAS5P_C) == STAGES
    for stage in range(SUMMED + 1, STAGES):
        before, here = RODAS5P_A[stage - 1], RODAS5P_A[stage]
        np.testing.assert_array_equal(here - before, np.eye(STAGES)[stage - 1])


def test_early_weights_of_the_last_stage_follow_from_the_two_before():
    early = RODAS5P_K[FOLLOWED:, :FOLLOWED]
    assert len(early) == 3
    np.testing.assert_allclose(early[2], early[1] + FOLLOWS * (early[1] - early[0]), rtol=1e-13)


def test_late_stages_have_no_drift():
    np.testing.assert_array_equal(RODAS5P_D[SUMMED:], 0.0)
