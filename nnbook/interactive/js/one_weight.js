// One weight: C(w) = (w x − t)², its slope, and steps downhill.

const {x, t} = data, best = t / x, reach = 1.5 * Math.abs(data.w - best) + 0.5;
const C = w => (w * x - t) ** 2;
const low = best - reach, high = best + reach, top = C(high) * 1.05;
let w = data.w, trail = [w];

const frame = plot({height: 270, x: [low, high], y: [-0.03 * top, top], xlabel: "weight w", ylabel: "cost C", 
  label: "The cost against the weight, a parabola, with the weight of the moment and the tangent there."});
frame.xticks(range(0, 4).map(k => low + k * (high - low) / 4), v => String(Number(v.toFixed(2))).replace("-", "−"));
frame.yticks([0, 0.25, 0.5, 0.75, 1].map(k => k * C(high)), v => exactly(Number(v.toPrecision(3))));
const tangent = draw("path", {class: "nnb-tangent"}), dots = draw("g"), knob = draw("circle", {r: 8, class: "nnb-knob"});
frame.inside.append(
  draw("path", {d: frame.path(range(0, 80).map(k => low + k * (high - low) / 80).map(v => [v, C(v)])), class: "nnb-curve"}),
  tangent, dots, knob);
drag(frame.svg, event => move(Number(clamp(frame.at(event)[0], low, high).toFixed(3))));

const weight = slider({label: "Weight w", min: low, max: high, step: reach / 200, value: w, text: () => show(w, 3), on: move});
const eta = slider({label: "Rate η", min: 0.01, max: 0.3, step: 0.01, value: data.eta, text: v => show(v, 2), on: () => update()});
const rows = el("tbody");

const slope = () => 2 * (w * x - t) * x;
function move(v) { w = v; trail = [w]; update(); }
function step() { w -= eta.value * slope(); trail.push(w); update(); }

function update() {
  const a = w * x, next = w - eta.value * slope();
  weight.set(w);
  fill(knob, {cx: frame.X(clamp(w, -1e6, 1e6)), cy: frame.Y(Math.min(C(w), 1e9))}, []);
  fill(tangent, {d: frame.path([low, high].map(v => [v, C(w) + slope() * (v - w)]))}, []);
  dots.replaceChildren(...trail.slice(0, -1).filter(v => v >= low && v <= high).map(v =>
    draw("circle", {cx: frame.X(v), cy: frame.Y(C(v)), r: 4, class: "nnb-rest"})));
  const d = "<i>d</i>", dC = symbol => `${d}${sym("C")}/${d}${symbol}`;
  rows.innerHTML = [
    [`${sym("a")} = ${sym("w")}${sym("x")}`, `${num(w, "w", 3)} · ${exactly(x)} = ${num(a, "a")}`],
    [`${sym("C")} = (${sym("a")} − ${sym("t")})²`, `(${num(a, "a", 3)} − ${exactly(t)})² = ${num(C(w), "c")}`],
    [`${dC(sym("a"))} = 2(${sym("a")} − ${sym("t")})`, num(2 * (a - t), "d")],
    [`${dC(sym("w"))} = ${dC(sym("a"))} · ${sym("x")}`, num(slope(), "d")],
    [`next ${sym("w")} = ${sym("w")} − <i>η</i> ${dC(sym("w"))}`, num(next, "w")],
    ["steps taken", String(trail.length - 1)]
  ].map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`).join("");
  announce(`w is ${show(w, 3)}, the cost ${show(C(w))}, the slope ${show(slope())}, after ${trail.length - 1} steps at rate ${show(eta.value, 2)}.`);
}

update();
present(
  el("div", {class: "nnb-controls"}, weight.box, eta.box,
    el("div", {class: "nnb-buttons"}, button("Step downhill", step), button("Start again", () => move(data.w)))),
  el("div", {class: "nnb-columns"}, frame.svg, el("div", {class: "nnb-side"}, readout(rows)))
);
