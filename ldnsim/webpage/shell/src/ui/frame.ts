/** The frame around the panels: head, presets, controls, cards, words; it knows nothing of runs. */

import type { Headline, Reply } from "../engine/types";
import { interval, type Side, valueOf } from "./cards";
import { fill, h, write } from "./dom";
import { KINDS } from "./files";
import { capital } from "./format";
import { headings, people } from "./labels";
import type { Shown } from "./panels";
import type { Choices, Spec } from "./spec";
import { nextTheme, themed } from "./theme";

export interface Acts {
  undo(): void;
  redo(): void;
  reset(): void;
  keep(): void;
  drop(): void;
  swap(): void;
  preset(choices: Choices): void;
  find(typed: string): void;
  file(kind: string): void;
  link(): string;
  chain: HTMLElement;
  panels: HTMLElement[];
  resized(): void;
  /** The table of all numbers was opened or closed. */
  opened(): void;
  themed(): void;
}

const OPEN = new Set(["Dose", "Assumptions"]);

export class Frame {
  private readonly root = h("div", { class: "page", "data-state": "starting" });
  private readonly groups = h("div", { class: "groups" });
  private readonly cards = h("dl", { class: "cards", "aria-label": "Key numbers" });
  private readonly numbers = h("div", { class: "numbers", tabindex: 0, role: "region", "aria-label": "All numbers" });
  private readonly more = h("details", { class: "more", ontoggle: () => this.acts.opened() }, h("summary", {}, "All numbers"), this.numbers);
  private readonly heads = h("p", { class: "heads" });
  private readonly status = h("p", { class: "status" });
  private readonly spoken = h("p", { class: "off-screen", role: "status", "aria-live": "polite" });
  private readonly told = h("div", { class: "told", role: "status" });
  private readonly alarm = h("div", { class: "alarm", role: "alert" });
  private readonly bar = h("div", { class: "bar", "aria-hidden": "true" }, h("i", {}));
  private readonly presets = new Map<string, HTMLButtonElement>();
  private readonly presetSays = h("p", { class: "says" });
  private readonly parameters = h("div", { class: "found" });
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly keep: HTMLButtonElement;
  private readonly drop: HTMLButtonElement;
  private readonly swap: HTMLButtonElement;
  private finder: HTMLDetailsElement | null = null;

  constructor(
    private readonly spec: Spec,
    private readonly acts: Acts,
  ) {
    this.undo = button("Undo", acts.undo, "undo");
    this.redo = button("Redo", acts.redo, "redo");
    this.keep = button("Keep as A", acts.keep, "keep");
    this.drop = button("Remove A", acts.drop, "drop");
    this.swap = button("Swap A and B", acts.swap, "swap");
  }

  mount(root: HTMLElement): void {
    const fold = button("Controls", () => this.fold(fold), "fold");
    fold.setAttribute("aria-expanded", "false");
    fold.setAttribute("aria-controls", "controls");
    const side = h("aside", { class: "side", id: "controls", "aria-label": "Controls" }, this.groups);
    const main = h(
      "main",
      {},
      this.alarm,
      h("div", { class: "above" }, this.status, h("div", { class: "compare" }, this.keep, this.swap, this.drop)),
      this.told,
      this.cards,
      this.heads,
      h("div", { class: "panels" }, ...this.acts.panels),
      this.more,
    );
    this.root.append(this.header(), this.acts.chain, h("div", { class: "fold-row" }, fold), side, main, this.footer(), this.spoken);
    fill(root, this.root);
    document.addEventListener("keydown", (event) => this.pressed(event));
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (Math.abs(entry.contentRect.width - width) > 1) {
        width = entry.contentRect.width;
        this.acts.resized();
      }
    }).observe(main);
  }

  private header(): HTMLElement {
    const theme = button("", () => {
      this.theme(theme, nextTheme());
      this.acts.themed();
    }, "theme");
    this.theme(theme, themed());
    const share = button("Copy link", () => void this.share(share), "share");
    share.hidden = location.protocol === "about:"; // a frame of a notebook has no address
    const chips = this.spec.presets.map((preset) => {
      const one = h("button", { type: "button", class: "chip", title: preset.says, "aria-pressed": "false", onclick: () => this.acts.preset(preset.choices) }, preset.name);
      this.presets.set(preset.name, one);
      return one;
    });
    const row = chips.length ? h("div", { class: "presets", role: "group", "aria-label": "Starting points" }, ...chips, this.presetSays) : null;
    return h(
      "header",
      { class: "head" },
      h("div", { class: "title" }, h("h1", {}, this.spec.title), h("p", { class: "notice" }, this.spec.notice)),
      h("div", { class: "tools" }, this.undo, this.redo, button("Reset", this.acts.reset, "reset"), share, this.downloads(), theme),
      row,
      this.bar,
    );
  }

  private downloads(): HTMLElement {
    const items = Object.entries(KINDS).map(([kind, text]) =>
      h("li", {}, button(text, () => {
        menu.open = false;
        this.acts.file(kind);
      }, `file-${kind}`)),
    );
    const menu = h("details", { class: "menu", onfocusout: (event: FocusEvent) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget as Node)) menu.open = false;
    } }, h("summary", {}, "Download"), h("ul", {}, ...items));
    return menu;
  }

  private footer(): HTMLElement {
    const { model, hash, version } = this.spec;
    return h(
      "footer",
      {},
      h("p", {}, `${this.spec.notice}. Everything is computed on this device; nothing is sent anywhere.`),
      h("p", {}, `ldnsim ${version}, model ${model} (${hash.slice(0, 12)}). Bands hold 90 % of draws of what the evidence leaves open; they are not how people differ.`),
    );
  }

  addGroup(name: string, help: string, controls: HTMLElement[]): void {
    const says = help ? h("p", { class: "says" }, help) : null;
    this.groups.append(h("details", { class: "group", open: OPEN.has(name) }, h("summary", {}, name), h("div", { class: "fields" }, ...controls, says)));
  }

  listParameters(found: { element: HTMLElement; words: string }[], all: number): void {
    if (!this.finder) {
      const box = h("input", { id: "find-parameter", type: "search", autocomplete: "off", placeholder: "affinity, clearance, gain", oninput: () => this.acts.find(box.value) });
      const search = h("div", { class: "control" }, h("label", { for: "find-parameter" }, `Look for one of ${all}`), box);
      this.finder = h("details", { class: "group", open: this.spec.groups.length < 3 }, h("summary", {}, "Parameters"), h("div", { class: "fields" }, all > 12 ? search : null, this.parameters));
      this.groups.append(this.finder);
    }
    fill(this.parameters, ...found.map(({ element, words }) => h("div", {}, element, h("p", { class: "says" }, words))));
  }

  follow(canUndo: boolean, canRedo: boolean, compared: boolean, preset: string): void {
    able(this.undo, canUndo);
    able(this.redo, canRedo);
    this.drop.hidden = this.swap.hidden = !compared;
    write(this.keep, compared ? "Keep this as A" : "Keep as A to compare");
    for (const [name, one] of this.presets) one.setAttribute("aria-pressed", String(name === preset));
    write(this.presetSays, this.spec.presets.find((one) => one.name === preset)?.says ?? "");
  }

  /** Takes the loading state away, once there is something to see. */
  ready(): void {
    if (this.root.dataset.state === "starting") this.root.dataset.state = "ready";
  }

  busy(yes: boolean, done = 0, asked = 0): void {
    this.bar.classList.toggle("busy", yes);
    const part = asked ? Math.round((100 * done) / asked) : 0;
    (this.bar.firstElementChild as HTMLElement).style.setProperty("width", yes ? `${Math.max(4, part)}%` : "100%");
    this.root.setAttribute("aria-busy", String(yes));
  }

  trouble(sentences: string[]): void {
    list(this.alarm, sentences);
  }

  warn(sentences: string[]): void {
    list(this.told, sentences.map((text) => (/^\w*_/.test(text) ? text : capital(text)).replace(/`/g, "")));
  }

  /** Whether the table of all numbers can be seen. */
  get isOpen(): boolean {
    return this.more.open;
  }

  /** Shows what was found; without a table the last one stays, which nobody sees. */
  show(cards: HTMLElement[], table: HTMLElement | null, sides: Side[], { reply, shown, settled }: { reply: Reply; shown: Shown; settled: boolean }): void {
    fill(this.cards, ...cards);
    if (table) fill(this.numbers, table);
    fill(this.heads, ...headings(shown, reply).map((text) => h("span", {}, text)));
    this.heads.classList.toggle("short", !shown.long);
    const words = sides.map((side) =>
      h("span", { class: `side-label ${side.name === "A" ? "kept" : ""}` }, sides.length > 1 ? h("b", {}, side.name) : null, ` ${side.label}`),
    );
    fill(this.status, ...words, h("span", { class: "draws" }, people(reply)));
    this.status.dataset.stage = reply.stage;
    this.status.dataset.ms = reply.ms.toFixed(0);
    this.status.dataset.first ??= performance.now().toFixed(0);
    this.status.dataset.settled = String(settled);
  }

  announce(side: Side, keys: Headline[]): void {
    const numbers = keys.map((one) => `${this.spec.keys[one.id] ?? one.label}: ${valueOf(this.spec, one)}${interval(this.spec, one) ? ` (${interval(this.spec, one)})` : ""}`);
    const window = keys.length ? ` Numbers ${keys[0].window}.` : "";
    write(this.spoken, `${side.label}. ${numbers.join(". ")}.${window}`);
  }

  private fold(toggle: HTMLButtonElement): void {
    const open = this.root.classList.toggle("unfolded");
    toggle.setAttribute("aria-expanded", String(open));
    write(toggle, open ? "Hide controls" : "Controls");
  }

  private pressed(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) this.acts.undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) this.acts.redo();
    else return;
    event.preventDefault();
  }

  private async share(one: HTMLButtonElement): Promise<void> {
    const link = this.acts.link();
    let told = "Link copied";
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      const box = h("textarea", { class: "off-screen", "aria-hidden": "true" });
      box.value = link;
      document.body.append(box);
      box.select();
      told = document.execCommand("copy") ? told : "Copy the address above";
      box.remove();
      one.focus();
    }
    write(one, told);
    write(this.spoken, told);
    setTimeout(() => write(one, "Copy link"), 2500);
  }

  private theme(one: HTMLButtonElement, name: string): void {
    write(one, { auto: "Light or dark", light: "Light", dark: "Dark" }[name] ?? name);
    one.title = "Change between light, dark and as the device has it";
  }
}

function button(text: string, act: () => void, name: string): HTMLButtonElement {
  return h("button", { type: "button", "data-act": name, onclick: act }, text);
}

/** A button that cannot be used now stays in reach of the keyboard, so that focus is not lost. */
function able(one: HTMLButtonElement, yes: boolean): void {
  one.setAttribute("aria-disabled", String(!yes));
}

function list(element: HTMLElement, sentences: string[]): void {
  if ([...element.children].map((c) => c.textContent).join("\n") === sentences.join("\n")) return;
  fill(element, ...sentences.map((text) => h("p", {}, text)));
}

/** Whether keys belong to a box with text. */
function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== "range");
}
