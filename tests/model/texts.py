"""Models, each with a few features of Antimony and SBML, that ledgers ask for what they come to."""

FUNCTIONS = "function sq(x)\n x*x\nend\nfunction hill(s, k)\n sq(s)/(sq(s) + k)\nend\n"
BODIES = {
    "chain": "A' = -ka*A; C' = ka*A/V - CL/V*C; A = 3; C = 0; ka = 0.8; CL = 4; V = 20; half := ln(2)*V/CL",
    "amounts": """compartment C = 2; species S in C; substanceOnly species P in C
        S = 3; P = 1; J: S -> P; k*S - q*P; k = 0.7; q = 0.1""",
    "growing": "compartment C; species S in C; C = 2; C' = 0.3*C; S = 3; J: S -> ; k*S*C; k = 0.4; u := S*2",
    "ruled size": "compartment C; species S in C; C := 1 + 0.5*sin(time); S = 3; J: S -> ; k*S*C; k = 0.4",
    "rated concentration": """compartment C; species $S in C; C = 2; C' = 0.2; S = 1; S' = 0.5 - 0.1*S; x' = S
        x = 0; at time >= 0.45: S = 0.2, C = 0.2""",
    "ruled species": "compartment C = 3; species $S in C, P in C; S := 1 + time; P = 2; J: S -> P; k*S*P; k = 0.3",
    "boundary": "species $B, S; B = 2; S = 0; B' = -0.5*B; J: 2 $B -> 3 S; k*B; k = 0.3; F: S -> ; 0.2*S",
    "reactions in formulas": "species S; S = 4; J: 2 S -> ; k*S; k = 0.2; x' = J; x = 0; flux := 3*J + L; L: -> S; 0.1",
    "first values": "species S; S = a*b; a = 2; b = S0 + 1; S0 = y; y := 3*z; z = 0.5; J: S -> ; k*S; k = 0.2; w = S + time",
    "functions": "J: S -> ; hill(S, sq(v)); species S; S = 2; v = 1.5; u := sq(sq(S) - v)",
    "pieces": """x' = piecewise(1, time < 1, 2, time < 2 && x > 0, -0.5); x = 0.57
        y := piecewise(x, x > 1 || time > 3, 0.1); w := (x > 1) + 1; v := piecewise(1, !(x > 1), 2, xor(x > 2, y > 1))""",
    "rare": """x' = 0.3; x = 0.2; a := sec(x) + cot(x) + arccot(x + 1); b := max(x, 0.5, 2*x) + min(x, 0.4)
        c := log10(x) + log(x) + root(3, x) + sqrt(x) + ceil(x) + floor(3*x); d := factorial(3)*abs(-x)^1.5
        e := quotient(7*x, 2) + rem(7*x, 2); f := tanh(x) + arcsinh(x) + csch(x) + arcsec(x + 1)
        g := x^2 - 2^x + exp(-x)""",
    "two assignments": "x' = -0.5*x; x = 4; y = 0; at x < 2: y = x + 1, x = 3",
    "late": "x' = 1; x = 0; y = 0; z = 0; at 0.7 after x > 1: y = x; E2: at 0.7 after x > 1, fromTrigger = false: z = x",
    "late on the grid": "x' = 1; x = 0; w' = piecewise(1, time < 1, 2); w = 0; y = 0; z = 0"
    "; E1: at 0.5 after x > 1: y = x; E2: at 1 after x > 0.5, fromTrigger = false: z = x*x",
    "priority": """x' = 1; x = 0; y = 1; E1: at x > 1.1, priority = 1: y = y*10; E2: at x > 1.1, priority = 5: y = y + 2
        E3: at 1 after (x > 1.05 && x < 1.5), persistent = false: y = 1; E4: at x > 0.5, t0 = false: y = 7""",
    "ties": """x' = 1; x = 0; y = 1; n = 0; E1: at x > 1, priority = 2: y = 2*y + 1; E2: at x > 1, priority = 2: y = y + 3
        E3: at x > 1, priority = 2: y = y*y; E4: at x > 1.5, priority = y: y = 0.5*y
        E5: at x > 1.5, priority = y: n = n + y; E6: at x > 2: n = 2*n; E7: at x > 2: n = n + 1""",
    "event on a size": "compartment C; species S in C, P in C; C = 2; S = 3; P = 5; at 0.5 after time > 1.2: C = 4, S = 1",
    "rate of": """x' = 2*x; x = 1; y := rateOf(x) + 1; compartment C = 2; C' = 0.1; species S in C; S = 2; J: S -> ; 0.5*S*C
        v := rateOf(S); z' = rateOf(x) - z; z = 0""",
    "delays": """x' = -delay(x, 1.5) + delay(y, tau); x = 1; y := 2*x + delay(x, 0.5); tau = 0.7
        u' = delay(delay(x, 1), tau) - u + delay(time, 1)*0; u = 0""",
    "constants": "a = 3; b := a*2; c = a + b; compartment V = c; const k; k = 2",
    "periodic": "x' = sin(2*time) + floor(time/3) - rem(time, 2); x = 0; y := piecewise(1, rem(time, 24) < 8, 0)",
    "powers": "n = 1.6; x' = x^n/(1 + x^n) - x^2 + (x + 1)^-1 + sqrt(x) - x^0.5; x = 0.4; y' = (2*y)^3 - abs(y - x); y = 1",
    "deep": "x' = " + "(1 + x/" * 40 + "2" + ")" * 40 + " - x; x = 1; y := " + "ln(2 + " * 35 + "k" + ")" * 35 + "; k = 3",
    "stoichiometries": "species A, B; A = 4; B = 0; n = 2; J: 1.5 A -> 0.5 B + B; k*A*B; k = 0.1; F: A + A -> B; 0.2*A^2",
    "units": """unit mg = 1e-3 gram; unit mL = 1e-3 litre; unit h = 3600 second; unit conc = 1e-3 gram / 1e-3 litre
        unit time_unit = 3600 second; compartment V = 3; V has mL; species S in V; S has mg; S = 2; J: S -> ; k*S*V; k = 0.5
        unit perh = 1/3600 second; k has perh; x = 4; x has conc; x' = -k*x; x is "a level\"""",
    "outside": "species $B, $D, S; B = 2; D = 1; S = 0; J: $B + $D -> S; 0.3*B*D; F: 2 S -> $B; 0.1*S"
    "; at S > 0.4: B = 3, k = 1; k = 0",
    "local": "species S; S = 2; J: S -> ; kk*S; kk = 0.3; S2 = 3; species S2; K: S2 -> S; kk*S2; v is \"word\"; v := S + S2",
    "infinite": "a = inf; x' = -x/(1 + 1/a); x = 1; b = -inf; c := a > 2",
    "deep events": "compartment C = 2; C' = 0; species S in C; S = 3; x' = 1; x = 1; at x > " + "(1 + x/" * 40
    + "2" + ")" * 40 + ": C = 3, S = " + "(2 + x/" * 33 + "3" + ")" * 33,
    "extremes": """x' = max(x, k) - min(x, y, 0.5)*max(0.2, x*y); y' = -y*max(0, x - k) + min(1, 0.4*y); x = 1; y = 2
        k = 0.7; z := max(x, y) + min(k, x)""",
    "scaled": """x' = -abs(2*x - 3*y)/4 + tanh(x/3) - sqrt(1 + 5*x*x) + sin(2*x*y)*cos(y/2); y' = ln(1 + 3*x^2) - exp(-2*x)/3
        x = 1; y = 0.8; u := abs(y/3 - x*x) + arctan(2*x - y) + (1 + 2*x)^1.7; v := abs(-4*y)""",
    "long start": "x' = -x; x = " + " + ".join(f"a*{k}/(b + {k})" for k in range(1, 24)) + "; a = 2; b = 0.5"
    "; y' = x - y; y = 2*x + 1; w = x*y; z := w + y",
    "long early start": "x' = -delay(x*w, 1); x = 1; y' = -y; y = 2; b = 0.5; w' = -w; w = time + " + " + ".join(
        f"y*{k}/(b + {k})" for k in range(1, 24)),
    "relations": """x' = piecewise(1, !(x == y), 2) - exp(0.3*y); x = 1
        y' = piecewise(x, !(x > k), y) - y^8 + y^(1/8) - x^k - k^x/5; y = 0.8; k = 0.7; n = 1
        w := x - floor(x/k)*k + rem(x, 0.3) + (x*y)^1.5
        v := sin(x)^65 + log10(x + 2)^64 + y^n""",
    "timed": """compartment C; species S in C; C = 2; S = 3; J: S -> ; k*S*C*(1 + 0.1*sin(time)); k = 0.4; n = 1.3; x = 0
        x' = S^n - x; at time >= 2: C = 3*k, S = k + x; u := (x + 1)^n""",
    "factorials": "x' = factorial(x) - arccosh(x + 2) + arctanh(x/9) - cosh(x) + tan(x/3); x = 0.3"
    "; y := arcsin(x/4) * sinh(x)",
    "delayed events": """unit time_unit = 60 second; compartment C; species S in C; C = 2; S = 3; J: S -> ; k*S*C; k = 0.004
        x = 1; x' = -delay(x, 60)/60
        at delay(x, 20) after delay(x, 30) < 0.8, priority = delay(S, 60): C = 4 + delay(x, 9), S = 1""",
    "early delays": """x' = -delay(x*w, 1); x = 1; w = x0 + time; x0 = 2; k = 3; z' = -z; z = 1; v := 2*delay(z, 1) + time
        y := delay(delay(x, 0.5) + time*v, 0.7) + delay(rateOf(z), 1) + delay(x, 0) + delay(k, 2) - 2*delay(3 + z, 1)""",
    "many parameters": "; ".join(f"p{k} = {k + 0.5}" for k in range(12)) + "; x = 1; x' = "
    + " - ".join(f"p{k}*x" for k in range(12)),
}  # fmt: skip
DISAGREEING = {  # units that do not agree, which is told
    "ratios": """unit mg = 1e-3 gram; unit rel = dimensionless; unit part = 1e-2 dimensionless; unit time_unit = 3600 second
        unit both = 1e-3 gram * dimensionless; unit perh = 1/3600 second; k has perh; r has rel; q has part; x has mg
        y has both; k = 0.3; r = 0.5; q = 2; x = 1; x' = -k*x*r; y := x*r + q*x; z := x + k; w := r + q; w has rel""",
}  # fmt: skip
MISTAKES = (
    "A' = -k*A*; k = 1", "A' = -k*A; A = 1 k = 2", "a := b; b := a", "A' = -A; A := 3", "a := foo(3)", "A' = -k*A; A = 1",
    "A' = -k*A; k = 1", "S = 1; J: S -> ;", "x' = random(1); x = 1", "A' = 1; A = 1e400", "x' = rateOf(y); y := x; x = 1",
    "x' = rateOf(z); z' = rateOf(x); x = 1; z = 1", "x' = delay(x, x); x = delay(x, 1)", "x' = 1; x = y; y = x",
    "species S; J: -> S; 1", "x = delay(y, 1); y' = 1; y = 1; z' = x; z = 0", "J: -> ; 1; x' = rateOf(J); x = 1",
    "x' = hill(1); x = 1", "x' = sq(1, 2); x = 1", "",
)  # fmt: skip


def text_of(body: str) -> str:
    """Return the whole text of a body."""
    return f"{FUNCTIONS}model *case()\n{body}\nend"
