// The picture of deltaNorms: one line for each activation, the chosen one strong.

const names = ["sigmoid", "tanh", "relu"];
const frame = plot({height: 300, x: [1.5, DEPTH + 0.5], y: [1e-14, 1e6], log: true, xlabel: "layer l", ylabel: "size of the deltas, ‖δˡ‖", 
  label: "The size of the deltas by layer on a logarithmic axis, one line for each activation."});
frame.xticks([2, 5, 10, 15, 20].filter(l => l <= DEPTH));
const power = p => "10" + String(p).replace(/./g, c => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
frame.yticks([-12, -8, -4, 0, 4].map(p => 10 ** p), v => power(Math.round(Math.log10(v))));
const lines = draw("g");
frame.inside.append(lines);
const which = choice({label: "Activation", value: "sigmoid", options: names.map(n => ({value: n, text: n})), on: () => update()});
const depth = slider({label: "Depth L", min: 3, max: DEPTH, step: 1, value: data.start, text: l => `${l} layers`, on: () => update()});
// He's √2 is between two positions of the slider: the number beside it says √2.
let g = 1;
const scale = slider({label: "Weight scale g", min: 0.2, max: 4, step: 0.05, value: g, text: () => g === Math.SQRT2 ? "√2" : show(g, 2), on: v => scaled(v)});
const starts = el("div", {class: "nnb-buttons"}, ...[["Glorot", 1], ["He", Math.SQRT2]].map(([name, g]) =>
  button(name, () => scaled(g))));
const rows = el("tbody"), verdict = el("p", {class: "nnb-title"});

function scaled(value) {
  g = value;
  scale.set(g);
  update();
}

function update() {
  const L = depth.value, chosen = which.select.value;
  const point = (v, k) => [k + 2, clamp(v, 1e-15, 1e7)];
  const runs = names.filter(n => n !== chosen).concat(chosen).map(name => ({name, at: deltaNorms(name, L, g).map(point)}));
  // The names are at the first hidden layer: above the highest line, below the lowest, and beside the middle one where there is more room.
  const placed = runs.map(r => ({r, y: frame.Y(r.at[0][1])})).sort((p, q) => p.y - q.y), [high, middle, low] = placed;
  high.r.y = high.y - 8;
  low.r.y = low.y + 17;
  middle.r.y = middle.y - high.y > low.y - middle.y ? Math.max(middle.y - 8, high.r.y + 13) : Math.min(middle.y + 17, low.r.y - 13);
  runs.forEach(r => { r.y = clamp(r.y, 36, 262); });
  lines.replaceChildren(...runs.flatMap(({name, at, y}) => {
    const strong = name === chosen;
    return [draw("path", {d: frame.path(at), class: strong ? "nnb-strong" : "nnb-faint"}),
      ...(strong ? at.map(p => draw("circle", {cx: frame.X(p[0]), cy: frame.Y(p[1]), r: 3.5, class: "nnb-dot-d"})) : []),
      draw("text", {x: frame.X(2) + 4, y, class: strong ? "nnb-d" : ""}, name)];
  }));
  const norms = deltaNorms(chosen, L, g), first = norms[0], last = norms[norms.length - 1], factor = (first / last) ** (1 / (L - 2));
  verdict.textContent = factor < 0.8 ? "the deltas fade towards the input" : factor > 1.25 ? "the deltas grow towards the input"
    : "the deltas keep their size";
  rows.innerHTML = [
    [`output layer, ‖${sym("δ", L)}‖`, num(last, "d", 6)], [`first hidden layer, ‖${sym("δ", 2)}‖`, num(first, "d", 6)],
    ["factor a layer, on average", num(factor, "d", 3)],
    ["deviation of the weights, <span class='nnb-term'><i>g</i>/√<i>n</i></span>", num(g / Math.sqrt(N), "w", 3)]
  ].map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`).join("");
  announce(`${chosen}, ${L} layers, weight scale ${show(g, 2)}: ${verdict.textContent}, by a factor of ${show(factor, 3)} a layer.`);
}

update();
present(
  el("div", {class: "nnb-controls"}, which.box, depth.box, scale.box, starts),
  el("div", {class: "nnb-columns"}, frame.svg, el("div", {class: "nnb-side"}, verdict, readout(rows)))
);
