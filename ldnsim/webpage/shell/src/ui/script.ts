/** The Python that computes the same numbers with the library. */

import { doses, gridOf, missed, opioidTrain, overrides, steps } from "./course";
import { DAY, hoursOf } from "./format";
import { type Choices, ONCE, type Spec, variablesOf } from "./spec";

export function script(spec: Spec, sides: { name: string; label: string; choices: Choices }[]): string {
  const parts = sides.map(({ name, label, choices }) => run(spec, name, label, choices));
  return `${HEAD(spec)}\n${parts.join("\n")}\n${TAIL}`;
}

const HEAD = (spec: Spec): string => `"""What the page of ldnsim ${spec.version} showed. Research use, not medical advice.

Prints the headlines of each regimen and writes NAME_curves.csv: median and 90 % of the draws.
"""

import numpy as np

import ldnsim as ldn

runs = {}
`;

function run(spec: Spec, name: string, label: string, choices: Choices): string {
  const outputs = variablesOf(spec, choices);
  const people = choices.draws ? `\n    subjects=ldn.posterior(model, ${Number(choices.draws)}),` : "";
  const { daily, first, last, count, end } = gridOf(choices);
  const regimen = regimenOf(choices);
  const length = regimen === "None" ? `\n    duration=${plain(end)},` : "";
  return `# ${name}: ${label}
model = ${modelOf(spec, choices)}
regimen = ${regimen}
times = np.union1d(${listed(daily)}, np.linspace(${plain(first)}, ${plain(last)}, ${count}))
runs["${name}"] = ldn.simulate(
    model,
    regimen,${people}${length}
    times=times,
    outputs=${listed(outputs)},
)
`;
}

const TAIL = `for name, ds in runs.items():
    curves = ds.drop_vars("status")
    metrics = ldn.summarize(ds)
    if "subject" in ds.dims:
        reached = (ds["status"] == "finished").values
        curves, metrics = (x.isel(subject=reached) for x in (curves, metrics))
        levels = {"q": [0.05, 0.5, 0.95], "dim": "subject", "keep_attrs": True}
        curves, metrics = curves.quantile(**levels), metrics.quantile(**levels, skipna=True)
    ldn.save(curves, f"{name}_curves.csv")
    print(name, metrics.to_dataframe().T.to_string(), sep="\\n")
`;

function modelOf(spec: Spec, choices: Choices): string {
  const calls = [spec.source ? `ldn.load_model("${spec.source}")` : `ldn.load_model("${spec.model}.ant")`];
  const condition = choices.condition || spec.made.condition;
  const scenario = choices.scenario || spec.made.scenario;
  if (condition) calls.push(`with_condition("${condition}")`);
  if (scenario) calls.push(`with_scenario("${scenario}")`);
  const values = { ...spec.made.values, ...overrides(spec, choices) };
  const given = Object.entries(values).map(([id, value]) => `${id}=${value}`);
  if (given.length) calls.push(`with_parameters(${given.join(", ")})`);
  return calls.join(".");
}

/** The regimen as calls of the library, joined by +; "None" where nothing is taken. */
export function regimenOf(choices: Choices): string {
  const parts: string[] = [];
  const n = doses(choices);
  const ii = Number(choices.interval);
  if (n) parts.push(drug(choices, n, ii));
  if (choices.opioid) {
    const every = Number(choices.opioid_interval);
    const ss = choices.opioid_use === "usual" ? ", ss=True" : "";
    const { start, n: count } = opioidTrain(choices);
    const from = start ? `, at="${choices.opioid_at}"` : "";
    parts.push(
      `ldn.Regimen.every(${choices.opioid_dose}, ii=${every}, n=${count}${from}, drug="${choices.opioid}"${ss})`,
    );
  }
  if (choices.endotoxin) {
    const at = (Number(choices.days) - 1) * DAY + hoursOf(String(choices.endotoxin_at));
    parts.push(`ldn.Regimen.single(${choices.endotoxin}, drug="lps", at=${plain(at)})`);
  }
  return parts.join(" + ") || "None";
}

function drug(choices: Choices, n: number, ii: number): string {
  const at = `at="${choices.at}"`;
  const where = choices.cmt ? `cmt="${choices.cmt}"` : `formulation="${choices.formulation}"`;
  if (ii === ONCE) return `ldn.Regimen.single(${choices.dose}, ${at}, ${where})`;
  const away = missed(choices);
  const skip = away.length ? `.skip([${away.join(", ")}])` : "";
  if (!choices.titration || n < 2) return `ldn.Regimen.every(${choices.dose}, ii=${ii}, n=${n}, ${at}, ${where})${skip}`;
  const parts = steps(choices, n);
  if (ii === DAY) {
    const pairs = parts.map((step) => `(${step.dose}, ${step.n})`).join(", ");
    return `ldn.Regimen.titration([${pairs}], ${at}, ${where})${skip}`;
  }
  let start = hoursOf(String(choices.at));
  const trains = parts.map((step) => {
    const text = `ldn.Regimen.every(${step.dose}, ii=${ii}, n=${step.n}, at=${plain(start)}, ${where})`;
    start += step.n * ii;
    return text;
  });
  return `(${trains.join(" + ")})${skip}`;
}

function listed(items: (string | number)[]): string {
  return `[${items.map((item) => (typeof item === "string" ? `"${item}"` : plain(item))).join(", ")}]`;
}

function plain(value: number): string {
  return String(Number(value.toPrecision(12)));
}
