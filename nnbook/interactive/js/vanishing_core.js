// How the deltas change on their way back through a deep network.

const N = data.units, DEPTH = data.depth;
// One character per number, from −3.2 to 3.1 by tenths; drawn by NumPy.
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const decode = text => Array.from(text, c => (ALPHABET.indexOf(c) - 32) / 10);
const cut = (values, n) => range(0, values.length / n - 1).map(k => values.slice(k * n, (k + 1) * n));
const drawn = cut(cut(decode(data.weights), N), N), samples = cut(decode(data.inputs), N), wanted = samples.map(x => x.map(v => v > 0 ? 1 : 0));

// ‖δ^l‖ over all samples, l = 2 … L, for weights of standard deviation g/√n.
function deltaNorms(name, L, g) {
  const net = {sizes: range(1, L).map(() => N), f: {}, W: {}, b: {}};
  for (let l = 2; l <= L; l++) {
    net.f[l] = l === L ? "identity" : name;
    net.W[l] = drawn[l - 2].map(row => row.map(w => w * g / Math.sqrt(N)));
    net.b[l] = range(1, N).map(() => 0);
  }
  const runs = samples.map((x, k) => backprop(net, x, wanted[k]).delta);
  return range(2, L).map(l => norm(runs.map(delta => norm(delta[l]))));
}
