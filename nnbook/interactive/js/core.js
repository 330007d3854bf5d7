// The mathematics of the figures: the book's formulas on plain arrays, one sample at a time.
// W and b are indexed by layer number, as in the book: net.W[2][j][i] is the weight into unit j + 1 from unit i + 1.

const activations = {
  sigmoid: {f: z => 1 / (1 + Math.exp(-z)), derivative: z => { const a = 1 / (1 + Math.exp(-z)); return a * (1 - a); }},
  tanh: {f: Math.tanh, derivative: z => 1 - Math.tanh(z) * Math.tanh(z)},
  relu: {f: z => z > 0 ? z : 0, derivative: z => z > 0 ? 1 : 0},
  identity: {f: z => z, derivative: () => 1}
};

const sum = values => values.reduce((total, value) => total + value, 0);
const range = (from, to) => Array.from({length: to - from + 1}, (_, i) => from + i);
const norm = v => Math.sqrt(sum(v.map(x => x * x)));

// z^l_j = Σ_i w^l_{ji} a^{l−1}_i + b^l_j,  a^l_j = f(z^l_j). `nudge` adds to one weighted input on the way: {l, j, by}.
function forward(net, x, nudge) {
  const L = net.sizes.length, z = [null, null], a = [null, x];
  for (let l = 2; l <= L; l++) {
    z[l] = net.W[l].map((row, j) => sum(row.map((w, i) => w * a[l - 1][i])) + net.b[l][j]);
    if (nudge && nudge.l === l) z[l][nudge.j] += nudge.by;
    a[l] = z[l].map(activations[net.f[l]].f);
  }
  return {z, a, output: a[L]};
}

// C = ½ Σ_j (a_j − t_j)²,  ∂C/∂a_j = a_j − t_j
const squaredError = (a, t) => sum(a.map((value, j) => (value - t[j]) ** 2)) / 2;
const squaredErrorGradient = (a, t) => a.map((value, j) => value - t[j]);

// δ^L_j = ∂C/∂a^L_j f′(z^L_j)
const outputDelta = (dC_da, z, f) => z.map((value, j) => dC_da[j] * f.derivative(value));

// δ^l_i = (Σ_j δ^{l+1}_j w^{l+1}_{ji}) f′(z^l_i)
const hiddenDelta = (deltaNext, WNext, z, f) =>
  z.map((value, i) => sum(deltaNext.map((delta, j) => delta * WNext[j][i])) * f.derivative(value));

// ∂C/∂w^l_{ji} = δ^l_j a^{l−1}_i
const weightGradient = (delta, aPrev) => delta.map(d => aPrev.map(a => d * a));

// ∂C/∂b^l_j = δ^l_j
const biasGradient = delta => delta.slice();

function backprop(net, x, t) {
  const L = net.sizes.length, trace = forward(net, x), delta = [], dW = [], db = [];
  for (let l = L; l >= 2; l--) {
    delta[l] = l === L
      ? outputDelta(squaredErrorGradient(trace.output, t), trace.z[L], activations[net.f[L]])
      : hiddenDelta(delta[l + 1], net.W[l + 1], trace.z[l], activations[net.f[l]]);
    dW[l] = weightGradient(delta[l], trace.a[l - 1]);
    db[l] = biasGradient(delta[l]);
  }
  return {z: trace.z, a: trace.a, delta, dW, db, cost: squaredError(trace.output, t)};
}

// A number that the reader or the author set, with all its digits.
const exactly = x => String(x).replace("-", "−");

// A number to be read: fixed decimals, a true minus sign, powers of ten when the decimals would show only zeros.
function show(x, decimals = 4) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "undefined" : x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  let text = x.toFixed(decimals);
  if ((size > 0 && size < 0.5 * 10 ** -decimals) || size >= 1e6) {
    const [digits, power] = x.toExponential(2).split("e");
    const raised = String(Number(power)).replace(/./g, c => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
    text = digits + "·10" + raised;
  } else if (Number(text) === 0) text = (0).toFixed(decimals);
  return text.replace("-", "−");
}
