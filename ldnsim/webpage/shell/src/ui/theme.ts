/** Light, dark, or as the device has it. */

const KEY = "ldnsim-theme";
const ORDER = ["auto", "light", "dark"];

export function themed(): string {
  let name = "auto";
  try {
    name = localStorage.getItem(KEY) ?? "auto";
  } catch {
    // Storage may be closed to a page from disk: then each visit begins as the device has it.
  }
  return apply(ORDER.includes(name) ? name : "auto");
}

export function nextTheme(): string {
  const now = document.documentElement.dataset.theme ?? "auto";
  const next = ORDER[(ORDER.indexOf(now) + 1) % ORDER.length];
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // As above.
  }
  return apply(next);
}

function apply(name: string): string {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  return name;
}
