// Breaking an equation: its symbols become buttons, and the stored verdict on each wrong form is shown. Nothing is judged here.
"use strict";
{
const here = document.currentScript, statics = here.src.replace(/break\.js.*$/, "");
const VERDICTS = { r: "refuted", d: "depends", h: "holds", l: "refused: nowhere tight", n: "needs values",
  u: "refused: it has no meaning" }; // the most informative first
const make = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

// --- fetched when first needed: KaTeX, and the page's verdicts

const load = address => new Promise((done, failed) => {
  document.head.append(Object.assign(document.createElement("script"), { src: address, onload: done, onerror: failed }));
});
let loading, forms;
window.nnbookForms = share => { forms = share; };
const ready = () => loading ??= Promise.all([
  load(`${statics}katex/katex.min.js`), load(`${statics}wrong-forms/${here.dataset.page}.js`)
]).catch(error => { loading = undefined; throw error; });

// --- the places of an equation: symbols with everything attached to them

const ARGUMENT = /^\\(mathbf|boldsymbol|mathrm|mathcal|mathbb|mathit|operatorname|text|hat|bar|tilde|dot|overline|widehat|widetilde|vec)$/;
const RAW = /^(\s+|[()[\]&,;.|]|\\[,;:! {}\\]|\\(quad|qquad|lvert|rvert|lVert|rVert|lfloor|rfloor|lceil|rceil|langle|rangle|bigl?|bigr|Bigl?|Bigr|left|right|displaystyle|limits))$/;
const tokens = latex => {
  const found = [];
  for (const match of latex.matchAll(/\\[A-Za-z]+|\\.|\s+|\d+(?:\.\d+)?|./gs))
    found.push({ text: match[0], start: match.index, end: match.index + match[0].length });
  return found;
};

// The equation as pieces: text, and places {start, end}, in the order in which they are printed.
function pieces(latex) {
  const all = tokens(latex), found = [], big = tallBrackets(all);
  const is = (n, text) => n < all.length && all[n].text === text;
  const groupEnd = n => { // the token after the group that opens at n
    let depth = 0;
    do depth += is(n, "{") ? 1 : is(n, "}") ? -1 : 0; while (++n < all.length && depth);
    return n;
  };
  const scripts = n => {
    while (n < all.length) {
      if (is(n, "'")) n++;
      else if (is(n, "_") || is(n, "^")) n = is(n + 1, "{") ? groupEnd(n + 1) : n + 2;
      else break;
    }
    return n;
  };
  const walk = (n, end) => {
    while (n < end) {
      const { text, start } = all[n];
      if (text === "\\begin" || text === "\\end") {
        const behind = groupEnd(n + 1);
        found.push(latex.slice(start, all[behind - 1].end));
        n = behind;
      } else if (text === "\\frac" || text === "\\dfrac" || text === "\\tfrac" || text === "\\sqrt") {
        found.push(text);
        for (n++; is(n, "{"); ) {
          const behind = groupEnd(n);
          found.push("{");
          walk(n + 1, behind - 1);
          found.push("}");
          n = behind;
        }
        const behind = scripts(n);
        if (behind > n) found.push(latex.slice(all[n].start, all[behind - 1].end));
        n = behind;
      } else if (text === "{" || text === "}") {
        found.push(text);
        n++;
      } else {
        const behind = scripts(ARGUMENT.test(text) && is(n + 1, "{") ? groupEnd(n + 1) : n + 1);
        const stop = all[behind - 1].end, tall = big.get(n) ?? "";
        if (RAW.test(text) && behind === n + 1) found.push(tall + text);
        else found.push({ start, end: stop, text: tall + latex.slice(start, stop) });
        n = behind;
      }
    }
  };
  walk(0, all.length);
  return found;
}

// Brackets around a sum or a fraction are as tall as it.
function tallBrackets(all) {
  const open = [], big = new Map();
  all.forEach(({ text }, n) => {
    if (text === "(" || text === "[") open.push({ n, tall: false });
    else if (text === ")" || text === "]") {
      const from = open.pop();
      if (from?.tall) {
        big.set(from.n, "\\Bigl").set(n, "\\Bigr");
        if (open.length) open.at(-1).tall = true;
      }
    } else if (/^\\(sum|prod|frac|dfrac)$/.test(text)) for (const bracket of open) bracket.tall = true;
  });
  return big;
}

const typeset = (latex, output) => katex.renderToString(latex, {
  displayMode: true, output, strict: false, trust: context => /^\\html(Data|Class)$/.test(context.command)
});

// The place of a change: the one that contains it, else the first that it touches; a sign belongs to what precedes it.
function placeOf({ start, end, put, latex }, places) {
  const inside = places.findIndex(p => p.start <= start && end <= p.end && start < p.end + (start === end));
  if (inside >= 0) return inside;
  const signed = put.startsWith("-(") && latex.length > end; // a whole side, negated
  if (start === end || signed) return Math.max(0, places.findLastIndex(p => p.end <= start));
  const touched = places.findIndex(p => p.end > start && p.start < end);
  return touched >= 0 ? touched : 0;
}

const spoken = latex => latex.replace(/\\(mathbf|boldsymbol|operatorname|mathrm|mathbb)\b/g, "").replace(/\\/g, " ").replace(/'/g, " prime")
  .replace(/_/g, " sub ").replace(/\^/g, " super ").replace(/[{}]/g, "").replace(/\s+/g, " ").trim();
const minus = line => line.replace(/(^|[\s(=])-(?=\d)/g, "$1−");

function read([base, changes, lines, stored]) {
  return stored.map(([change, start, end, put, verdict, ...said]) => {
    const text = put.replace("\0", base.slice(start, end));
    return { change: changes[change], start, end, put: text, verdict, latex: base.slice(0, start) + text + base.slice(end),
      said: said.map(n => minus(lines[n])) };
  });
}

// --- the panel

function panelOf(label, number) {
  const base = forms[label][0], wrong = read(forms[label]);
  const parts = pieces(base), places = parts.filter(part => part.start !== undefined);
  for (const form of wrong) (places[placeOf(form, places)].forms ??= []).push(form);
  const order = Object.keys(VERDICTS);
  for (const place of places) place.forms?.sort((one, two) => order.indexOf(one.verdict) - order.indexOf(two.verdict));
  const shown = parts.map(part => part.start === undefined ? part
    : part.forms ? `\\htmlData{place=${places.indexOf(part)}}{${part.text}}` : part.text).join(" ");

  const equation = make("div", { class: "break-equation", role: "group", "aria-label": `Equation ${number}: what you can change` });
  equation.innerHTML = typeset(shown, "html");
  equation.querySelector(".katex-html").removeAttribute("aria-hidden");
  const choices = make("div", { class: "break-choices", role: "group", "aria-label": "Changes at this place" });
  const result = make("div", { class: "break-result" });
  const status = make("p", { class: "checked-words", role: "status" });
  const close = make("button", { type: "button", class: "break-close" }, "Close");
  const panel = make("section", { class: "breaker", "aria-label": `Break equation ${number}` },
    make("p", { class: "break-lead" }, "Choose a symbol to have it written wrong. One change at a time."),
    equation, choices, result, status,
    make("p", { class: "break-foot" }, `The verdicts were computed by nnbook. `,
      make("a", { href: `wrong-forms.html#wrong-${label}` }, `All ${wrong.length} wrong forms of this equation`),
      ". In JupyterLab you can type any: ", make("code", {}, `nn.interactive.equation("${label}")`),
      ", with the arguments of its check.", close));

  const show = (place, n) => {
    const form = place.forms[n];
    for (const button of equation.querySelectorAll("[data-place]"))
      button.setAttribute("aria-pressed", places[button.dataset.place] === place);
    choices.replaceChildren(...place.forms.map((other, k) => {
      const button = make("button", { type: "button", "aria-pressed": k === n }, other.change);
      const becomes = changedIn(other).map(part => part.text).join(" ");
      if (becomes && place.forms.some(twin => twin !== other && twin.change === other.change))
        button.append(": ", Object.assign(make("span", {}), { innerHTML: inline(becomes) }));
      button.addEventListener("click", () => { show(place, k); choices.children[k].focus(); });
      return button;
    }));
    const formula = make("div", { class: "break-form" });
    formula.innerHTML = typeset(marked(form), "htmlAndMathml");
    result.replaceChildren(formula, make("p", { class: `break-verdict break-${form.verdict}` }, VERDICTS[form.verdict]),
      make("ul", {}, ...form.said.map(item)));
    for (const box of [formula, equation]) if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    status.textContent = `${form.change}: ${VERDICTS[form.verdict]}. ${form.said.join(". ")}.`;
    panel.dataset.latex = form.latex;
    place.at = n;
  };
  equation.querySelectorAll("[data-place]").forEach(button => {
    const place = places[button.dataset.place];
    const press = () => show(place, place.at === undefined || button.getAttribute("aria-pressed") !== "true"
      ? place.at ?? 0 : (place.at + 1) % place.forms.length);
    button.tabIndex = 0;
    button.setAttribute("role", "button");
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", `${spoken(base.slice(place.start, place.end))}: ${place.forms.length} change${place.forms.length > 1 ? "s" : ""}`);
    button.addEventListener("click", press);
    button.addEventListener("keydown", event => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); press(); }
    });
  });
  return { panel, close };
}

// The symbols of a wrong form that differ from the equation's, and the form with them in another colour.
const differs = ({ start, put }, part) => put && part.end > start && part.start < start + put.length;
const changedIn = form => pieces(form.latex).filter(part => part.start !== undefined && differs(form, part));
const marked = form => pieces(form.latex).map(part => part.start === undefined ? part
  : differs(form, part) ? `\\htmlClass{break-changed}{${part.text}}` : part.text).join(" ");
// A line of a verdict, with its symbols typeset.
const SYMBOL = /(\\[A-Za-z]+(?:\{[^{}]*\})?'?(?:[_^]\{(?:[^{}]|\{[^{}]*\})*\})*|\b[A-Za-z]'?(?:[_^]\{(?:[^{}]|\{[^{}]*\})*\})+)/;
function item(line) {
  const node = make("li", { "data-line": line });
  line.split(SYMBOL).forEach((part, n) => {
    if (n % 2) node.insertAdjacentHTML("beforeend", inline(part));
    else node.append(part);
  });
  return node;
}
const inline = latex => katex.renderToString(latex, { strict: false, throwOnError: false });

async function toggle(link) {
  const label = link.dataset.break, open = document.getElementById(`break-${label}`);
  if (open) { open.remove(); link.setAttribute("aria-expanded", "false"); link.focus(); return; }
  await ready();
  const { panel, close } = panelOf(label, link.dataset.number ?? link.textContent.replace(/^\D+/, ""));
  panel.id = `break-${label}`;
  close.addEventListener("click", () => toggle(link));
  panel.addEventListener("keydown", event => { if (event.key === "Escape") toggle(link); });
  (link.closest("div.math") ?? link.closest("p")).after(panel);
  link.setAttribute("aria-expanded", "true");
  const equation = panel.querySelector(".break-equation");
  if (equation.scrollWidth > equation.clientWidth + 1) equation.tabIndex = 0;
  panel.querySelector("[data-place]").focus({ preventScroll: false });
}

for (const link of document.querySelectorAll("a[data-break]")) {
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  link.addEventListener("click", event => {
    event.preventDefault();
    toggle(link).catch(() => { location.href = link.href; }); // if the files cannot be fetched, show the table
  });
  link.addEventListener("keydown", event => { if (event.key === " ") { event.preventDefault(); link.click(); } });
}
}
