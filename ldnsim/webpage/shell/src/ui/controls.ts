/** The controls: a slider with a box to type in, a list, or days by number; what is refused says why beside it. */

import { checkMissed } from "./course";
import { atStop, place, read, Refused, said, write } from "./fields";
import { h, write as put } from "./dom";
import { type Choices, type ClockField, type DaysField, type Field, holds, type NumberField, type PickField, type Value } from "./spec";

/** Tells what is chosen; `passing` while a slider still moves. */
export type Choose = (name: string, value: Value, passing: boolean) => void;

export interface Control {
  element: HTMLElement;
  /** Brings the control to what the page stands at. */
  follow(choices: Choices): void;
}

export function control(field: Field, choose: Choose): Control {
  const made = field.kind === "pick" ? pick(field, choose) : field.kind === "days" ? days(field, choose) : slid(field, choose);
  return {
    element: made.element,
    follow(choices) {
      made.element.hidden = !holds(field.when, choices);
      made.follow(choices);
    },
  };
}

function slid(field: NumberField | ClockField, choose: Choose): Control {
  const id = `control-${field.name}`;
  const refusal = h("p", { class: "refused", id: `${id}-refused`, "aria-live": "polite" });
  const take = (text: Value, passing: boolean): void => {
    const value = refusing(refusal, box, () => read(field, text));
    if (value !== undefined) choose(field.name, value, passing);
  };
  const box = h("input", {
    id,
    type: "text",
    inputmode: field.kind === "clock" ? "text" : "decimal",
    autocomplete: "off",
    "aria-describedby": `${id}-refused`,
    onchange: () => take(box.value, false),
  });
  const slider = h("input", {
    type: "range",
    min: 0,
    max: field.stops.length - 1,
    step: 1,
    "aria-label": `${field.label}, slider`,
    oninput: () => moved(true),
    onchange: () => moved(false),
  });
  const moved = (passing: boolean): void => {
    const value = atStop(field, Number(slider.value));
    slider.setAttribute("aria-valuetext", said(field, value));
    take(value, passing);
  };
  const unit = field.kind === "number" && field.unit ? h("span", { class: "unit" }, field.unit) : null;
  const top = h("div", { class: "top" }, h("label", { for: id }, field.label), h("span", { class: "typed" }, box, unit));
  return {
    element: h("div", { class: "control slid", "data-control": field.name }, top, slider, refusal),
    follow(choices) {
      const value = choices[field.name];
      const text = write(field, value);
      if (box.value !== text) box.value = text;
      settle(refusal, box);
      slider.value = String(place(field, value));
      slider.setAttribute("aria-valuetext", said(field, value));
    },
  };
}

function pick(field: PickField, choose: Choose): Control {
  const id = `control-${field.name}`;
  const says = h("p", { class: "says", id: `${id}-says` });
  const list = h(
    "select",
    { id, "aria-describedby": `${id}-says`, onchange: () => choose(field.name, field.options[list.selectedIndex][1], false) },
    ...field.options.map(([text]) => h("option", {}, text)),
  );
  return {
    element: h("div", { class: "control", "data-control": field.name }, h("label", { for: id }, field.label), list, says),
    follow(choices) {
      const value = choices[field.name];
      list.selectedIndex = field.options.findIndex(([, own]) => own === value);
      put(says, field.says.find(([own]) => own === value)?.[1] ?? "");
    },
  };
}

/** Days that are missed: each must have a dose, which other controls decide. */
function days(field: DaysField, choose: Choose): Control {
  const id = `control-${field.name}`;
  const refusal = h("p", { class: "refused", id: `${id}-refused`, "aria-live": "polite" });
  let now: Choices = {};
  const checked = (value: Value): Value => {
    checkMissed({ ...now, [field.name]: value }, field.label);
    return value;
  };
  const box = h("input", {
    id,
    type: "text",
    autocomplete: "off",
    placeholder: field.hint,
    "aria-describedby": `${id}-refused`,
    onchange: () => {
      const value = refusing(refusal, box, () => checked(read(field, box.value)));
      if (value !== undefined) choose(field.name, value, false);
    },
  });
  return {
    element: h("div", { class: "control", "data-control": field.name }, h("label", { for: id }, field.label), box, refusal),
    follow(choices) {
      now = choices;
      const text = String(choices[field.name] ?? "");
      if (box.value !== text) box.value = text;
      refusing(refusal, box, () => checked(text));
    },
  };
}

/** Reads, or says beside the control why not; the last good picture stays. */
function refusing(refusal: HTMLElement, box: HTMLInputElement, reading: () => Value): Value | undefined {
  try {
    const value = reading();
    settle(refusal, box);
    return value;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    put(refusal, error.message);
    box.setAttribute("aria-invalid", "true");
    return undefined;
  }
}

function settle(refusal: HTMLElement, box: HTMLInputElement): void {
  put(refusal, "");
  box.setAttribute("aria-invalid", "false");
}
