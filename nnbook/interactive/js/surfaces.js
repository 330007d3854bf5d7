// Cost surfaces of two parameters, and the optimisers' rules, step by step as in nnbook.optimizers.

const surfaces = {
  bowl: {name: "bowl, x₁² + x₂²", f: p => p[0] ** 2 + p[1] ** 2, gradient: p => [2 * p[0], 2 * p[1]],
    curvatures: [2, 2], start: [3, 4], x: [-5, 5], y: [-5, 5]},
  valley: {name: "valley, ½(x₁² + 10 x₂²)", f: p => (p[0] ** 2 + 10 * p[1] ** 2) / 2, gradient: p => [p[0], 10 * p[1]],
    curvatures: [1, 10], start: [4, 1.5], x: [-5, 5], y: [-3, 3]},
  saddle: {name: "saddle, ½(x₁x₂ − 1)²", f: p => (p[0] * p[1] - 1) ** 2 / 2,
    gradient: p => [(p[0] * p[1] - 1) * p[1], (p[0] * p[1] - 1) * p[0]], start: [-1.5, 1.9], x: [-2.5, 2.5], y: [-2.5, 2.5]},
  wells: {name: "two minima, (x₁² − 1)² + 0.3 x₁ + ½ x₂²", f: p => (p[0] ** 2 - 1) ** 2 + 0.3 * p[0] + p[1] ** 2 / 2,
    gradient: p => [4 * p[0] * (p[0] ** 2 - 1) + 0.3, p[1]], start: [1.6, 1.4], x: [-2, 2], y: [-2, 2]}
};

const each = (p, rule) => p.map((_, i) => rule(i));

// init gives the state; update returns [parameters, state]. Names and defaults are Keras's.
const optimisers = {
  SGD: {rate: 0.01, init: () => ({}), update: (p, g, s, eta) => [each(p, i => p[i] - eta * g[i]), s]},
  momentum: {rate: 0.01, init: p => ({velocity: p.map(() => 0)}), update(p, g, s, eta) {
    const velocity = each(p, i => 0.9 * s.velocity[i] - eta * g[i]);
    return [each(p, i => p[i] + velocity[i]), {velocity}];
  }},
  Nesterov: {rate: 0.01, init: p => ({velocity: p.map(() => 0)}), update(p, g, s, eta) {
    const velocity = each(p, i => 0.9 * s.velocity[i] - eta * g[i]);
    return [each(p, i => p[i] + 0.9 * velocity[i] - eta * g[i]), {velocity}];
  }},
  Adagrad: {rate: 0.5, init: p => ({accumulator: p.map(() => 0.1)}), update(p, g, s, eta) {
    const accumulator = each(p, i => s.accumulator[i] + g[i] ** 2);
    return [each(p, i => p[i] - eta * g[i] / Math.sqrt(accumulator[i] + 1e-7)), {accumulator}];
  }},
  RMSprop: {rate: 0.1, init: p => ({v: p.map(() => 0)}), update(p, g, s, eta) {
    const v = each(p, i => 0.9 * s.v[i] + 0.1 * g[i] ** 2);
    return [each(p, i => p[i] - eta * g[i] / Math.sqrt(v[i] + 1e-7)), {v}];
  }},
  Adam: {rate: 0.1, init: p => ({m: p.map(() => 0), v: p.map(() => 0), t: 0}), update(p, g, s, eta) {
    const t = s.t + 1, m = each(p, i => 0.9 * s.m[i] + 0.1 * g[i]), v = each(p, i => 0.999 * s.v[i] + 0.001 * g[i] ** 2);
    const mHat = each(p, i => m[i] / (1 - 0.9 ** t)), vHat = each(p, i => v[i] / (1 - 0.999 ** t));
    return [each(p, i => p[i] - eta * mHat[i] / (Math.sqrt(vHat[i]) + 1e-7)), {m, v, t}];
  }}
};

// The points that an optimiser visits, the start included, with its state after the last of them.
function walk(surface, optimiser, eta, start, steps) {
  const points = [start];
  let state = optimiser.init(start), p = start;
  for (let s = 0; s < steps; s++) {
    [p, state] = optimiser.update(p, surface.gradient(p), state, eta);
    points.push(p);
  }
  return {points, state};
}
