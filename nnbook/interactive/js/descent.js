// Gradient descent on a quadratic surface: the rate decides whether the path goes down, oscillates or diverges.

const STEPS = 40;
let surface, start, frame;
const holder = el("div", {class: "nnb-wide"}), path = draw("g"), rows = el("tbody"), verdict = el("p", {class: "nnb-title"});
const ground = choice({label: "Surface", value: data.surface, on: () => pick(),
  options: ["bowl", "valley"].map(s => ({value: s, text: surfaces[s].name}))});
const eta = slider({label: "Rate η", min: 0.005, max: 1.25, step: 0.005, value: data.eta, text: v => show(v, 3), on: () => update()});
const steps = slider({label: "Steps", min: 0, max: STEPS, step: 1, value: 20, text: String, on: () => update()});
const costs = costPlot(STEPS, "The cost after each step on a logarithmic axis; a straight line down is steady descent.");
const line = draw("path", {class: "nnb-curve"}), mark = draw("circle", {r: 6, class: "nnb-knob"});
costs.inside.append(line, mark);

function pick() {
  surface = surfaces[ground.select.value];
  start = surface.start;
  fill(eta.input, {max: 2.5 / Math.max(...surface.curvatures)}, []);
  if (frame) eta.set(0.2 / Math.max(...surface.curvatures));
  frame = planeOf(surface, "Level lines of the surface, and the path of gradient descent on it.");
  frame.inside.append(path);
  drag(frame.svg, event => {
    const p = frame.at(event);
    start = placed(p, surface);
    update();
  });
  holder.replaceChildren(frame.svg);
  update();
}

function update() {
  const kappa = Math.max(...surface.curvatures), limit = 2 / kappa, rate = eta.value;
  const all = walk(surface, optimisers.SGD, rate, start, STEPS).points, s = steps.value, here = all[s];
  drawPath(frame, path, all.slice(0, s + 1), "one");
  const c = all.map(surface.f);
  line.setAttribute("d", costPath(costs, c));
  fill(mark, {cx: costs.X(s), cy: costs.Y(clamp(c[s], 1e-9, 1e5))}, []);
  const near = Math.abs(rate - limit) < 1e-9;
  verdict.textContent = near ? "at the threshold: it neither falls nor grows" : rate > limit ? "too large: the cost grows"
    : rate > 1 / kappa + 1e-9 ? "it bounces from side to side, and goes down" : "it goes down";
  const g = surface.gradient(here);
  rows.innerHTML = [
    [`point after ${s} step${s === 1 ? "" : "s"}`, `(${show(here[0], 3)}, ${show(here[1], 3)})`],
    ["gradient there", `(${num(g[0], "d", 3)}, ${num(g[1], "d", 3)})`],
    ["cost there", num(c[s], "c")],
    ["threshold 2/<i>κ</i>", `2/${kappa} = ${show(limit, 3)}`],
    ["factor per step, 1 − <i>ηκ</i>", [...new Set(surface.curvatures)].map(k => show(1 - rate * k, 3)).join(" and ")]
  ].map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`).join("");
  announce(`Rate ${show(rate, 3)}, ${s} steps: ${verdict.textContent}; cost ${show(c[s])}.`);
}

pick();
present(
  el("div", {class: "nnb-controls"}, ground.box, eta.box, steps.box, playButton(steps, STEPS, () => update())),
  el("div", {class: "nnb-columns"}, holder, el("div", {class: "nnb-side"}, verdict, readout(rows), costs.svg))
);
