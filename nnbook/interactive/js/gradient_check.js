// Gradient checking: plant a bug, see which entries disagree with the central difference, read the diagnosis.

const net = data.net, TOLERANCE = 1e-8;
const blocks = range(2, net.sizes.length).flatMap(l => [{name: "W", l, rows: net.W[l]}, {name: "b", l, rows: [net.b[l]]}]);
const value = (g, {name, l}, j, i) => name === "W" ? g.W[l][j][i] : g.b[l][i];
const flat = (g, {name, l}) => name === "W" ? g.W[l].flat() : g.b[l];
const entryName = ({name, l}, j, i) => name === "W" ? plain("w", l, pair(j + 1, i + 1)) : plain("b", l, i + 1);

const side = Math.min(24, 276 / Math.max(...net.sizes));
const svg = draw("svg", {role: "img", class: "nnb-grid"}), cells = [];
let y = 8;
for (const block of blocks) {
  svg.append(draw("text", {x: 46, y: y + 15, "text-anchor": "end"}, `${block.name}[${block.l}]`));
  block.rows.forEach((row, j) => row.forEach((_, i) => {
    const x = 54 + i * side, top = y + j * side, n = cells.length;
    const box = draw("rect", {x, y: top, width: side - 3, height: side - 3, rx: 3});
    const cross = draw("path", {d: `M${x + 6} ${top + 6}l${side - 15} ${side - 15}m0 ${15 - side}l${15 - side} ${side - 15}`});
    svg.append(draw("g", {onclick: () => { entry.select.value = n; update(); }}, draw("title", {}, entryName(block, j, i)), box, cross));
    cells.push({block, j, i, box, cross});
  }));
  y += block.rows.length * side + 12;
}
svg.setAttribute("viewBox", `0 0 340 ${y}`);

const bug = choice({label: "Bug", value: data.bugs[0].name, on: () => update(),
  options: data.bugs.map(b => ({value: b.name, text: b.title}))});
const entry = choice({label: "Entry", value: "0", on: () => update(), options: blocks.map(block => ({
  group: `${block.name}[${block.l}]`,
  options: cells.map((c, n) => ({c, n})).filter(({c}) => c.block === block).map(({c, n}) => ({value: String(n), text: entryName(block, c.j, c.i)}))
}))});
const about = el("p"), code = el("code", {class: "nnb-code"}), verdict = el("p", {class: "nnb-title"}), diagnosis = el("p", {class: "nnb-diagnosis"});
const rows = el("tbody"), arrays = el("tbody"), head = el("thead");
head.innerHTML = '<tr><th scope="col">array</th><th scope="col">relative error</th><th scope="col">check</th></tr>';

function update() {
  const chosen = data.bugs.find(b => b.name === bug.select.value), penalised = chosen.name === "penalty twice";
  const given = batchGradient(net, data.X, data.T, chosen.name), measured = centralDifferences(net, data.X, data.T, penalised);
  about.textContent = chosen.about;
  code.textContent = chosen.code;
  let wrong = 0;
  cells.forEach((cell, n) => {
    const scale = Math.max(...flat(measured, cell.block).map(Math.abs));
    const off = Math.abs(value(given, cell.block, cell.j, cell.i) - value(measured, cell.block, cell.j, cell.i)) > 1e-7 * scale;
    wrong += off;
    cell.box.setAttribute("class", (off ? "nnb-off" : "nnb-on") + (String(n) === entry.select.value ? " nnb-chosen" : ""));
    cell.cross.setAttribute("class", off ? "nnb-mark" : "nnb-hidden");
  });
  verdict.textContent = wrong ? `${wrong} of ${cells.length} entries disagree` : `all ${cells.length} entries agree`;
  svg.setAttribute("aria-label", `The entries of the gradient, array by array; those that disagree are crossed: ${verdict.textContent}.`);
  arrays.innerHTML = blocks.map(block => {
    const error = relativeError(flat(given, block), flat(measured, block)), good = error <= TOLERANCE;
    return `<tr><th scope="row">${block.name}[${block.l}]</th><td>${good ? "below 10⁻⁸" : show(error, 3)}</td><td>${good ? "agrees" : "<b class='nnb-d'>DIFFERS</b>"}</td></tr>`;
  }).join("");
  diagnosis.textContent = chosen.diagnosis;
  const {block, j, i} = cells[Number(entry.select.value)], name = entryName(block, j, i);
  const g = value(given, block, j, i), m = value(measured, block, j, i);
  rows.innerHTML = [
    [`backpropagation, ∂${penalised ? "<i>J</i>" : sym("C", "", "T")}/∂${name}`, num(g, "d", 6)],
    ["central difference", num(m, "z", 6)],
    ["their ratio", m ? show(g / m, 4) : "–"]
  ].map(([title, text]) => `<tr><th scope="row">${title}</th><td>${text}</td></tr>`).join("");
  announce(`${chosen.title}: ${verdict.textContent}. Diagnosis: ${chosen.diagnosis}. Entry ${name}: backpropagation ${show(g, 6)}, central difference ${show(m, 6)}.`);
}

update();
present(
  el("div", {class: "nnb-controls"}, bug.box, entry.box),
  about, code,
  el("div", {class: "nnb-columns"},
    el("div", {class: "nnb-wide"}, verdict, svg, readout(rows)),
    el("div", {class: "nnb-side"}, readout(arrays, head), el("p", {class: "nnb-title"}, "Diagnosis"), diagnosis))
);
