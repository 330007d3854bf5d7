// Step through backpropagation: one number of the forward pass, the deltas or the gradients at a time.

const net = data.net, L = net.sizes.length, run = backprop(net, data.x, data.t);
const units = l => range(0, net.sizes[l - 1] - 1);
const fName = l => ({sigmoid: "σ", tanh: "tanh", relu: "relu", identity: "f"})[net.f[l]];
const slope = (l, j) => activations[net.f[l]].derivative(run.z[l][j]);
const bracket = (x, kind, decimals) => x < 0 ? `(${num(x, kind, decimals)})` : num(x, kind, decimals);
const plus = terms => terms.map((t, i) => `<span class="nnb-term">${i ? "+ " : ""}${t}</span>`).join(" ");
const dCd = symbol => `<span class="nnb-sym">∂<i class="nnb-c">C</i>/∂</span>${symbol}`;

const picture = networkPicture(net, data.t, `The ${net.sizes.join("-")} network; what the step uses is highlighted.`, (l, j, i) => go(at[["w", l, j, i]]));
const steps = [], at = {};
const add = (key, phase, step) => { at[key] = steps.length; steps.push({phase, ...step}); };

add("input", "Input", {
  title: "The input is the activation of layer 1",
  lines: [sym("a", 1, "i") + " = " + sym("x", "", "i")],
  lit: {edges: [], units: units(1).map(i => [[1, i], "a"])},
  spoken: `The input layer holds ${net.sizes[0]} numbers.`
});
for (let l = 2; l <= L; l++) {
  units(l).forEach(j => add(["a", l, j], "Forward", {
    title: `Forward: unit ${j + 1} of layer ${l}`,
    lines: [
      `${sym("z", l, j + 1)} = Σ<sub><i>i</i></sub> ${sym("w", l, pair(j + 1, "i"))} ${sym("a", l - 1, "i")} + ${sym("b", l, j + 1)}`,
      `= ${plus(units(l - 1).map(i => bracket(net.W[l][j][i], "w", 2)
        + "·" + bracket(run.a[l - 1][i], "a", 2)).concat(bracket(net.b[l][j], "w", 2)))}`,
      `= ${num(run.z[l][j])}`,
      `${sym("a", l, j + 1)} = ${fName(l)}(${num(run.z[l][j])}) = <b>${num(run.a[l][j], "a")}</b>`
    ],
    lit: {edges: units(l - 1).map(i => [[l, j, i], "w"]), units: [[[l, j], "a"], ...units(l - 1).map(i => [[l - 1, i], "a"])]},
    spoken: `z is ${show(run.z[l][j])}, a is ${show(run.a[l][j])}.`
  }));
}
add("cost", "Cost", {
  title: "The cost of this sample",
  lines: [
    `${sym("C")} = ½ Σ<sub><i>j</i></sub> (${sym("a", L, "j")} − ${sym("t", "", "j")})²`,
    `= ½ (${plus(units(L).map(j => `(${num(run.a[L][j], "a")} − <span class="nnb-num nnb-z">${exactly(data.t[j])}</span>)²`))})`,
    `= <b>${num(run.cost, "c")}</b>`
  ],
  lit: {edges: units(L).map(j => [["C", j], "c"]), units: [["C", "c"], ...units(L).map(j => [[L, j], "a"])]},
  spoken: `C is ${show(run.cost)}.`
});
units(L).forEach(j => add(["d", L, j], "Deltas", {
  title: `Output delta: unit ${j + 1} of layer ${L}`,
  lines: [
    `${sym("δ", L, j + 1)} = ${dCd(sym("a", L, j + 1))} · <i>f</i> ′(${sym("z", L, j + 1)}) = (${sym("a", L, j + 1)} − ${sym("t", "", j + 1)}) <i>f</i> ′(${sym("z", L, j + 1)})`,
    `= (${num(run.a[L][j], "a")} − <span class="nnb-num nnb-z">${exactly(data.t[j])}</span>) · ${num(slope(L, j))}`,
    `= <b>${num(run.delta[L][j], "d")}</b>`
  ],
  lit: {edges: [[["C", j], "d"]], units: [[[L, j], "d"], ["C", "c"]]},
  spoken: `delta is ${show(run.delta[L][j])}.`
}));
for (let l = L - 1; l >= 2; l--) {
  units(l).forEach(i => add(["d", l, i], "Deltas", {
    title: `Hidden delta: unit ${i + 1} of layer ${l}`,
    lines: [
      `${sym("δ", l, i + 1)} = (Σ<sub><i>j</i></sub> ${sym("δ", l + 1, "j")} ${sym("w", l + 1, pair("j", i + 1))}) <i>f</i> ′(${sym("z", l, i + 1)})`,
      `= (${plus(units(l + 1).map(j => bracket(run.delta[l + 1][j], "d") + "·" + bracket(net.W[l + 1][j][i], "w", 3)))}) · ${num(slope(l, i))}`,
      `= <b>${num(run.delta[l][i], "d")}</b>`
    ],
    lit: {edges: units(l + 1).map(j => [[l + 1, j, i], "d"]), units: [[[l, i], "d"], ...units(l + 1).map(j => [[l + 1, j], "d"])]},
    spoken: `delta is ${show(run.delta[l][i])}.`
  }));
}
for (let l = L; l >= 2; l--) {
  units(l).forEach(j => {
    const way = picture.path(l, j);
    const names = range(l, L).map(m => m === l ? sym("z", l, j + 1) + " → " + sym("a", l, j + 1) : units(m).map(k => sym("a", m, k + 1)).join(", "));
    const path = start => `Path: ${start} → ${names.join(" → ")} → ${sym("C")}`;
    units(l - 1).forEach(i => add(["w", l, j, i], "Gradients", {
      title: `Gradient of weight ${plain("w", l, pair(j + 1, i + 1))}: from unit ${i + 1} to unit ${j + 1}`,
      lines: [
        `${dCd(sym("w", l, pair(j + 1, i + 1)))} = ${sym("δ", l, j + 1)} ${sym("a", l - 1, i + 1)}`,
        `= ${bracket(run.delta[l][j], "d")} · ${bracket(run.a[l - 1][i], "a")}`,
        `= <b>${num(run.dW[l][j][i], "w", 5)}</b>`,
        path(sym("w", l, pair(j + 1, i + 1)))
      ],
      lit: {edges: [[[l, j, i], "w"], ...way.edges], units: [[[l - 1, i], "a"], ...way.units.slice(1), [[l, j], "d"]]},
      spoken: `The gradient is ${show(run.dW[l][j][i], 5)}.`
    }));
    add(["b", l, j], "Gradients", {
      title: `Gradient of bias ${plain("b", l, j + 1)}: unit ${j + 1} of layer ${l}`,
      lines: [
        `${dCd(sym("b", l, j + 1))} = ${sym("δ", l, j + 1)}`,
        `= <b>${num(run.db[l][j], "w", 5)}</b>`,
        path(sym("b", l, j + 1))
      ],
      lit: {edges: way.edges, units: [...way.units.slice(1), [[l, j], "d"]]},
      spoken: `The gradient is ${show(run.db[l][j], 5)}.`
    });
  });
}

const title = el("p", {class: "nnb-title"}), formula = el("div", {class: "nnb-formula"});
const phases = [...new Set(steps.map(s => s.phase))];
const stepSlider = slider({label: "Step", min: 0, max: steps.length - 1, step: 1, value: 0,
  text: s => `${s + 1} of ${steps.length}`, on: s => go(s)});
const phase = choice({label: "Part", options: phases.map(p => ({value: p, text: p})), value: phases[0],
  on: p => go(steps.findIndex(s => s.phase === p))});
const weight = choice({label: "Path of a weight", value: "", on: key => { if (key) go(at[key]); },
  options: [{value: "", text: "choose…"}].concat(...range(2, L).map(l => [
    {group: `Weights of layer ${l}`, options: units(l).flatMap(j => units(l - 1).map(i => (
      {value: ["w", l, j, i].join(), text: plain("w", l, pair(j + 1, i + 1))})))},
    {group: `Biases of layer ${l}`, options: units(l).map(j => ({value: ["b", l, j].join(), text: plain("b", l, j + 1)}))}
  ]))});
const keyOf = Object.fromEntries(Object.entries(at).map(([key, s]) => [s, key]));
const back = button("Back", () => go(current - 1)), next = button("Next", () => go(current + 1));
let current = 0;

function go(s) {
  current = clamp(s, 0, steps.length - 1);
  const step = steps[current], key = keyOf[current];
  title.textContent = step.title;
  formula.innerHTML = step.lines.map(line => `<p>${line}</p>`).join("");
  range(1, L).forEach(l => units(l).forEach(j => picture.write(l, j,
    l === 1 || at[["a", l, j]] <= current ? run.a[l][j] : null, at[["d", l, j]] <= current ? run.delta[l][j] : null)));
  picture.writeCost(at.cost <= current ? run.cost : null);
  picture.light(step.lit);
  stepSlider.set(current);
  phase.select.value = step.phase;
  weight.select.value = step.phase === "Gradients" ? key : "";
  back.setAttribute("aria-disabled", current === 0);
  next.setAttribute("aria-disabled", current === steps.length - 1);
  announce(`Step ${current + 1} of ${steps.length}. ${step.title}: ${step.spoken}`);
}

go(0);
present(
  el("div", {class: "nnb-controls"}, el("div", {class: "nnb-buttons"}, back, next), stepSlider.box, phase.box, weight.box),
  el("div", {class: "nnb-columns"}, picture.svg, el("div", {class: "nnb-side"}, title, formula))
);
