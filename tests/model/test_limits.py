"""Long and deep models: read and run in time about linear in their length, or refused with the limit stated."""

import dataclasses
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.model import antimony_helper, antimony_text, chains, levels
from ldnsim.model.expressions import MAX_DEPTH, depth

N = 60  # more steps than a search of all paths ever ends with


def steps(first, sign, before="x", after=""):
    """Antimony of a chain x -> x/(1 + x)."""
    chain = [f"{before}{i + 1}{sign}{before}{i}/(1 + {before}{i})" for i in range(N)]
    return "; ".join([f"{before}0{sign}{first}", *chain, after])


def at_the_end(model):
    return float(ldn.simulate(model, None, duration=1).A[-1])


def after(x, n=N):
    """Where n steps lead: 1/x grows by one in each."""
    return 1 / (1 / x + n)


@pytest.mark.kind("long-chain")
def test_a_long_chain_of_rules_is_read_and_right():
    model = ldn.Model.from_antimony(f"A' = -x{N}*A; A = 1; " + steps("1e-3", " := "))
    assert at_the_end(model) == pytest.approx(np.exp(-after(1e-3)), rel=1e-6)


@pytest.mark.kind(
    "long-chain", sibling="each step built on the two before, first values, states, triggers of events"
)
def test_a_chain_on_two_steps_before():
    rules = "; ".join(f"x{i + 2} := x{i + 1}/(1 + x{i})" for i in range(N))
    model = ldn.Model.from_antimony(f"A' = -x{N}*A; A = 1; x0 := 0.5; x1 := 0.5; {rules}")
    x = [0.5, 0.5]
    for _ in range(N):
        x.append(x[-1] / (1 + x[-2]))
    assert at_the_end(model) == pytest.approx(np.exp(-x[N]), rel=1e-6)


def test_a_long_chain_of_first_values():
    model = ldn.Model.from_antimony(f"A' = -x{N}*A; A = 1; " + steps("k", " = ", after="k = 0.1"))
    assert at_the_end(model) == pytest.approx(np.exp(-after(0.1)), rel=1e-6)
    assert at_the_end(model.with_parameters(k=0.2)) == pytest.approx(np.exp(-after(0.2)), rel=1e-6)


def test_a_long_chain_of_states_that_start_from_each_other():
    moving = "; ".join(f"x{i}' = 0" for i in range(N + 1))
    model = ldn.Model.from_antimony(f"A' = -x{N}*A; A = 1; {moving}; " + steps("k", " = ", after="k = 0.1"))
    assert at_the_end(model) == pytest.approx(np.exp(-after(0.1)), rel=1e-6)


def test_a_state_that_starts_at_the_end_of_a_chain_of_rules():
    model = ldn.Model.from_antimony(
        f"A' = 0; A = x{N}; B' = -B; B = k; " + steps("B", " := ", after="k = 0.1")
    )
    assert at_the_end(model) == pytest.approx(after(0.1), rel=1e-9)


def test_an_event_whose_trigger_is_the_end_of_a_chain():
    text = f"A' = 0; A = 1; B' = 1; B = 0.001; at x{N} > 0.01: A = x{N}; " + steps("B", " := ")
    assert at_the_end(ldn.Model.from_antimony(text)) == pytest.approx(0.01, rel=1e-6)


def test_a_chain_of_five_hundred_rules_of_sbml_is_checked():
    text = ldn.Model.from_antimony("A' = -x1*A; A = 1; x0 := 1e-3; x1 := x0/(1 + x0)").document.sbml
    head, rule, tail = text.partition('<assignmentRule variable="x1">')
    rule, end, tail = (rule + tail).partition("</assignmentRule>")
    more = "".join((rule + end).replace("x0", f"x{i}").replace('"x1"', f'"x{i + 1}"') for i in range(1, 500))
    new = "".join(f'<parameter id="x{i + 1}" constant="false"/>' for i in range(1, 500))
    sbml = head.replace("</listOfParameters>", new + "</listOfParameters>") + rule + end + more + tail
    assert len(ldn.Model.from_sbml(sbml).structure.constants) == 501
    with pytest.raises(ldn.ModelError, match="'zz'"):
        ldn.Model.from_sbml(sbml.replace("<ci> x250 </ci>", "<ci> zz </ci>"))
    with pytest.raises(ldn.ModelError, match=r"form a circle: x1 -> x500 -> .*more\) -> .* -> x1$"):
        ldn.Model.from_sbml(sbml.replace("<ci> x0 </ci>", "<ci> x500 </ci>"))


def test_a_circle_in_a_long_chain_is_named(monkeypatch):
    monkeypatch.setattr(chains, "_paths", lambda formulas: chains.MOST_PATHS + 1)
    with pytest.raises(ldn.ModelError, match=r"'a' creates a cycle with .* 'b'"):
        ldn.Model.from_antimony("A' = -a; A = 1; a := b/(1 + b); b := a")


@pytest.mark.parametrize("way", ["rule", "first value"])
def test_carriers_change_nothing(monkeypatch, way):
    sign = ":=" if way == "rule" else "="
    text = f"""model m(B)
      compartment V; V = 2; species S in V; S = a*3; S' = -k*S; k = 0.5 # k = 7
      a {sign} 2*b/(1 + b); b {sign} c + 0.1; c {sign} k*1.5; B {sign} a + b  // B = 3
      function_like {sign} exp(a)*pow(b, 2); # a := 4
      at (time > 0.5): S = a, k = b
    end"""
    plain = ldn.Model.from_antimony(text)
    monkeypatch.setattr(chains, "MOST_PATHS", 0)
    carried = ldn.Model.from_antimony(text + "\n")
    assert chains.split(text) != text
    one, two = (dataclasses.asdict(model.structure) for model in (plain, carried))
    assert sorted(one.pop("outputs")) == sorted(two.pop("outputs"))
    assert one == two


@pytest.mark.kind("too-deep")
@pytest.mark.parametrize(
    ("text", "many"), [("exp(", 3100), ("(1 + A*", 3100), ("A^(", 4000), ("piecewise(1, A < 3, ", 4000)]
)
@pytest.mark.parametrize("some", [300, None])
def test_formulas_nested_too_deeply_are_refused_and_the_limit_stated(text, some, many):
    levels = some or many
    close = ")" * levels
    with pytest.raises(ldn.ModelError, match=r"nested (more than (200|3000) levels|too) deep"):
        ldn.Model.from_antimony(f"A' = -{text * levels}A{close}; A = 1")


@pytest.mark.kind("too-deep", sibling="elements of SBML inside each other")
@pytest.mark.parametrize("element", ["p", "apply"])
def test_elements_nested_too_deeply_are_refused_and_the_limit_stated(element):
    sbml = ldn.Model.from_antimony("A' = -A; A = 1").document.sbml
    deep = f"<notes>{f'<{element}>' * 50_000}{f'</{element}>' * 50_000}</notes>"
    head, model, tail = sbml.partition("<listOfParameters>")
    with pytest.raises(ldn.ModelError, match=r"^line \d+: nested more than 3000 levels"):
        ldn.Model.from_sbml(head + deep + model + tail)


def test_formulas_within_the_limit_run():
    n = MAX_DEPTH // 2 - 2
    model = ldn.Model.from_antimony(f"A' = 0*A + {'(1 + 1/' * n}A{')' * n}; A = 1")
    assert max(map(depth, model.structure.rates)) <= levels.LEVELS
    assert len(model.structure.assignments) > 2
    golden = (1 + 5**0.5) / 2
    assert at_the_end(model) == pytest.approx(1 + golden, rel=1e-9)


def test_parts_that_stay_are_constants():
    n = 60
    model = ldn.Model.from_antimony(f"A' = -A*{'exp(-' * n}k{')' * n}; A = 1; k = 0.3")
    assert not model.structure.assignments
    k = 0.3
    for _ in range(n):
        k = np.exp(-k)
    assert at_the_end(model) == pytest.approx(np.exp(-k), rel=1e-6)


def test_a_model_without_deep_formulas_is_left_as_it_is():
    structure = ldn.load_model("ldn").structure
    assert levels.cut(structure) is structure


@pytest.mark.parametrize(("more", "parts"), [(0, 0), (1, 1)])
def test_a_formula_of_as_many_levels_as_may_be_is_left_as_it_is(more, parts):
    deep = levels.LEVELS + more
    structure = ldn.Model.from_antimony(f"A' = {'cos(' * deep}A{')' * deep}; A = 1").structure
    assert len(structure.assignments) == parts


@pytest.fixture
def helper(monkeypatch):
    """Have texts translated by another program."""
    made = []

    def use(script=antimony_helper.SCRIPT, seconds=antimony_helper.SECONDS):
        made.append(antimony_helper.Helper(script, seconds))
        monkeypatch.setattr(antimony_helper, "HELPER", made[-1])
        return made[-1]

    yield use
    for one in made:
        one.end()


@pytest.mark.kind("library-hangs", sibling="a text on which the library breaks down")
def test_a_text_on_which_the_library_breaks_down_is_refused(helper, tmp_path):
    script = tmp_path / "dies.py"
    script.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    helper(script)
    with pytest.raises(ldn.ModelError, match="Antimony library broke down"):
        antimony_text.sbml_of_antimony("A' = -A; A = 1")


@pytest.mark.kind("library-hangs")
def test_a_text_that_the_library_does_not_get_through_is_refused(helper, tmp_path):
    script = tmp_path / "hangs.py"
    script.write_text("import time\ntime.sleep(100)")
    helper(script, 0.5)
    with pytest.raises(ldn.ModelError, match=r"does not get through this text in 0.5 s, the limit"):
        antimony_text.sbml_of_antimony("A' = -A; A = 1")


ENDS_ON_B = """
import os, sys
sys.path.insert(0, {folder!r})
import antimony_process
own = antimony_process.answer
def answer(function, text, folder):
    return os.kill(os.getpid(), 9) if "B" in text else own(function, text, folder)
antimony_process.answer = answer
antimony_process.main()
"""


@pytest.mark.kind("library-hangs", sibling="the text after one that broke the library, and one after Ctrl-C")
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_text_that_breaks_the_library_leaves_the_next_one_alone(helper, tmp_path):
    script = tmp_path / "ends_on_b.py"
    script.write_text(ENDS_ON_B.format(folder=str(antimony_helper.SCRIPT.parent)))
    process = helper(script)
    one = antimony_text.sbml_of_antimony("A' = -A; A = 1")
    (first,) = process._started.values()
    assert antimony_text.sbml_of_antimony("A' = -A; A = 1") == one
    assert list(process._started.values()) == [first]  # the same process answers again
    with pytest.raises(ldn.ModelError, match="Antimony library broke down"):
        antimony_text.sbml_of_antimony("B' = -B; B = 1")
    assert antimony_text.sbml_of_antimony("A' = -A; A = 1") == one
    (second,) = process._started.values()
    os.kill(second.pid, signal.SIGINT)
    second.wait()
    assert antimony_text.sbml_of_antimony("A' = -A; A = 1") == one


def test_an_answer_that_was_not_waited_for_is_not_taken_for_the_next(helper, monkeypatch):
    process = helper()
    with monkeypatch.context() as patch:
        patch.setattr(antimony_helper, "_write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            antimony_text.sbml_of_antimony("B' = -B; B = 1")
    assert not process._started
    assert 'species id="A"' in antimony_text.sbml_of_antimony("species A; A' = -A; A = 1")


def interrupted(process, line):
    """Somebody presses Ctrl-C once a request is sent."""
    process.stdin.write(line)
    process.stdin.flush()
    if b"to_sbml" in line:
        raise KeyboardInterrupt


def test_files_beside_a_text_are_found_from_where_one_is_now(helper, monkeypatch, tmp_path):
    helper()
    for k, name in enumerate(("one", "two")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part.ant").write_text(f"model part()\n  A' = -k*A; A = 1; k = {k + 1}\nend")
        monkeypatch.chdir(tmp_path / name)
        model = ldn.Model.from_antimony('import "part.ant"\nmodel whole()\n  P: part()\nend')
        assert model.parameters["value"].tolist() == [k + 1.0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_process_that_was_forked_has_a_helper_of_its_own(helper):
    process = helper()
    one = antimony_text.sbml_of_antimony("A' = -A; A = 1")
    child = os.fork()
    if not child:
        code = 1
        try:
            code = 0 if antimony_text.sbml_of_antimony("A' = -A; A = 1") == one and len(process._started) == 2 else 2
            process.end()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert antimony_text.sbml_of_antimony("A' = -A; A = 1") == one


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_process_that_was_forked_waits_for_no_thread_of_the_other(helper):
    process = helper()
    held, done = threading.Event(), threading.Event()

    def hold():
        with process._lock:
            held.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()
    if not child:
        signal.alarm(20)  # ends what waits for ever
        code = 1
        try:
            code = 0 if "<model" in antimony_text.sbml_of_antimony("A' = -A; A = 1") else 2
            process.end()
        finally:
            os._exit(code)
    done.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_what_is_no_text_among_the_places_of_modules_is_passed_over(helper, monkeypatch, tmp_path):
    process = helper()
    monkeypatch.setattr(sys, "path", [tmp_path, *sys.path])
    assert "<model" in antimony_text.sbml_of_antimony("A' = -A; A = 1")
    assert process._started


@pytest.mark.parametrize("trouble", ["no Python", "no processes", "another program"])
def test_where_no_process_can_be_started_the_library_is_asked_here(helper, monkeypatch, tmp_path, trouble):
    def refused(*_, **__):
        raise OSError("no processes here")

    script = tmp_path / "other.py"
    script.write_text("print('Welcome')")
    helper(script)
    if trouble == "no Python":
        monkeypatch.setattr(sys, "executable", "")
    elif trouble == "no processes":
        monkeypatch.setattr(subprocess, "Popen", refused)
    assert "<model" in antimony_text.sbml_of_antimony("A' = -A; A = 1")
    with pytest.raises(ldn.ModelError, match="holds no model"):
        antimony_text.sbml_of_antimony("")


def test_a_program_that_ends_before_it_has_read_a_text_breaks_nothing(helper, monkeypatch, tmp_path):
    def ended(*words, **how):
        process = start(*words, **how)
        process.wait()
        return process

    start, script = subprocess.Popen, tmp_path / "other.py"
    script.write_text("print('Welcome')")
    helper(script)
    monkeypatch.setattr(subprocess, "Popen", ended)
    assert "<model" in antimony_text.sbml_of_antimony("A' = -A; A = 1")


def test_a_deep_document_is_read_where_the_stack_is_small():
    text = f"A' = {' - '.join(['A'] * 2000)}; A = 1"
    found, before = [], threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=lambda: found.append(ldn.Model.from_antimony(text)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(found[0].structure.rates[0]) == 2001
