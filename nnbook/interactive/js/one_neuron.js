// One neuron with two inputs: its boundary in the plane, and the same points on the sigmoid.

const corners = [[0, 0], [0, 1], [1, 0], [1, 1]];
const gates = {AND: [0, 0, 0, 1], OR: [0, 1, 1, 1], XOR: [0, 1, 1, 0]};
const LOW = -1, HIGH = 2, f = activations.sigmoid.f;
const plane = plot({width: 320, height: 330, x: [LOW, HIGH], y: [LOW, HIGH], xlabel: "input x₁", ylabel: "input x₂", 
  label: "The plane of the two inputs, shaded by the activation, with the boundary and the four points."});
plane.xticks([-1, 0, 1, 2]);
plane.yticks([-1, 0, 1, 2]);
const curve = plot({height: 180, x: [-8, 8], y: [-0.08, 1.08], xlabel: "weighted input z", ylabel: "activation a",
  label: "The sigmoid, with the four points at their weighted inputs."});
curve.xticks([-8, -4, 0, 4, 8]);
curve.yticks([0, 0.5, 1]);
const shade = draw("linearGradient", {id: newId(), gradientUnits: "userSpaceOnUse"});
const stops = range(-12, 12).map(k => draw("stop", {offset: (k + 12) / 24, class: "nnb-stop", "stop-opacity": 0.75 * f(k / 2)}));
shade.append(...stops);
const area = draw("rect", {x: plane.X(LOW), y: plane.Y(HIGH), width: plane.X(HIGH) - plane.X(LOW), height: plane.Y(LOW) - plane.Y(HIGH)});
const line = draw("path", {class: "nnb-boundary"}), marks = draw("g"), onCurve = draw("g");
plane.inside.append(shade, area, line, marks);
curve.inside.append(draw("path", {class: "nnb-frame", d: curve.path([[0, -1], [0, 2]])}),
  draw("path", {class: "nnb-sigmoid", d: curve.path(range(-80, 80).map(k => [k / 10, f(k / 10)]))}), onCurve);

const knobOf = (label, value) => slider({label, min: -6, max: 6, step: 0.1, value, text: v => show(v, 1), on: () => update()});
const w1 = knobOf("w₁", data.w[0]), w2 = knobOf("w₂", data.w[1]), b = knobOf("b", data.b);
const gate = choice({label: "Targets", value: data.gate, on: () => update(), options: Object.keys(gates).map(g => ({value: g, text: g}))});
const rows = el("tbody"), verdict = el("p", {class: "nnb-title"});
drag(plane.svg, event => {
  const p = plane.at(event);
  b.set(clamp(-(w1.value * p[0] + w2.value * p[1]), -6, 6));
  update();
});

// A target of 1 is a square, of 0 a circle; a point on the wrong side is crossed out.
function mark(x, y, target, right) {
  const r = 8;
  return draw("g", {class: target ? "nnb-one" : "nnb-zero"},
    target ? draw("rect", {x: x - r, y: y - r, width: 2 * r, height: 2 * r}) : draw("circle", {cx: x, cy: y, r}),
    right ? "" : draw("path", {class: "nnb-cross", d: `M${x - 12} ${y - 12}l24 24m0 -24l-24 24`}));
}

function update() {
  const w = [w1.value, w2.value], size = norm(w), targets = gates[gate.select.value];
  const z = corners.map(p => w[0] * p[0] + w[1] * p[1] + b.value), a = z.map(f);
  const right = a.map((v, k) => (v > 0.5) === (targets[k] === 1));
  if (size > 0) {
    // Along w the weighted input grows by |w| per unit: the shade runs from z = −6 to z = 6.
    const at = v => [0, 1].map(i => (v - b.value) * w[i] / size ** 2), [p, q, zero] = [at(-6), at(6), at(0)];
    fill(shade, {x1: plane.X(p[0]), y1: plane.Y(p[1]), x2: plane.X(q[0]), y2: plane.Y(q[1])}, []);
    const along = [-w[1] / size * 20, w[0] / size * 20];
    fill(line, {d: plane.path([[zero[0] - along[0], zero[1] - along[1]], [zero[0] + along[0], zero[1] + along[1]]])}, []);
  } else fill(line, {d: ""}, []);
  area.setAttribute("fill", size > 0 ? `url(#${shade.id})` : "var(--a)");
  area.setAttribute("fill-opacity", size > 0 ? 1 : 0.75 * f(b.value));
  marks.replaceChildren(...corners.map((p, k) => mark(plane.X(p[0]), plane.Y(p[1]), targets[k], right[k])));
  onCurve.replaceChildren(...corners.map((p, k) => mark(curve.X(clamp(z[k], -7.6, 7.6)), curve.Y(a[k]), targets[k], right[k])));
  const count = right.filter(Boolean).length;
  verdict.textContent = `${count} of 4 on the right side`;
  rows.innerHTML = corners.map((p, k) => `<tr><th scope="row">(${p})</th><td>${num(z[k], "z", 2)}</td><td>${num(a[k], "a", 3)}</td>` +
    `<td>${targets[k]}</td><td>${right[k] ? "right" : "<b>wrong</b>"}</td></tr>`).join("");
  announce(`w1 ${show(w[0], 1)}, w2 ${show(w[1], 1)}, b ${show(b.value, 1)}: ${count} of 4 points on the right side for ${gate.select.value}.`);
}

update();
const head = el("thead");
head.innerHTML = `<tr><th scope="col">(x₁, x₂)</th><th scope="col">${sym("z")}</th><th scope="col">${sym("a")}</th><th scope="col">${sym("t")}</th><th scope="col">side</th></tr>`;
present(
  el("div", {class: "nnb-controls"}, w1.box, w2.box, b.box, gate.box),
  el("div", {class: "nnb-columns"}, plane.svg, el("div", {class: "nnb-side"}, verdict, readout(rows, head), curve.svg))
);
