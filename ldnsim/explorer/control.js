// One number: a label, a box to type in, a slider, and the reason why a value was refused.
const KEYBOARD_PAUSE = 150; // ms; a held arrow key asks once, not thirty times a second

export function render({ model }) {
  const id = `control-${model.name_}`;
  const root = document.createElement("div");
  root.className = "control";
  root.innerHTML = `
    <label for="${id}"></label>
    <span class="typed"><input id="${id}" type="text" inputmode="${model.inputmode}" autocomplete="off"
      spellcheck="false" aria-describedby="${id}-refused"><span class="unit"></span></span>
    <input class="slide" type="range" min="0" step="1">
    <p class="refused" id="${id}-refused" role="alert"></p>`;
  const [label, unit, refused] = ["label", ".unit", ".refused"].map((s) => root.querySelector(s));
  const [typed, slide] = [root.querySelector("[type=text]"), root.querySelector("[type=range]")];
  let waiting = null;
  let byKey = false;

  function show() {
    label.textContent = model.label;
    unit.textContent = model.unit;
    slide.max = model.stops.length - 1;
    slide.setAttribute("aria-label", `${model.label}, slider`);
    if (typed.value !== model.text) typed.value = model.text;
    slide.value = model.place;
    speak();
    refused.textContent = model.refused;
    typed.setAttribute("aria-invalid", model.refused ? "true" : "false");
  }
  function speak() {
    slide.style.setProperty("--share", slide.max > 0 ? slide.value / slide.max : 0);
    slide.setAttribute("aria-valuetext", `${model.stops[slide.value]} ${model.unit}`.trim());
  }
  function send(text) {
    clearTimeout(waiting);
    model.text = text;
  }
  slide.addEventListener("keydown", () => { byKey = true; });
  slide.addEventListener("pointerdown", () => { byKey = false; });
  slide.addEventListener("input", () => {
    typed.value = model.stops[slide.value];
    speak();
  });
  slide.addEventListener("change", () => { // on release
    const text = model.stops[slide.value];
    clearTimeout(waiting);
    if (byKey) waiting = setTimeout(() => send(text), KEYBOARD_PAUSE);
    else send(text);
  });
  typed.addEventListener("change", () => send(typed.value));
  ["text", "place", "refused", "label", "unit", "stops"].forEach((name) => model.on(name, show));
  show();
  return root;
}
