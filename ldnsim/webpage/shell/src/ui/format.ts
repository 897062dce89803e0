/** Numbers and times as people write them. */

export const DAY = 24;

/** Three digits, and no needless ones: 0.0123, 2.47, 148, 1 200. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0 || Math.abs(value) < 1e-12) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(1).replace(/-/g, "−").replace("e+", "e");
  const digits = Math.max(0, 2 - Math.floor(Math.log10(size) + 1e-9));
  const text = size >= 1000 ? grouped(Math.round(value)) : trimmed(value.toFixed(Math.min(digits, 4)));
  return text.replace("-", "−");
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/** A number with all its digits, as it is typed and kept in a link. */
export function plain(value: number): string {
  return String(Number(value.toPrecision(6)));
}

export function clock(hours: number): string {
  const minutes = Math.round((((hours % DAY) + DAY) % DAY) * 60) % (DAY * 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

export function hoursOf(text: string): number {
  const [hours, minutes] = text.split(":").map(Number);
  return hours + (minutes || 0) / 60;
}

/** "day 28, 22:00" */
export function moment(hours: number): string {
  return `day ${Math.floor(hours / DAY + 1e-9) + 1}, ${clock(hours)}`;
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
