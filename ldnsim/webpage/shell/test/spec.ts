/** A small page to test with. */

import type { Spec } from "../src/ui/spec";

export const SPEC: Spec = {
  title: "Low-dose naltrexone",
  model: "ldn",
  source: "ldn",
  hash: "0123456789abcdef",
  version: "0",
  notice: "Research use, not medical advice",
  groups: [
    {
      name: "Dose",
      help: "",
      fields: [
        { kind: "number", name: "dose", label: "Dose", unit: "mg", stops: [0, 1, 4.5, 50, 400], entire: false, start: 4.5, when: {} },
        { kind: "clock", name: "at", label: "Time of day", stops: [0, 8, 22], start: "22:00", when: {} },
        { kind: "pick", name: "interval", label: "Taken", start: 24, when: {}, says: [], options: [["twice daily", 12], ["daily", 24], ["every 4 weeks", 672], ["a single dose", 0], ["not at all", -1]] },
        { kind: "number", name: "days", label: "Days", unit: "", stops: [1, 28, 84], entire: true, start: 28, when: {} },
        { kind: "pick", name: "formulation", label: "Formulation", start: "capsule", when: {}, says: [], options: [["capsule", "capsule"], ["slow release", "slow_release"]] },
        { kind: "pick", name: "titration", label: "Course", start: "", when: {}, says: [], options: [["the same dose throughout", ""], ["step up to it", "up"]] },
        { kind: "number", name: "first_dose", label: "First dose", unit: "mg", stops: [0.1, 100], entire: false, start: 1.5, when: {} },
        { kind: "number", name: "step", label: "Then add", unit: "mg", stops: [0.1, 100], entire: false, start: 1.5, when: {} },
        { kind: "number", name: "step_days", label: "every so many days", unit: "", stops: [1, 28], entire: true, start: 14, when: {} },
        { kind: "days", name: "missed", label: "Days missed", hint: "e.g. 5, 10-12", start: "", when: {} },
      ],
    },
    {
      name: "Assumptions",
      help: "",
      fields: [{ kind: "pick", name: "scenario", label: "Reading", start: "", when: {}, says: [], options: [["default", ""], ["OGF", "ogf"]] }],
    },
    {
      name: "Person",
      help: "",
      fields: [{ kind: "number", name: "weight", label: "Weight", unit: "kg", stops: [30, 75, 200], entire: false, start: 75, when: {} }],
    },
    {
      name: "Opioid",
      help: "",
      fields: [
        { kind: "pick", name: "opioid", label: "Taken as well", start: "", when: {}, says: [], options: [["none", ""], ["oxycodone", "oxycodone"]] },
        { kind: "number", name: "opioid_dose", label: "Opioid dose", unit: "mg", stops: [1, 20, 400], entire: false, start: 20, when: { opioid: "*" } },
        { kind: "pick", name: "opioid_interval", label: "Opioid taken", start: 6, when: { opioid: "*" }, says: [], options: [["every 6 hours", 6]] },
        { kind: "clock", name: "opioid_at", label: "First at", stops: [0, 8], start: "00:00", when: { opioid: "*", opioid_use: "new" } },
      ],
    },
  ],
  start: {
    dose: 4.5, at: "22:00", interval: 24, days: 28, formulation: "capsule", titration: "", first_dose: 1.5, step: 1.5,
    step_days: 14, missed: "", scenario: "", weight: 75, opioid: "", opioid_dose: 20, opioid_interval: 6, opioid_use: "new", opioid_at: "00:00",
    draws: 200,
  },
  person: { weight: "weight" },
  absent: {},
  made: { scenario: "", condition: "", values: {} },
  usual: { oxycodone: { opioid_dose: 20, opioid_interval: 6 } },
  drugs: {
    naltrexone: { unit: "mg", usual: "capsule", formulations: ["capsule", "slow_release", "iv"] },
    oxycodone: { unit: "mg", usual: "oral", formulations: ["oral"] },
    tramadol: { unit: "mg", usual: "oral", formulations: ["oral"] },
    lps: { unit: "ng/kg", usual: "iv", formulations: ["iv"] },
  },
  hints: { counted: ["no", "one", "two"], long: { month: 28 }, joining: { and: "x" }, meant: { sr: "slow_release" }, off: ["except"], daysOff: "x", said: {}, broken: ["at"], mostDays: 3650, masses: { g: 1e3, mg: 1 } },
  presets: [],
  panels: [
    { id: "plasma", title: "Plasma level", log: true, level: null, levelWords: "", limits: null, unit: "ng/mL", boxes: [{ id: "plasma", title: "Plasma", variables: ["plasma_naltrexone"], when: {} }] },
  ],
  variables: { plasma_naltrexone: { name: "naltrexone", unit: "ng/mL", colour: 0 } },
  chain: { now: [], readings: {} },
  keys: {},
  mostKeys: 6,
  perDay: [],
  nothing: 1e-9,
  lasting: [],
  evidence: [
    { id: "scan", variable: "plasma_naltrexone", kind: "peak", hour: 1, until: 24, value: 13, low: null, high: null, state: { days: 1, dose: 50, interval: 0, formulation: "capsule" }, what: "Cmax", source: "Somebody 1984", people: "", use: "calibration", note: "" },
  ],
};
