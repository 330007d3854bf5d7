// Search in the sections of the book; `searchEntries` are [address, page title, heading, text].
"use strict";
const GREEK = { alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", eta: "η", theta: "θ", kappa: "κ", lambda: "λ",
  mu: "μ", rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", omega: "ω" };
const NAMES = Object.fromEntries(Object.entries(GREEK).map(([name, sign]) => [sign, name]));
const fold = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const folded = searchEntries.map(entry => entry.map(fold));

/** The entries that hold every word, best first; a Greek letter and its name count as one word. */
function find(query) {
  const words = fold(query).split(/\s+/).filter(Boolean).map(word => [word, GREEK[word] ?? NAMES[word]].filter(Boolean));
  if (!words.length) return [];
  const phrase = fold(query).trim();
  const scored = [];
  folded.forEach(([, title, heading, text], index) => {
    let score = 0;
    for (const forms of words) {
      const best = Math.max(...forms.map(form => {
        const count = text.split(form).length - 1;
        return (title.includes(form) ? 12 : 0) + (heading.includes(form) ? 16 : 0) + Math.min(count, 6);
      }));
      if (!best) return;
      score += best;
    }
    if (words.length > 1) score += (`${title} ${heading}`.includes(phrase) ? 40 : 0) + (text.includes(phrase) ? 15 : 0);
    scored.push([score, index]);
  });
  return scored.sort((a, b) => b[0] - a[0] || a[1] - b[1]).map(([, index]) => [searchEntries[index], words.flat()]);
}

/** A few words around the first place found, the words marked. */
function excerpt(text, forms) {
  const lower = text.toLowerCase();
  const places = forms.map(form => lower.indexOf(form)).filter(place => place >= 0);
  const start = Math.max(0, (places.length ? Math.min(...places) : 0) - 60);
  const from = start ? text.indexOf(" ", start) + 1 : 0;
  const piece = (from ? "… " : "") + text.slice(from, from + 220) + (from + 220 < text.length ? " …" : "");
  const paragraph = document.createElement("p");
  const pattern = new RegExp(`(${forms.map(form => form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "giu");
  piece.split(pattern).forEach((part, index) => {
    if (index % 2) {
      const mark = document.createElement("mark");
      mark.textContent = part;
      paragraph.append(mark);
    } else paragraph.append(part);
  });
  return paragraph;
}

function show(query) {
  const results = document.getElementById("search-results");
  const summary = document.getElementById("search-summary");
  for (const input of document.querySelectorAll("input[name=q]")) input.value = query;
  results.replaceChildren();
  if (!query.trim()) { summary.textContent = ""; return; }
  const found = find(query);
  summary.textContent = found.length
    ? `${found.length} ${found.length === 1 ? "section mentions" : "sections mention"} “${query}”${found.length > 40 ? "; the first 40 are shown" : ""}.`
    : `Nothing in the book mentions “${query}”.`;
  for (const [[address, title, heading, text], forms] of found.slice(0, 40)) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = address;
    link.textContent = heading || title;
    item.append(link);
    if (heading) {
      const where = document.createElement("span");
      where.className = "where";
      where.textContent = ` · ${title}`;
      item.append(where);
    }
    item.append(excerpt(text, forms));
    results.append(item);
  }
}
show(new URLSearchParams(location.search).get("q") ?? "");
