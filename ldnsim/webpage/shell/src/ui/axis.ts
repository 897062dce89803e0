/** Scales and ticks. */

import { clock, DAY, number } from "./format";

export interface Scale {
  (value: number): number;
  back(pixel: number): number;
  ticks: { at: number; text: string }[];
}

export function linear(low: number, high: number, from: number, to: number, ticks: Scale["ticks"]): Scale {
  const slope = (to - from) / (high - low || 1);
  return Object.assign((x: number) => from + (x - low) * slope, { back: (p: number) => low + (p - from) / slope, ticks });
}

export function logarithmic(low: number, high: number, from: number, to: number): Scale {
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const inner = linear(a, b, from, to, []);
  const ticks: Scale["ticks"] = [];
  const every = b - a > 3.2 ? 2 : 1;
  for (let k = Math.floor(b); k >= Math.ceil(a - 1e-9); k -= every) ticks.push({ at: 10 ** k, text: power(k) });
  const scale = (x: number): number => inner(Math.log10(Math.max(x, low * 1e-3)));
  return Object.assign(scale, { back: (p: number) => 10 ** inner.back(p), ticks });
}

function power(k: number): string {
  return k >= -3 && k <= 4 ? number(10 ** k) : `10${[...String(k)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)] ?? "⁻").join("")}`;
}

/** Three to six ticks of 1, 2 or 5. */
export function rounded(low: number, high: number): Scale["ticks"] {
  const rough = (high - low) / 3.5;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * decade).find((s) => s >= rough) ?? rough;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (String(step / decade).includes(".") ? 1 : 0));
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high * (1 + 1e-9) + 1e-12; k++) {
    found.push({ at: k * step, text: (k * step).toFixed(Math.min(digits, 6)).replace("-", "−") });
  }
  return found;
}

/** Hours on the clock: as many as have room, the day where a day begins. */
export function hourTicks(from: number, to: number, width: number): Scale["ticks"] {
  const room = Math.max(2, Math.floor(width / 62));
  const step = [1, 2, 3, 6, 12, 24, 48, 72, 168].find((s) => (to - from) / s <= room) ?? 168;
  const found = [];
  for (let t = Math.ceil(from / step - 1e-9) * step; t <= to + 1e-9; t += step) {
    const midnight = Math.abs(t % DAY) < 1e-9;
    found.push({ at: t, text: midnight ? `day ${Math.round(t / DAY) + 1}` : clock(t) });
  }
  return found;
}

export function dayTicks(days: number, width: number): Scale["ticks"] {
  const room = Math.max(2, Math.floor(width / 40));
  const step = [1, 2, 7, 14, 28].find((s) => days / s <= room) ?? 28;
  const found: Scale["ticks"] = [];
  for (let day = step === 1 ? 1 : step; day <= days; day += step) found.push({ at: (day - 0.5) * DAY, text: found.length ? String(day) : `day ${day}` });
  return found;
}
