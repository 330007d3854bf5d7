// Nudge one weighted input: the change of the cost compared with δ·Δz.

const net = data.net, L = net.sizes.length, rest = backprop(net, data.x, data.t);
const costAt = (l, j, by) => squaredError(forward(net, data.x, {l, j, by}).output, data.t);
const spots = range(2, L).flatMap(l => range(0, net.sizes[l - 1] - 1).map(j => ({l, j})));
const REACH = 3;

const picture = networkPicture(net, data.t, `The ${net.sizes.join("-")} network while one weighted input is nudged; its way to the cost is lit.`);
const chart = el("div");
const unit = choice({label: "Weighted input", value: "0", on: () => pick(),
  options: spots.map(({l, j}, s) => ({value: String(s), text: plain("z", l, j + 1)}))});
const nudge = slider({label: "Nudge Δz", min: -REACH, max: REACH, step: 0.01, value: 1,
  text: by => show(by, 2), on: () => update()});
const rows = el("tbody");
let spot, frame, knob, drop;

function pick() {
  spot = spots[Number(unit.select.value)];
  const {l, j} = spot, delta = rest.delta[l][j];
  const curve = range(-60, 60).map(k => k * REACH / 60).map(by => [by, costAt(l, j, by)]);
  const costs = curve.map(point => point[1]), pad = 0.15 * (Math.max(...costs) - Math.min(...costs)) + 0.02;
  const low = Math.min(...costs) - pad, high = Math.max(...costs) + pad;
  frame = plot({x: [-REACH, REACH], y: [low, high], xlabel: `nudge Δz of ${plain("z", l, j + 1)}`, ylabel: "cost C",
    label: `The cost against the nudge, a curve, and its tangent at no nudge, a dashed line of slope δ = ${show(delta)}.`});
  frame.xticks(range(-REACH, REACH));
  frame.yticks([0.25, 0.5, 0.75].map(k => low + k * (high - low)), v => show(v, 3));
  knob = draw("circle", {r: 7, class: "nnb-knob"});
  drop = draw("line", {class: "nnb-gap"});
  frame.inside.append(
    draw("path", {d: frame.path([[-REACH, rest.cost - delta * REACH], [REACH, rest.cost + delta * REACH]]), class: "nnb-tangent"}),
    draw("path", {d: frame.path(curve), class: "nnb-curve"}), drop,
    draw("circle", {cx: frame.X(0), cy: frame.Y(rest.cost), r: 3.5, class: "nnb-rest"}), knob);
  drag(frame.svg, event => { nudge.set(clamp(frame.at(event)[0], -REACH, REACH)); update(); });
  chart.replaceChildren(frame.svg);
  update();
}

function update() {
  const {l, j} = spot, by = nudge.value, delta = rest.delta[l][j], c = costAt(l, j, by), now = forward(net, data.x, {l, j, by});
  const line = rest.cost + delta * by, change = c - rest.cost;
  const place = {cx: frame.X(by), cy: frame.Y(c)};
  for (const name in place) knob.setAttribute(name, place[name]);
  fill(drop, {x1: frame.X(by), x2: frame.X(by), y1: frame.Y(c), y2: frame.Y(line)}, []);
  range(1, L).forEach(m => now.a[m].forEach((a, i) => picture.write(m, i, a, m === l && i === j ? delta : null)));
  picture.writeCost(c);
  const way = picture.path(l, j);
  picture.light({edges: way.edges, units: [...way.units, [[l, j], "d"]]});
  rows.innerHTML = [
    ["the nudge, Δ" + sym("z", l, j + 1), num(by, "z", 2)],
    ["the neuron error, " + sym("δ", l, j + 1), num(delta, "d", 5)],
    ["predicted, " + sym("δ", l, j + 1) + " · Δ" + sym("z", l, j + 1), num(delta * by, "d", 5)],
    ["measured, Δ" + sym("C"), num(change, "c", 5)],
    ["measured − predicted", num(change - delta * by, "z", 5)]
  ].map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`).join("");
  announce(`z of layer ${l}, unit ${j + 1}, nudged by ${show(by, 2)}: the cost changes by ${show(change, 5)}; ` +
    `delta times the nudge is ${show(delta * by, 5)}.`);
}

pick();
present(
  el("div", {class: "nnb-controls"}, unit.box, nudge.box),
  el("div", {class: "nnb-columns"}, picture.svg, el("div", {class: "nnb-side"}, chart, readout(rows)))
);
