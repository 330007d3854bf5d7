// One weight: C(w) = (w x − t)², its slope, and steps downhill.

const {x, t} = data, best = t / x, near = 1.5 * Math.abs(data.w - best) + 0.5, FARTHEST = 100;
const C = w => (w * x - t) ** 2;
const picture = el("div", {class: "nnb-wide"}), rows = el("tbody");
let w = data.w, trail = [w], low, high, frame, tangent, dots, knob;

const weight = slider({label: "Weight w", min: best - near, max: best + near, step: near / 200, value: w, text: () => show(w, 3), on: move});
const eta = slider({label: "Rate η", min: 0.01, max: 0.3, step: 0.01, value: data.eta, text: v => show(v, 2), on: () => update()});
const down = button("Step downhill", step);

// Too large a rate sends the weight farther away with every step: the picture and the slider go as far as it does.
function reach(far) {
  [low, high] = [best - far, best + far];
  const top = C(high) * 1.05;
  frame = plot({height: 270, x: [low, high], y: [-0.03 * top, top], xlabel: "weight w", ylabel: "cost C",
    label: "The cost against the weight, a parabola, with the weight of the moment and the tangent there."});
  frame.xticks(range(0, 4).map(k => low + k * (high - low) / 4), v => String(Number(v.toFixed(2))).replace("-", "−"));
  frame.yticks([0, 0.25, 0.5, 0.75, 1].map(k => k * C(high)), v => exactly(Number(v.toPrecision(3))));
  tangent = draw("path", {class: "nnb-tangent"});
  dots = draw("g");
  knob = draw("circle", {r: 8, class: "nnb-knob"});
  frame.inside.append(
    draw("path", {d: frame.path(range(0, 80).map(k => low + k * (high - low) / 80).map(v => [v, C(v)])), class: "nnb-curve"}),
    tangent, dots, knob);
  drag(frame.svg, event => move(Number(clamp(frame.at(event)[0], low, high).toFixed(3))));
  picture.replaceChildren(frame.svg);
  fill(weight.input, {min: low, max: high, step: far / 200}, []);
}

const slope = () => 2 * (w * x - t) * x;
const gone = () => Math.abs(w - best) > FARTHEST * near;
function move(v) { w = v; trail = [w]; update(); }
function step() {
  if (gone()) return;
  w -= eta.value * slope();
  trail.push(w);
  let far = high - best;
  while (Math.abs(w - best) > 0.9 * far) far *= 2;
  if (far > high - best) reach(far);
  update();
}

function update() {
  const a = w * x, next = w - eta.value * slope();
  weight.set(w);
  fill(knob, {cx: frame.X(w), cy: frame.Y(C(w))}, []);
  fill(tangent, {d: frame.path([low, high].map(v => [v, C(w) + slope() * (v - w)]))}, []);
  dots.replaceChildren(...trail.slice(0, -1).map(v =>
    draw("circle", {cx: frame.X(v), cy: frame.Y(C(v)), r: 4, class: "nnb-rest"})));
  fill(down, {"aria-disabled": String(gone())}, []);
  const d = "<i>d</i>", dC = symbol => `${d}${sym("C")}/${d}${symbol}`;
  rows.innerHTML = [
    [`${sym("a")} = ${sym("w")}${sym("x")}`, `${num(w, "w", 3)} · ${exactly(x)} = ${num(a, "a")}`],
    [`${sym("C")} = (${sym("a")} − ${sym("t")})²`, `(${num(a, "a", 3)} − ${exactly(t)})² = ${num(C(w), "c")}`],
    [`${dC(sym("a"))} = 2(${sym("a")} − ${sym("t")})`, num(2 * (a - t), "d")],
    [`${dC(sym("w"))} = ${dC(sym("a"))} · ${sym("x")}`, num(slope(), "d")],
    [`next ${sym("w")} = ${sym("w")} − <i>η</i> ${dC(sym("w"))}`, num(next, "w")],
    ["steps taken", gone() ? `${trail.length - 1}: it will not come back` : String(trail.length - 1)]
  ].map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`).join("");
  announce(`w is ${show(w, 3)}, the cost ${show(C(w))}, the slope ${show(slope())}, after ${trail.length - 1} steps at rate ${show(eta.value, 2)}.`);
}

reach(near);
update();
present(
  el("div", {class: "nnb-controls"}, weight.box, eta.box,
    el("div", {class: "nnb-buttons"}, down, button("Start again", () => { reach(near); move(data.w); }))),
  el("div", {class: "nnb-columns"}, picture, el("div", {class: "nnb-side"}, readout(rows)))
);
