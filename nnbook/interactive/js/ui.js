// The page: elements, controls, a plot frame and the announcer, shared by every figure.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}
const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const draw = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

let count = 0;
const newId = () => "nnb-" + data.label + "-" + ++count;

// A symbol with its layer above and its indices below, as the book prints it: sym("w", 2, "13"), classes colour the quantity.
const KIND = {a: "a", x: "a", w: "w", b: "w", W: "w", δ: "d", C: "c"};
const slanted = scripts => String(scripts || "").replace(/[a-z]/g, "<i>$&</i>");
const sym = (name, above, below) => {
  const scripts = above || below
    ? `<span class="nnb-ss"><span>${above || ""}</span><span>${slanted(below)}</span></span>` : "";
  return `<span class="nnb-sym nnb-${KIND[name] || "z"}"><i>${name}</i>${scripts}</span>`;
};
const num = (x, kind, decimals) => `<span class="nnb-num nnb-${kind || "z"}">${show(x, decimals)}</span>`;
// Two indices are written without a comma while each is one character (w^2_{13}, but w^2_{1,12}).
const pair = (j, i) => j > 9 || i > 9 ? `${j},${i}` : `${j}${i}`;

// The same symbols as plain text, for labels: w²₁₃.
const raised = n => String(n).replace(/\d/g, d => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);
const lowered = n => String(n).replace(/\d/g, d => "₀₁₂₃₄₅₆₇₈₉"[d]);
const plain = (name, l, below) => name + raised(l) + lowered(below);

function slider({label, min, max, step, value, text, on}) {
  const out = el("output", {class: "nnb-value"});
  const input = el("input", {type: "range", id: newId(), min, max, step, value});
  out.htmlFor = input.id;
  const refresh = () => {
    out.textContent = text(Number(input.value));
    input.setAttribute("aria-valuetext", out.textContent);
  };
  input.addEventListener("input", () => { refresh(); on(Number(input.value)); });
  refresh();
  const box = el("div", {class: "nnb-control nnb-slider"}, el("label", {for: input.id}, label), input, out);
  return {box, input, set(x) { input.value = x; refresh(); }, get value() { return Number(input.value); }};
}

function choice({label, options, value, on}) {
  const option = o => o.group
    ? el("optgroup", {label: o.group}, ...o.options.map(option))
    : el("option", {value: o.value, selected: o.value === value}, o.text);
  const select = el("select", {id: newId()}, ...options.map(option));
  select.addEventListener("change", () => on(select.value));
  return {box: el("div", {class: "nnb-control"}, el("label", {for: select.id}, label), select), select};
}

const button = (text, on, attributes) => el("button", {type: "button", onclick: on, ...attributes}, text);

const readout = (rows, head) => el("table", {class: "nnb-readout"}, el("caption", {class: "nnb-sr"}, "Current values"), head || "", rows);

// Moves a slider from 0 to its end; those who ask for reduced motion see the end at once.
function playButton(control, end, go) {
  let timer = null;
  const stop = () => { clearInterval(timer); timer = null; play.textContent = "Play"; };
  const set = s => { control.set(s); go(); };
  const play = button("Play", () => {
    if (timer) return stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return set(end);
    set(0);
    play.textContent = "Stop";
    timer = setInterval(() => { set(control.value + 1); if (control.value >= end) stop(); }, 90);
  });
  control.input.addEventListener("input", () => { if (timer) stop(); });
  return play;
}

// Values are announced once they stop changing, so that dragging does not flood a screen reader.
const status = el("p", {class: "nnb-sr", role: "status", "aria-live": "polite"});
let waiting = null;
function announce(text) {
  clearTimeout(waiting);
  waiting = setTimeout(() => { status.textContent = text; }, 500);
}

// A plot frame: X and Y turn values into picture coordinates, `at` turns a pointer event back into values.
function plot({width = 340, height = 250, x, y, xlabel, ylabel, label, log}) {
  const left = 44, right = width - 10, top = 24, bottom = height - 36;
  const fy = log ? Math.log10 : v => v;
  const X = v => left + (v - x[0]) / (x[1] - x[0]) * (right - left);
  const Y = v => bottom - (fy(v) - fy(y[0])) / (fy(y[1]) - fy(y[0])) * (bottom - top);
  const clip = newId();
  const inside = draw("g", {"clip-path": `url(#${clip})`});
  const svg = draw("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "nnb-plot"},
    draw("clipPath", {id: clip}, draw("rect", {x: left, y: top, width: right - left, height: bottom - top})),
    draw("rect", {x: left, y: top, width: right - left, height: bottom - top, class: "nnb-frame"}), inside,
    draw("text", {x: (left + right) / 2, y: height - 4, "text-anchor": "middle"}, xlabel),
    draw("text", {x: left, y: top - 8}, ylabel));
  const ticks = (values, at, write) => values.forEach(v => svg.append(at(v, write ? write(v) : String(v).replace("-", "−"))));
  return {
    svg, inside, X, Y,
    xticks(values, write) {
      ticks(values, (v, text) => draw("text", {x: X(v), y: bottom + 15, "text-anchor": "middle"}, text), write);
    },
    yticks(values, write) {
      ticks(values, (v, text) => draw("text", {x: left - 5, y: Y(v) + 4, "text-anchor": "end"}, text), write);
    },
    path: points => points.map(([px, py], i) => (i ? "L" : "M") + X(px).toFixed(1) + " " + Y(py).toFixed(1)).join(""),
    at(event) {
      const box = svg.getBoundingClientRect(), k = width / box.width;
      const px = (event.clientX - box.left) * k, py = (event.clientY - box.top) * k;
      return [x[0] + (px - left) / (right - left) * (x[1] - x[0]), y[0] + (bottom - py) / (bottom - top) * (y[1] - y[0])];
    }
  };
}

// Dragging anywhere on a picture; the sliders do the same by keyboard.
function drag(svg, move) {
  svg.classList.add("nnb-drag");
  let held = false;
  svg.addEventListener("pointerdown", e => { held = true; svg.setPointerCapture(e.pointerId); move(e); });
  svg.addEventListener("pointermove", e => { if (held) move(e); });
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => { held = false; });
}

const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

// Replaces the static picture only when the figure has been built without an error.
function present(...parts) {
  const root = document.currentScript ? document.currentScript.closest(".nnb-figure") : document.getElementById("nnb-" + data.label);
  const style = el("style", {}, css);
  const panel = el("div", {class: "nnb-panel"}, ...parts, status);
  root.querySelector(".nnb-fallback").replaceWith(style, panel);
}
