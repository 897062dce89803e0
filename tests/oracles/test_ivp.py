"""Stiff problems whose end points others computed (Test Set for IVP Solvers), and the DETEST classes A to E.

References: F. Mazzia, C. Magherini, Test Set for Initial Value Problem Solvers (HIRES, ROBER, OREGO, VDPOL,
POLLU; RADAU5 at 1.1e-18); T. E. Hull et al., SIAM J. Numer. Anal. 9 (1972) 603-637 (DETEST), whose values at
t = 20 are computed here by SciPy.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from ldnsim.engine import System
from ldnsim.engine.solve import integrate


def hires(t, y, c, dy):
    dy[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007
    dy[1] = 1.71 * y[0] - 8.75 * y[1]
    dy[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4]
    dy[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3]
    dy[4] = -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6]
    dy[5] = -280.0 * y[5] * y[7] + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6]
    dy[6] = 280.0 * y[5] * y[7] - 1.81 * y[6]
    dy[7] = -dy[6]


def hires_jac(t, y, c, jac):
    jac[:, :] = 0.0
    jac[0, 0], jac[0, 1], jac[0, 2] = -1.71, 0.43, 8.32
    jac[1, 0], jac[1, 1] = 1.71, -8.75
    jac[2, 2], jac[2, 3], jac[2, 4] = -10.03, 0.43, 0.035
    jac[3, 1], jac[3, 2], jac[3, 3] = 8.32, 1.71, -1.12
    jac[4, 4], jac[4, 5], jac[4, 6] = -1.745, 0.43, 0.43
    jac[5, 3], jac[5, 4], jac[5, 6] = 0.69, 1.71, 0.69
    jac[5, 5], jac[5, 7] = -280.0 * y[7] - 0.43, -280.0 * y[5]
    jac[6, 5], jac[6, 6], jac[6, 7] = 280.0 * y[7], -1.81, 280.0 * y[5]
    jac[7, 5], jac[7, 6], jac[7, 7] = -280.0 * y[7], 1.81, -280.0 * y[5]


def rober(t, y, c, dy):
    dy[0] = -0.04 * y[0] + 1e4 * y[1] * y[2]
    dy[2] = 3e7 * y[1] * y[1]
    dy[1] = -dy[0] - dy[2]


def rober_jac(t, y, c, jac):
    jac[0, 0], jac[0, 1], jac[0, 2] = -0.04, 1e4 * y[2], 1e4 * y[1]
    jac[2, 0], jac[2, 1], jac[2, 2] = 0.0, 6e7 * y[1], 0.0
    for j in range(3):
        jac[1, j] = -jac[0, j] - jac[2, j]


def orego(t, y, c, dy):
    dy[0] = 77.27 * (y[1] + y[0] * (1.0 - 8.375e-6 * y[0] - y[1]))
    dy[1] = (y[2] - (1.0 + y[0]) * y[1]) / 77.27
    dy[2] = 0.161 * (y[0] - y[2])


def orego_jac(t, y, c, jac):
    jac[0, 0], jac[0, 1], jac[0, 2] = (
        77.27 * (1.0 - 2.0 * 8.375e-6 * y[0] - y[1]),
        77.27 * (1.0 - y[0]),
        0.0,
    )
    jac[1, 0], jac[1, 1], jac[1, 2] = -y[1] / 77.27, -(1.0 + y[0]) / 77.27, 1.0 / 77.27
    jac[2, 0], jac[2, 1], jac[2, 2] = 0.161, 0.0, -0.161


def vdpol(t, y, c, dy):
    dy[0] = y[1]
    dy[1] = 1000.0 * (1.0 - y[0] * y[0]) * y[1] - y[0]


def vdpol_jac(t, y, c, jac):
    jac[0, 0], jac[0, 1] = 0.0, 1.0
    jac[1, 0], jac[1, 1] = -2000.0 * y[0] * y[1] - 1.0, 1000.0 * (1.0 - y[0] * y[0])


# POLLU: rate constant of each reaction and the species, one or two, that react (numbered from 1, 0: none).
REACTIONS = np.array(
    [
        (0.35, 1, 0), (26.6, 2, 4), (1.23e4, 5, 2), (8.6e-4, 7, 0), (8.2e-4, 7, 0), (1.5e4, 7, 6),
        (1.3e-4, 9, 0), (2.4e4, 9, 6), (1.65e4, 11, 2), (9e3, 11, 1), (2.2e-2, 13, 0),
        (1.2e4, 10, 2), (1.88, 14, 0),
        (1.63e4, 1, 6), (4.8e6, 3, 0), (3.5e-4, 4, 0), (1.75e-2, 4, 0), (1e8, 16, 0), (4.44e11, 16, 0),
        (1.24e3, 17, 6), (2.1, 19, 0), (5.78, 19, 0), (4.74e-2, 1, 4), (1.78e3, 19, 1), (3.12, 20, 0),
    ]
)  # fmt: skip
# Reactions that make (+) and use (-) each species.
BALANCE = [
    (-1, -10, -14, -23, -24, 2, 3, 9, 11, 12, 22, 25), (-2, -3, -9, -12, 1, 21), (-15, 1, 17, 19, 22),
    (-2, -16, -17, -23, 15), (-3, 4, 4, 6, 7, 13, 20), (-6, -8, -14, -20, 3, 18, 18), (-4, -5, -6, 13),
    (4, 5, 6, 7), (-7, -8), (-12, 7, 9), (-9, -10, 8, 11), (9,), (-11, 10), (-13, 12), (14,), (-18, -19, 16),
    (-20,), (20,), (-21, -22, -24, 23, 25), (-25, 24),
]  # fmt: skip
RATE, FIRST, SECOND = REACTIONS[:, 0], REACTIONS[:, 1].astype(int) - 1, REACTIONS[:, 2].astype(int) - 1
STOICHIOMETRY = np.array([[row.count(j) - row.count(-j) for j in range(1, 26)] for row in BALANCE], float)


def pollu(t, y, c, dy):
    dy[:] = 0.0
    for r in range(25):
        rate = RATE[r] * y[FIRST[r]] * (y[SECOND[r]] if SECOND[r] >= 0 else 1.0)
        for i in range(20):
            dy[i] += STOICHIOMETRY[i, r] * rate


def pollu_jac(t, y, c, jac):
    jac[:, :] = 0.0
    for r in range(25):
        a, b = FIRST[r], SECOND[r]
        for i in range(20):
            jac[i, a] += STOICHIOMETRY[i, r] * RATE[r] * (y[b] if b >= 0 else 1.0)
            if b >= 0:
                jac[i, b] += STOICHIOMETRY[i, r] * RATE[r] * y[a]


def start(n, **values):
    y = np.zeros(n)
    for name, value in values.items():
        y[int(name[1:]) - 1] = value
    return y


STIFF = {
    "HIRES": (
        hires, hires_jac, start(8, y1=1.0, y8=0.0057), 321.8122, [
            7.371312573325668e-4, 1.442485726316185e-4, 5.888729740967575e-5, 1.175651343283149e-3,
            2.386356198831331e-3, 6.238968252742796e-3, 2.849998395185769e-3, 2.850001604814231e-3,
        ],
    ),
    "HIRES, later": (
        hires, hires_jac, start(8, y1=1.0, y8=0.0057), 421.8122, [
            6.70305503581864e-4, 1.30996846986347e-4, 4.6862231597733e-5, 1.044668020551705e-3,
            5.94883830951485e-4, 1.399628833942774e-3, 1.01449275771848e-3, 4.68550724228152e-3,
        ],
    ),
    "ROBER": (
        rober, rober_jac, start(3, y1=1.0), 1e11,
        [2.083340149701255e-8, 8.333360770334713e-14, 0.9999999791665050],
    ),
    "OREGO": (
        orego, orego_jac, np.array([1.0, 2.0, 3.0]), 360.0,
        [1.000814870318523, 1228.178521549917, 132.0554942846706],
    ),
    "VDPOL": (
        vdpol, vdpol_jac, np.array([2.0, 0.0]), 2000.0, [1.706167732170469, -8.928097010248125e-4],
    ),
    "POLLU": (
        pollu, pollu_jac, start(20, y2=0.2, y4=0.04, y7=0.1, y8=0.3, y9=0.01, y17=0.007), 60.0, [
            5.646255480022769e-2, 0.1342484130422339, 4.139734331099427e-9, 5.523140207484359e-3,
            2.018977262302196e-7, 1.464541863493966e-7, 7.784249118997964e-2, 0.3245075353396018,
            7.494013383880406e-3, 1.622293157301561e-8, 1.135863833257075e-8, 2.230505975721359e-3,
            2.087162882798630e-4, 1.396921016840158e-5, 8.964884856898295e-3, 4.352846369330103e-18,
            6.899219696263405e-3, 1.007803037365946e-4, 1.772146513969984e-6, 5.682943292316392e-5,
        ],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def stiff_systems():
    return {
        name: System.from_functions(f, len(y0), jac, name=name) for name, (f, jac, y0, _, _) in STIFF.items()
    }


# Most steps, accepted and rejected, at each tolerance: what was counted, and a tenth more.
WORK = {
    "HIRES": {1e-6: 400, 1e-9: 2820, 1e-11: 9750},
    "HIRES, later": {1e-6: 460, 1e-9: 3080, 1e-11: 10400},
    "ROBER": {1e-6: 450, 1e-9: 1840, 1e-11: 7070},
    "OREGO": {1e-6: 1130, 1e-9: 6150, 1e-11: 20200},
    "VDPOL": {1e-6: 960, 1e-9: 5200, 1e-11: 19700},
    "POLLU": {1e-6: 300, 1e-9: 1360, 1e-11: 4330},
}


@pytest.mark.parametrize("name", STIFF)
@pytest.mark.parametrize(("rtol", "digits"), [(1e-6, 5), (1e-9, 8), (1e-11, 10)])
def test_rodas5p_on_stiff_problems(stiff_systems, name, rtol, digits):
    _, _, y0, t_end, expected = STIFF[name]
    # The absolute tolerance matters for no component: all digits of the smallest are asked for.
    solution = integrate(
        stiff_systems[name],
        y0,
        None,
        None,
        [t_end],
        method="rodas5p",
        rtol=rtol,
        atol=1e-3 * rtol * np.abs(expected),
    )
    assert solution.finished.all()
    error = np.max(np.abs(solution.values[0, :, 0] / expected - 1.0))
    assert -np.log10(error) >= digits
    assert solution.steps[0] + solution.rejected[0] <= WORK[name][rtol]


# ---- DETEST, t from 0 to 20 ----
def a1(t, y, c, dy):
    dy[0] = -y[0]


def a2(t, y, c, dy):
    dy[0] = -0.5 * y[0] ** 3


def a3(t, y, c, dy):
    dy[0] = y[0] * np.cos(t)


def a4(t, y, c, dy):
    dy[0] = 0.25 * y[0] * (1.0 - y[0] / 20.0)


def a5(t, y, c, dy):
    dy[0] = (y[0] - t) / (y[0] + t)


def b1(t, y, c, dy):
    dy[0] = 2.0 * (y[0] - y[0] * y[1])
    dy[1] = y[0] * y[1] - y[1]


def b2(t, y, c, dy):
    dy[0] = y[1] - y[0]
    dy[1] = y[0] - 2.0 * y[1] + y[2]
    dy[2] = y[1] - y[2]


def b3(t, y, c, dy):
    dy[0] = -y[0]
    dy[1] = y[0] - y[1] ** 2
    dy[2] = y[1] ** 2


def b4(t, y, c, dy):
    r = np.sqrt(y[0] ** 2 + y[1] ** 2)
    dy[0] = -y[1] - y[0] * y[2] / r
    dy[1] = y[0] - y[1] * y[2] / r
    dy[2] = y[0] / r


def b5(t, y, c, dy):
    dy[0] = y[1] * y[2]
    dy[1] = -y[0] * y[2]
    dy[2] = -0.51 * y[0] * y[1]


def c1(t, y, c, dy):
    for i in range(10):
        dy[i] = (y[i - 1] if i else 0.0) - (y[i] if i < 9 else 0.0)


def c2(t, y, c, dy):
    for i in range(10):
        dy[i] = i * (y[i - 1] if i else 0.0) - (i + 1) * (y[i] if i < 9 else 0.0)


def c3(t, y, c, dy):
    for i in range(y.size):
        dy[i] = (y[i - 1] if i else 0.0) - 2.0 * y[i] + (y[i + 1] if i < y.size - 1 else 0.0)


def orbit(t, y, c, dy):
    r3 = (y[0] ** 2 + y[1] ** 2) ** 1.5
    dy[0], dy[1], dy[2], dy[3] = y[2], y[3], -y[0] / r3, -y[1] / r3


def e1(t, y, c, dy):
    dy[0] = y[1]
    dy[1] = -(y[1] / (t + 1.0) + (1.0 - 0.25 / (t + 1.0) ** 2) * y[0])


def e2(t, y, c, dy):
    dy[0] = y[1]
    dy[1] = (1.0 - y[0] ** 2) * y[1] - y[0]


def e3(t, y, c, dy):
    dy[0] = y[1]
    dy[1] = y[0] ** 3 / 6.0 - y[0] + 2.0 * np.sin(2.78535 * t)


def e4(t, y, c, dy):
    dy[0] = y[1]
    dy[1] = 0.032 - 0.4 * y[1] ** 2


def e5(t, y, c, dy):
    dy[0] = y[1]
    dy[1] = np.sqrt(1.0 + y[1] ** 2) / (25.0 - t)


def eccentric(e):
    return orbit, [1.0 - e, 0.0, 0.0, np.sqrt((1.0 + e) / (1.0 - e))]


# Problem and start.
DETEST = {
    "A1": (a1, [1.0]), "A2": (a2, [1.0]), "A3": (a3, [1.0]), "A4": (a4, [1.0]), "A5": (a5, [4.0]),
    "B1": (b1, [1.0, 3.0]), "B2": (b2, [2.0, 0.0, 1.0]), "B3": (b3, [1.0, 0.0, 0.0]),
    "B4": (b4, [3.0, 0.0, 0.0]), "B5": (b5, [0.0, 1.0, 1.0]),
    "C1": (c1, np.eye(10)[0]), "C2": (c2, np.eye(10)[0]), "C3": (c3, np.eye(10)[0]),
    "C4": (c3, np.eye(51)[0]),
    "D1": eccentric(0.1), "D2": eccentric(0.3), "D3": eccentric(0.5), "D4": eccentric(0.7),
    "D5": eccentric(0.9),
    "E1": (e1, [0.6713967071418030, 0.09540051444747446]), "E2": (e2, [2.0, 0.0]), "E3": (e3, [0.0, 0.0]),
    "E4": (e4, [30.0, 0.0]), "E5": (e5, [0.0, 0.0]),
}  # fmt: skip
# Most steps at rtol 1e-8: what was counted, and a tenth more.
DETEST_WORK = {
    "A1": 117, "A2": 46, "A3": 206, "A4": 47, "A5": 41, "B1": 426, "B2": 100, "B3": 138, "B4": 361, "B5": 298,
    "C1": 173, "C2": 188, "C3": 147, "C4": 147, "D1": 394, "D2": 420, "D3": 483, "D4": 607, "D5": 823,
    "E1": 273, "E2": 577, "E3": 478, "E4": 43, "E5": 52,
}  # fmt: skip


def plain(rhs, n):
    def f(t, y):
        dy = np.empty(n)
        rhs(t, y, None, dy)
        return dy

    return f


@pytest.mark.parametrize("name", DETEST)
def test_tsit5_on_detest(name):
    rhs, y0 = DETEST[name]
    times = np.linspace(0.0, 20.0, 6)
    solution = integrate(
        System.from_functions(rhs, len(y0), name=name),
        y0,
        None,
        None,
        times,
        method="tsit5",
        rtol=1e-8,
        atol=1e-10,
    )
    reference = solve_ivp(
        plain(rhs, len(y0)), (0.0, 20.0), y0, method="DOP853", rtol=1e-13, atol=1e-15, t_eval=times
    )
    assert reference.success
    assert solution.finished.all()
    error = np.abs(solution.values[0] - reference.y) / np.maximum(1.0, np.abs(reference.y))
    assert error.max() <= 1e-6
    assert solution.steps[0] + solution.rejected[0] <= DETEST_WORK[name]
