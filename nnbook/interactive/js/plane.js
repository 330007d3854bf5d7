// The plane of two parameters: level lines of a surface, and paths on it.

// Level lines by marching squares: every small square contributes the segment that separates its high from its low corners.
function levelLine(frame, surface, level, n = 48) {
  const at = (k, [low, high]) => low + k * (high - low) / n;
  const height = (i, j) => surface.f([at(i, surface.x), at(j, surface.y)]) - level;
  let d = "";
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const corner = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], h = corner.map(c => height(c[0], c[1])), cut = [];
      for (let k = 0; k < 4; k++) {
        const m = (k + 1) % 4;
        if (h[k] < 0 !== h[m] < 0) {
          const s = h[k] / (h[k] - h[m]);
          cut.push([0, 1].map(c => corner[k][c] + s * (corner[m][c] - corner[k][c])));
        }
      }
      for (let k = 0; k + 1 < cut.length; k += 2) {
        d += [cut[k], cut[k + 1]].map(([u, v], e) => (e ? "L" : "M") + frame.X(at(u, surface.x)).toFixed(1) + " " +
          frame.Y(at(v, surface.y)).toFixed(1)).join("");
      }
    }
  }
  return d;
}

// The point where the reader releases the pointer, inside the surface and rounded to the printed decimals.
const placed = (p, surface) => [clamp(p[0], ...surface.x), clamp(p[1], ...surface.y)].map(v => Number(v.toFixed(3)));

function planeOf(surface, label) {
  // One unit is equally long in both directions, so that the gradient is perpendicular to the level lines.
  const height = 60 + 286 * (surface.y[1] - surface.y[0]) / (surface.x[1] - surface.x[0]);
  const frame = plot({width: 340, height, x: surface.x, y: surface.y, xlabel: "parameter x₁", ylabel: "parameter x₂", label});
  const whole = ([low, high]) => range(Math.ceil(low), Math.floor(high));
  frame.xticks(whole(surface.x));
  frame.yticks(whole(surface.y));
  const heights = range(0, 20).flatMap(i => range(0, 20).map(j => surface.f([
    surface.x[0] + i * (surface.x[1] - surface.x[0]) / 20, surface.y[0] + j * (surface.y[1] - surface.y[0]) / 20])));
  const low = Math.min(...heights), high = Math.max(...heights);
  // Closer together near the bottom, where the surface is flat.
  const levels = range(1, 10).map(k => low + (high - low) * (k / 10.5) ** 2);
  frame.inside.append(...levels.map(level => draw("path", {class: "nnb-level", d: levelLine(frame, surface, level)})));
  return frame;
}

// Points far outside the frame would need huge coordinates: the path ends at the first of them.
const visible = points => {
  const end = points.findIndex(p => !(Math.hypot(...p) < 1e3));
  return end < 0 ? points : points.slice(0, end);
};

function drawPath(frame, group, points, kind) {
  const seen = visible(points), last = seen[seen.length - 1];
  group.replaceChildren(
    draw("path", {class: "nnb-path nnb-path-" + kind, d: frame.path(seen)}),
    ...seen.slice(0, 60).map(p => draw("circle", {cx: frame.X(p[0]), cy: frame.Y(p[1]), r: 2.4, class: "nnb-dot-" + kind})),
    kind === "one" ? draw("circle", {cx: frame.X(last[0]), cy: frame.Y(last[1]), r: 6.5, class: "nnb-dot-one"})
      : draw("rect", {x: frame.X(last[0]) - 5.5, y: frame.Y(last[1]) - 5.5, width: 11, height: 11, class: "nnb-dot-two"}));
}

// The cost after each step, on a logarithmic axis.
function costPlot(steps, label) {
  const frame = plot({height: 180, x: [0, steps], y: [1e-8, 1e4], log: true, xlabel: "step", ylabel: "cost above the minimum", label});
  frame.xticks(range(0, 4).map(k => k * steps / 4), v => show(v, 0));
  frame.yticks([1e-8, 1e-4, 1, 1e4], v => "10" + ({"1e-8": "⁻⁸", "0.0001": "⁻⁴", 1: "⁰", 10000: "⁴"}[v] || "⁻⁸"));
  return frame;
}
const costPath = (frame, costs) => frame.path(costs.map((c, s) => [s, clamp(c, 1e-9, 1e5)]).filter(p => p[1] === p[1]));
