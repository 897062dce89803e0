import numpy as np
import pytest
import sympy

from ldnsim.codegen.printer import Printer
from ldnsim.codegen.source import Names
from ldnsim.engine.compiled import JIT
from ldnsim.errors import ModelError

EVERY_FUNCTION = """
model everything()
  k = 0.7; V = 3; p = 1.6; n = 3; whole = 3; on = 1;
  cl := k*V;
  a = 0.8; b = 1.3; x = 0.4;
  hill := a^p/(V^p + a^p);
  late := piecewise(sin(time), time < 2, cos(time));
  trig := tan(x) + arcsin(x/2) + arccos(x/2) + arctan(a) - sec(x) + csc(1 + a) + cot(1 + b);
  hyper := sinh(x) + cosh(a) + tanh(b) + arcsinh(a) + arccosh(1 + a) + arctanh(x/2);
  steps := floor(3*b) - ceil(2*a) + factorial(floor(3*b + 1)) + piecewise(1, on == 1, 0);
  cases := piecewise(a, (a < b) && (x < 1), b, !((a > 1) || (b <= 0.5)), x);
  odd := piecewise(1, xor(a < 1, b < 1, x < 1), 2);
  a' = -cl*a/V + b^2 - a^n/(1 + a^n) + hill*x + k^x - a^whole;
  b' = exp(-a) + ln(1 + b) - sqrt(x) + abs(a - b) + late - b^0.5 + b^-1 + b^(-1.5);
  x' = trig + hyper + steps + cases + odd + min(a, b, x) + max(a, b) + log10(1 + b) + a*time + x^a;
end
"""


@pytest.fixture
def everything(kernels):
    return kernels(EVERY_FUNCTION)


def states(n=40):
    rng = np.random.default_rng(1)
    return [*rng.uniform(0.05, 1.6, (n, 3)), np.array([0.0, 0.3, 0.2]), np.array([-1e-12, 0.4, -1e-15])]


def test_machine_code_numba_and_plain_python_agree(everything):
    c = everything.plain("constants", 0.0, np.zeros(3), everything.values)
    for kind in everything.meta["widths"]:
        for t in (0.0, 1.0, 5.0):
            for y in states(10):
                reads = everything.values if kind == "constants" else c
                expected = everything.plain(kind, t, y, reads)
                for form in (everything.numba, *([everything.native] if JIT else [])):
                    np.testing.assert_allclose(form(kind, t, y, reads), expected, rtol=1e-13, atol=1e-300)


def test_the_right_hand_side_is_what_was_written(everything):
    k, V, p, n = 0.7, 3.0, 1.6, 3.0
    c = everything.plain("constants", 0.0, np.zeros(3), everything.values)
    a, b, x = y = np.array([0.9, 0.5, 0.3])
    got = everything.plain("rhs", 1.0, y, c)
    hill = a**p / (V**p + a**p)
    expected_a = -k * V * a / V + b**2 - a**n / (1 + a**n) + hill * x + k**x - a**3
    expected_b = np.exp(-a) + np.log(1 + b) - np.sqrt(x) + abs(a - b) + np.sin(1.0) - b**0.5 + 1 / b + b**-1.5
    np.testing.assert_allclose(got[:2], [expected_a, expected_b], rtol=1e-14)


def test_derivatives_are_those_of_the_right_hand_side(everything):
    c = everything.plain("constants", 0.0, np.zeros(3), everything.values)
    t, h = 1.0, 1e-5
    for y in states(12)[:12]:
        jac = everything.plain("jac", t, y, c)
        columns = []
        for step in np.eye(3):
            values = [everything.plain("rhs", t, y + s * h * step, c) for s in (-2, -1, 1, 2)]
            columns.append((values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h))
        np.testing.assert_allclose(jac, np.array(columns).T, rtol=2e-6, atol=2e-6)
        values = [everything.plain("rhs", t + s * h, y, c) for s in (-2, -1, 1, 2)]
        slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
        np.testing.assert_allclose(everything.plain("dfdt", t, y, c), slope, rtol=1e-6, atol=1e-6)


POWERS = """
model powers()
  n = 1.6; one = 1; half = 0.5; two = 2;
  x = 0; y = 0; z = 0; w = 0;
  x' = x^n/(1 + x^n) + x^1.5;  y' = y^one;  z' = z^half;  w' = w^two - w^3;
end
"""


def test_slopes_at_zero_are_finite_where_the_limit_is(kernels):
    k = kernels(POWERS)
    c = k.plain("constants", 0.0, np.zeros(4), k.values)
    for form in (k.plain, k.numba, *([k.native] if JIT else [])):
        assert np.diag(form("jac", 0.0, np.zeros(4), c)).tolist() == [0.0, 1.0, 0.0, 0.0]
        assert form("rhs", 0.0, np.zeros(4), c).tolist() == [0.0] * 4


def test_a_slope_that_is_as_good_as_vertical_is_0_and_others_are_kept(kernels):
    k = kernels(POWERS)
    c = k.plain("constants", 0.0, np.zeros(4), k.values)
    at, slope = np.array([1e-49, 1e-49, 1e-49, 1e-49]), [0.0, 1.0, 0.0, 2e-49]
    for form in (k.plain, k.numba, *([k.native] if JIT else [])):
        np.testing.assert_allclose(np.diag(form("jac", 0.0, at, c))[1:], slope[1:], rtol=1e-12)
        np.testing.assert_allclose(np.diag(form("jac", 0.0, np.full(4, 1e-16), c))[2], 0.5e8, rtol=1e-9)


def test_a_slope_goes_through_an_absolute_value_and_is_0_where_it_bends(kernels):
    k = kernels("model bent(); x = 1; y = 1; x' = abs(3*x); y' = abs(1 - 4*y); end")
    for form in (k.plain, k.numba, *([k.native] if JIT else [])):
        for at, slopes in (([2.0, 2.0], [3.0, 4.0]), ([-2.0, 0.0], [-3.0, -4.0]), ([0.0, 0.25], [0.0, 0.0])):
            assert np.diag(form("jac", 0.0, np.array(at), np.zeros(0))).tolist() == slopes


def test_a_power_of_a_state_just_below_zero_is_its_limit(kernels):
    k = kernels(POWERS)
    c = k.plain("constants", 0.0, np.zeros(4), k.values)
    below = np.array([-1e-9, -0.5, -1e-9, -0.5])
    for form in (k.plain, k.numba, *([k.native] if JIT else [])):
        rates, jac = form("rhs", 0.0, below, c), form("jac", 0.0, below, c)
        assert rates[0] == 0.0
        assert rates[2] == 0.0
        assert rates[1] == -0.5  # a whole exponent keeps the sign, given as a number or as a parameter
        assert rates[3] == 0.375
        assert np.isfinite(jac).all()
        assert np.isnan(form("rhs", 0.0, np.full(4, np.nan), c)).all()


def test_what_does_not_change_is_computed_once(kernels):
    k = kernels("""
    model hoisting()
      CL = 2; V = 4; ka = 1; F = 0.5;
      A = 1; B = 0;
      A' = -ka*A;
      B' = F*ka*A - CL/V*B - B*ka*CL/V;
    end
    """)
    assert k.meta["constants"][:4] == tuple(k.meta["parameters"])
    rhs = k.text.split("def rhs")[1].split("@kernel")[0]
    assert "/" not in rhs
    assert rhs.count("*") == 3  # one factor a term: -ka A, (F ka) A, (CL/V + ka CL/V) B
    c = k.plain("constants", 0.0, np.zeros(2), [2.0, 4.0, 1.0, 0.5])
    assert k.plain("rhs", 0.0, [3.0, 5.0], c).tolist() == [-3.0, 1.5 - 2.5 - 2.5]


def test_names_that_python_or_the_kernels_use_are_safe(kernels):
    ids = [
        "np",
        "t",
        "y",
        "c",
        "out",
        "lambda_",
        "slope",
        "None_",
        "E",
        "I",
        "S",
        "Q",
        "h0",
        "v0",
        "d0",
        "float",
        "kernel",
    ]
    declared = "".join(f"{name} = {i + 1}; " for i, name in enumerate(ids))
    k = kernels(
        f"model names()\n {declared} def_ := h0*v0; x = 1; x' = -{'*'.join(ids)}*x - def_*x^2*v0; end"
    )
    c = k.plain("constants", 0.0, np.zeros(1), k.values)
    product = float(np.prod(np.arange(1, len(ids) + 1)))
    for form in (k.plain, k.numba, *([k.native] if JIT else [])):
        np.testing.assert_allclose(form("rhs", 0.0, [1.0], c), [-product - 13 * 14 * 14], rtol=1e-15)


@pytest.mark.parametrize("name", ["a b", "1x", "x;import os", "x\n", "é", ""])
def test_an_id_that_is_no_name_is_refused(name):
    with pytest.raises(ModelError, match="id"):
        Names([])(name)


def test_a_function_outside_the_table_is_refused():
    x = sympy.Symbol("x", real=True)
    with pytest.raises(ModelError, match="erf"):
        Printer(str)(sympy.erf(x))


@pytest.mark.slow
def test_a_model_of_many_states_compiles_in_seconds(kernels):
    import time

    n = 300
    chain = "".join(f"x{i}' = k*(x{(i - 1) % n} - x{i}) - x{i}^2/(1 + x{(i + 7) % n});\n" for i in range(n))
    start = "".join(f"x{i} = {i % 5};" for i in range(n))
    text = f"model chain()\n k = 0.3;\n {start}\n {chain} end"
    begin = time.process_time()
    k = kernels(text)
    spent = time.process_time() - begin
    y = np.arange(n) % 5 * 1.0
    before, after = np.roll(y, 1), np.roll(y, -7)
    expected = 0.3 * (before - y) - y**2 / (1 + after)
    form = k.native if JIT else k.plain
    np.testing.assert_allclose(
        form("rhs", 0.0, y, [0.3, *k.plain("constants", 0, y, [0.3])[1:]]), expected, rtol=1e-12
    )
    assert spent < 60.0  # a runaway, not a timing: it takes a few seconds
