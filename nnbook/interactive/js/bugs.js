// Backpropagation over a batch with a mistake planted in one of its steps, and what the cost itself says.

const LAMBDA = 0.1, RATE = 0.5;
const total = grids => grids.reduce((all, grid) => all.map((row, j) => row.map((v, i) => v + grid[j][i])));

// Each replaces one step; the names are those of nnbook.diagnosis.ZOO.
const bugs = {
  "sign flipped": {output: delta => delta.map(v => -v)},
  "f' forgotten": {hidden: (next, W, z) => hiddenDelta(next, W, z, activations.identity)},
  "f' at a": {hidden: (next, W, z, f, a) => hiddenDelta(next, W, a, f)},
  "updated W in the recursion": {weights: (W, dW) => W.map((row, j) => row.map((w, i) => w - RATE * dW[j][i]))},
  "W transposed in the flat order": {weight(g) {
    const flat = g[0].flatMap((_, i) => g.map(row => row[i]));
    return g.map((row, j) => row.map((_, i) => flat[j * row.length + i]));
  }},
  "delta factor 2": {output: delta => delta.map(v => 2 * v)},
  "mean for sum": {scale: 1},
  "b of one sample": {bias: rows => rows[rows.length - 1]},
  "penalty twice": {penalty: 2}
};

function batchGradient(net, X, T, name) {
  const L = net.sizes.length, N = X.length, bug = bugs[name] || {}, mean = bug.scale || bug.penalty ? 1 / N : 1;
  const traces = X.map(x => forward(net, x)), delta = [], dW = [], db = [];
  for (let l = L; l >= 2; l--) {
    const f = activations[net.f[l]], here = l === 2 ? bug : {};
    const W = l < L && here.weights ? here.weights(net.W[l + 1], dW[l + 1]) : net.W[l + 1];
    delta[l] = traces.map(({z, a}, k) => {
      if (l < L) return (here.hidden || hiddenDelta)(delta[l + 1][k], W, z[l], f, a[l]);
      const right = outputDelta(squaredErrorGradient(a[L], T[k]), z[L], f);
      return bug.output ? bug.output(right) : right;
    });
    const summed = total(delta[l].map((d, k) => weightGradient(d, traces[k].a[l - 1])));
    dW[l] = (here.weight ? here.weight(summed) : summed)
      .map((row, j) => row.map((v, i) => mean * v + (bug.penalty || 0) * LAMBDA * net.W[l][j][i]));
    db[l] = (bug.bias || (rows => total(rows.map(row => [row]))[0]))(delta[l].map(biasGradient)).map(v => mean * v);
  }
  return {W: dW, b: db};
}

// C_T, or with a penalty J = C_T / N + (λ/2) Σ w².
function totalCost(net, X, T, penalised) {
  const C = sum(X.map((x, k) => squaredError(forward(net, x).output, T[k])));
  return penalised ? C / X.length + LAMBDA / 2 * sum(Object.values(net.W).flat(2).map(w => w * w)) : C;
}

// (f(x + h) − f(x − h)) / 2h for every weight and bias in turn; each is put back.
function centralDifferences(net, X, T, penalised, h = 1e-5) {
  const slope = (holder, i) => {
    const kept = holder[i], cost = v => { holder[i] = v; return totalCost(net, X, T, penalised); };
    const result = (cost(kept + h) - cost(kept - h)) / ((kept + h) - (kept - h));
    holder[i] = kept;
    return result;
  };
  const W = [], b = [];
  for (let l = 2; l <= net.sizes.length; l++) {
    W[l] = net.W[l].map(row => row.map((_, i) => slope(row, i)));
    b[l] = net.b[l].map((_, j) => slope(net.b[l], j));
  }
  return {W, b};
}

// ‖g − ĝ‖ / max(‖g‖, ‖ĝ‖)
function relativeError(g, reference) {
  const longer = Math.max(norm(g), norm(reference));
  return longer ? norm(g.map((v, i) => v - reference[i])) / longer : 0;
}
