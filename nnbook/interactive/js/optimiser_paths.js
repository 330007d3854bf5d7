// Optimisers side by side on one surface, from one start.

const STEPS = 100;
let surface, start, frame, floor;
const holder = el("div", {class: "nnb-wide"}), rows = el("tbody"), head = el("thead");
const costs = costPlot(STEPS, "The cost of both after each step on a logarithmic axis.");
const ground = choice({label: "Surface", value: data.surface, on: () => pick(),
  options: Object.keys(surfaces).map(s => ({value: s, text: surfaces[s].name}))});
const steps = slider({label: "Steps", min: 0, max: STEPS, step: 1, value: 40, text: String, on: () => update()});

// Ten rates in each power of ten, from 0.001 to 1, of two digits each: the printed rate is the rate used.
const rateOf = k => Number((0.001 * 10 ** (k / 10)).toPrecision(2)), notch = rate => Math.round(10 * Math.log10(rate / 0.001));
const runner = (kind, title, chosen) => {
  const names = Object.keys(optimisers).concat(kind === "two" ? ["none"] : []);
  const r = {kind, path: draw("g"), line: draw("path", {class: "nnb-path nnb-path-" + kind})};
  r.which = choice({label: title, value: chosen, options: names.map(n => ({value: n, text: n})), on: name => {
    if (name !== "none") r.rate.set(notch(optimisers[name].rate));
    update();
  }});
  r.rate = slider({label: "Rate η", min: 0, max: 30, step: 1, value: notch(optimisers[chosen].rate),
    text: k => String(rateOf(k)), on: () => update()});
  r.rate.input.setAttribute("aria-label", "Rate η of the " + title.toLowerCase());
  costs.inside.append(r.line);
  return r;
};
const runners = [runner("one", "First optimiser", data.optimisers[0]), runner("two", "Second optimiser", data.optimisers[1])];

function pick() {
  surface = surfaces[ground.select.value];
  start = surface.start;
  // The lowest point, found by walking down from every corner, so that costs are heights above it.
  floor = Math.min(...surface.x.flatMap(u => surface.y.map(v =>
    surface.f(walk(surface, optimisers.SGD, 0.02, [u / 2, v / 2], 2000).points[2000]))));
  frame = planeOf(surface, "Level lines of the surface, and the paths of the optimisers on it.");
  frame.inside.append(...runners.map(r => r.path));
  drag(frame.svg, event => {
    const p = frame.at(event);
    start = placed(p, surface);
    update();
  });
  holder.replaceChildren(frame.svg);
  update();
}

function update() {
  const s = steps.value, said = [], columns = [];
  for (const r of runners) {
    const name = r.which.select.value;
    r.rate.box.hidden = name === "none";
    if (name === "none") {
      r.path.replaceChildren();
      r.line.setAttribute("d", "");
      continue;
    }
    const run = walk(surface, optimisers[name], rateOf(r.rate.value), start, s), here = run.points[s];
    drawPath(frame, r.path, run.points, r.kind);
    r.line.setAttribute("d", costPath(costs, run.points.map(p => surface.f(p) - floor)));
    columns.push({r, name, here, c: surface.f(here), state: run.state});
    said.push(`${name} at rate ${r.rate.box.lastChild.textContent}: cost ${show(surface.f(here), 6)}`);
  }
  const pairOf = v => Array.isArray(v) ? `${show(v[0], 3)}<br>${show(v[1], 3)}` : String(v);
  const line = (title, value) => `<tr><th scope="row">${title}</th>${columns.map(c => `<td>${value(c)}</td>`).join("")}</tr>`;
  head.innerHTML = `<tr><th scope="col">after ${s} steps</th>${columns.map(c =>
    `<th scope="col"><span class="nnb-key nnb-key-${c.r.kind}"></span> ${c.name}</th>`).join("")}</tr>`;
  const fields = [...new Set(columns.flatMap(c => Object.keys(c.state)))];
  rows.innerHTML = line("point", c => pairOf(c.here)) + line("cost", c => num(c.c, "c")) +
    fields.map(f => line(`state <i>${f}</i>`, c => f in c.state ? pairOf(c.state[f]) : "–")).join("");
  announce(`After ${s} steps. ${said.join(". ")}.`);
}

pick();
present(
  el("div", {class: "nnb-controls"}, ground.box, steps.box, playButton(steps, STEPS, () => update())),
  el("div", {class: "nnb-controls"}, ...runners.map(r => el("div", {class: "nnb-group"}, r.which.box, r.rate.box))),
  el("div", {class: "nnb-columns"}, holder, el("div", {class: "nnb-side"}, readout(rows, head), costs.svg))
);
