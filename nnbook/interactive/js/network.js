// The picture of a small network: units in columns, every weight an edge, the cost at the right.

function networkPicture(net, t, label, onEdge) {
  const L = net.sizes.length, width = 340, top = 34;
  // Room for a name above each unit after the input, in layers of up to five. With three layers a unit is large
  // enough to hold its delta, clear of the edges; with more the delta is below it.
  const height = top + Math.max(200, 23 * Math.max(...net.sizes), 70 * Math.min(5, Math.max(...net.sizes.slice(1)))) + 8;
  const spacing = n => Math.min(88, (height - top - 8) / n);
  const x = l => 52 + (l - 1) * 196 / (L - 1);
  const y = (l, j) => top + (height - top - 8) / 2 + (j - (net.sizes[l - 1] - 1) / 2) * spacing(net.sizes[l - 1]);
  const inside = L <= 3;
  const radius = l => l === 1 || net.sizes[l - 1] > 5 ? Math.min(10, spacing(net.sizes[l - 1]) / 2 - 1.5) : inside ? 26 : 19;
  const svg = draw("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "nnb-net"});
  const edge = {}, unit = {}, cost = {x: 316, y: y(L, (net.sizes[L - 1] - 1) / 2)};
  const line = (key, from, to) => { edge[key] = draw("line", {x1: from[0], y1: from[1], x2: to[0], y2: to[1]}); svg.append(edge[key]); };

  for (let l = 2; l <= L; l++) {
    for (let j = 0; j < net.sizes[l - 1]; j++) {
      for (let i = 0; i < net.sizes[l - 2]; i++) {
        line([l, j, i], [x(l - 1), y(l - 1, i)], [x(l), y(l, j)]);
        if (onEdge) {
          const wide = draw("line", {x1: x(l - 1), y1: y(l - 1, i), x2: x(l), y2: y(l, j), class: "nnb-hit"},
            draw("title", {}, plain("w", l, pair(j + 1, i + 1))));
          wide.addEventListener("click", () => onEdge(l, j, i));
          svg.append(wide);
        }
      }
    }
  }
  range(0, net.sizes[L - 1] - 1).forEach(j => line(["C", j], [x(L), y(L, j)], [cost.x, cost.y]));
  range(1, L).forEach(l => {
    svg.append(draw("text", {x: x(l), y: 14, "text-anchor": "middle", class: "nnb-head"}, "layer " + l));
    for (let j = 0; j < net.sizes[l - 1]; j++) {
      const r = radius(l), small = r < 14;
      const circle = draw("circle", {cx: x(l), cy: y(l, j), r});
      const name = draw("text", {x: x(l), y: y(l, j) + (small ? 4 : -r - 3), "text-anchor": "middle",
        class: "nnb-name"}, small ? String(j + 1) : plain("a", l, j + 1));
      const target = draw("text", {x: x(l), y: y(l, j) + r + (inside ? 13 : 24), "text-anchor": "middle", class: "nnb-name"},
        l < L ? "" : ("t = " + Number(t[j].toFixed(2))).replace("-", "−"));
      const value = draw("text", small ? {x: x(l) - r - 4, y: y(l, j) + 4, "text-anchor": "end", class: "nnb-a"}
        : {x: x(l), y: y(l, j) + (inside ? -2 : 4), "text-anchor": "middle", class: "nnb-a"});
      const delta = draw("text", {x: x(l), y: y(l, j) + (inside ? 13 : r + 12), "text-anchor": "middle",
        class: inside ? "nnb-d nnb-in" : "nnb-d"});
      svg.append(circle, name, l === 1 || !small ? value : "", ...(small ? [] : [delta, target]));
      unit[[l, j]] = {circle, value, delta};
    }
  });
  if (inside) svg.append(draw("text", {x: width - 2, y: height - 4, "text-anchor": "end", class: "nnb-name"}, "upper number a, lower δ"));
  const circle = draw("circle", {cx: cost.x, cy: cost.y, r: 15});
  const value = draw("text", {x: cost.x, y: cost.y + 29, "text-anchor": "middle", class: "nnb-c"});
  svg.append(circle, draw("text", {x: cost.x, y: cost.y + 4, "text-anchor": "middle", class: "nnb-c"}, "C"), value);
  unit.C = {circle, value};

  return {
    svg,
    // lit: pairs [key of an edge or unit, "a" | "w" | "d" | "c" | "path"]
    light(lit) {
      const on = new Map(lit.edges.map(([key, kind]) => [String(key), kind]));
      for (const key of Object.keys(edge)) edge[key].setAttribute("class", "nnb-edge" + (on.has(key) ? " nnb-lit-" + on.get(key) : ""));
      const units = new Map(lit.units.map(([key, kind]) => [String(key), kind]));
      for (const key of Object.keys(unit)) {
        unit[key].circle.setAttribute("class", "nnb-unit" + (units.has(key) ? " nnb-lit-" + units.get(key) : ""));
      }
    },
    write(l, j, a, delta) {
      unit[[l, j]].value.textContent = a === null ? "" : show(a, 2);
      unit[[l, j]].delta.textContent = delta === null || delta === undefined ? "" : (inside ? "" : "δ ") + show(delta, 3);
    },
    // Everything downstream of unit j of layer l: the paths of a change to the cost.
    path(l, j) {
      const edges = [], units = [[[l, j], "path"]];
      let front = [j];
      for (let m = l + 1; m <= L; m++) {
        const next = range(0, net.sizes[m - 1] - 1);
        next.forEach(k => front.forEach(i => edges.push([[m, k, i], "path"])));
        next.forEach(k => units.push([[m, k], "path"]));
        front = next;
      }
      front.forEach(k => edges.push([["C", k], "path"]));
      return {edges, units: units.concat([["C", "path"]])};
    },
    writeCost(c) { unit.C.value.textContent = c === null ? "" : show(c, 3); }
  };
}
