// Search in the sections of the book; `searchEntries` are [address, page title, heading, text].
"use strict";
const GREEK = { alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", eta: "η", theta: "θ", kappa: "κ", lambda: "λ",
  mu: "μ", rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", omega: "ω" };
const NAMES = Object.fromEntries(Object.entries(GREEK).map(([name, sign]) => [sign, name]));

// British and American spellings: the text and the query are both converted to American spelling.
// [British, American, a pattern for both]
const STEMS = "behavi|col|fav|flav|hon|lab|neighb|vig";
const SPELLINGS = [
  [/([iy])s/g, "$1z", /([iy])z/g, "$1[sz]"],
  [new RegExp(`(${STEMS})our`, "g"), "$1or", new RegExp(`(${STEMS})or`, "g"), "$1ou?r"],
  [/centred/g, "centered", /centered/g, "cent(?:ered|red)"],
  [/centre/g, "center", /center(?!ed)/g, "cent(?:er|re)"],
  [/(label|model|travel|cancel|signal)l(?=e|i)/g, "$1", /(label|model|travel|cancel|signal)(?=e|i)/g, "$1l?"],
  [/grey/g, "gray", /gray/g, "gr[ae]y"],
  [/licence/g, "license", /licen[sz]e/g, "licen[csz]e"],
];
const spell = text => SPELLINGS.reduce((spelled, [british, american]) => spelled.replace(british, american), text);
const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("\u2044", "/").toLowerCase();
const fold = text => spell(plain(text));
const folded = searchEntries.map(entry => entry.map(fold));
const withoutNumber = title => title.replace(/^\d+\. /, "");

/** The entries that contain every word, best first; a Greek letter and its name count as one word. */
function find(query) {
  const words = fold(query).split(/\s+/).filter(Boolean).map(word => [word, GREEK[word] ?? NAMES[word]].filter(Boolean));
  if (!words.length) return [];
  const phrase = fold(query).trim();
  const names = name => name === phrase || name === `${phrase}s` || `${name}s` === phrase;
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
    if (!heading && names(withoutNumber(title))) score += 1000; // the chapter of that name
    else if (names(heading)) score += 200; // the section or the term of that name
    else if (` ${text} `.includes(` ${phrase} · `) || ` ${text} `.includes(` · ${phrase} `)) score += 150; // in Chinese
    else if (!heading && withoutNumber(title).startsWith(phrase)) score += 100;
    if (words.length > 1) score += (`${title} ${heading}`.includes(phrase) ? 40 : 0) + (text.includes(phrase) ? 15 : 0);
    scored.push([score, index]);
  });
  return scored.sort((a, b) => b[0] - a[0] || a[1] - b[1]).map(([, index]) => [searchEntries[index], words.flat()]);
}

/** A pattern that finds a folded word in the text as it is printed, in either spelling. */
function printed(form) {
  const escaped = form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return SPELLINGS.reduce((pattern, [, , american, both]) => pattern.replace(american, both), escaped);
}

/** A few words around the first place found, the words marked. */
function excerpt(text, forms) {
  const pattern = new RegExp(`(${forms.map(printed).join("|")})`, "iu");
  const start = Math.max(0, text.search(pattern) - 60);
  const from = start ? text.indexOf(" ", start) + 1 : 0;
  const piece = (from ? "… " : "") + text.slice(from, from + 220) + (from + 220 < text.length ? " …" : "");
  const paragraph = document.createElement("p");
  piece.split(new RegExp(pattern, "giu")).forEach((part, index) => {
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
