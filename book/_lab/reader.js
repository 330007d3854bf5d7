// Makes JupyterLab show a chapter as its page does: equation numbers, citations, links with titles, folded answers.
// A ready-made JupyterLab extension: tools/lab.py puts the book's data in place of null and offers it to `make lab`.
"use strict";
{
const book = null;
const NAME = "nnbook-reader";
const folded = { "hide-output": [false, true], "hide-input": [true, false], "hide-cell": [true, true] };

// JupyterLab's own folding hides what a reader should predict first; running the cell opens it.
function fold(cell) {
  for (const tag of cell.model.type === "code" ? cell.model.getMetadata("tags") ?? [] : []) {
    const [input, output] = folded[tag] ?? [false, false];
    if (input) cell.inputHidden = true;
    if (output) cell.outputHidden = true;
  }
}

function set(node, name, value) { if (node[name] !== value) node[name] = value; }

// A link to another chapter has its title and opens the notebook here.
function mendLinks(root, folder, open) {
  for (const link of root.querySelectorAll('a.link[href*="/files/"], a[data-chapter]')) {
    const name = link.dataset.chapter ?? decodeURIComponent(new URL(link.href).pathname.split("/").at(-1));
    const page = book.pages[name];
    if (!page || link.dataset.chapter) continue;
    link.dataset.chapter = name;
    if (link.textContent === name) link.textContent = page.title;
    const path = folder + page.file;
    link.href = path;
    link.addEventListener("click", event => { event.preventDefault(); event.stopPropagation(); open(path); }, true);
  }
}

// Equations have the numbers of the page; equations without a number there have none here.
function mendNumbers(root, folder, open) {
  // Added beside what MyST writes, because MyST would restore it: the style below shows one and hides the other.
  for (const number of root.querySelectorAll('a[title="Link to this Equation"], a.hover-link[href^="#eq-"]')) {
    const known = book.equations[number.getAttribute("href").slice(1)];
    set(number.dataset, "number", known ? `(${known.number})` : "");
  }
  for (const lost of root.querySelectorAll('span[title="Cross Reference Not Found"]')) {
    const name = lost.textContent.trim(), known = book.equations[name] ?? book.named[name];
    if (!known) continue;
    const link = document.createElement("a");
    const path = folder + book.pages[known.page].file;
    const text = name in book.named ? `Figure ${known.number}` : `(${known.number})`;
    Object.assign(link, { textContent: text, href: path, title: book.pages[known.page].title });
    link.addEventListener("click", event => { event.preventDefault(); event.stopPropagation(); open(path); }, true);
    lost.replaceWith(link);
  }
}

// Figures have the numbers by which the text refers to them.
function mendFigures(panel) {
  const figures = book.figures[panel.context.path.split("/").at(-1).replace(/\.ipynb$/, "")] ?? {};
  for (const cell of panel.content.widgets) {
    const drawn = figures[cell.model.id] && cell.node.querySelector('[data-mime-type="image/svg+xml"], .nnb-figure');
    if (drawn) set(drawn.dataset, "figure", `Figure ${figures[cell.model.id][1]}`);
  }
}

// Citations are shown as on the page: authors and year.
function mendCitations(root) {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    if (book.citations[text.data.replace("⚠", "").trim()] && !text.parentElement.closest("code, pre, .cm-editor")) found.push(text);
  for (const text of found) {
    const { authors, year } = book.citations[text.data.replace("⚠", "").trim()];
    const lost = text.parentElement, group = lost.closest("cite, .cite-group");
    const words = document.createElement("span");
    words.textContent = group?.classList.contains("narrative") ? `${authors} [${year}]` : `${authors}, ${year}`;
    if (!group) words.className = "nn-parenthetical";
    else if (!group.classList.contains("narrative")) group.classList.add("nn-parenthetical");
    lost.replaceWith(words);
  }
}

// "Solution to Exercise 1 #" and "Exercise 1 #": the sign belongs to a broken link.
function mendTitles(root) {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    if (/^\s*#\s*$/.test(text.data) && /^(Solution|Exercise)/.test(text.parentElement.parentElement?.textContent.trim() ?? "")) text.data = "";
}

const STYLE = `
.jp-Notebook a[data-number] { font-size: 0; }
.jp-Notebook a[data-number]::after { content: attr(data-number); font-size: 1rem; }
.jp-Notebook [data-figure]::after { content: attr(data-figure); display: block; font-weight: 600; }
.jp-OutputPlaceholder .jp-PlaceholderText { font-size: 0; } /* it would tell what is to be predicted */
.jp-OutputPlaceholder .jp-PlaceholderText::after { content: "the output"; font-size: var(--jp-code-font-size); }
.jp-Notebook .nn-parenthetical::before { content: "["; }
.jp-Notebook .nn-parenthetical::after { content: "]"; }
`;

function watch(panel, open) {
  const folder = panel.context.path.replace(/[^/]*$/, "");
  const mend = () => {
    waiting = false;
    for (const root of panel.node.querySelectorAll(".jp-RenderedMarkdown, .jp-MarkdownOutput, .myst")) {
      mendLinks(root, folder, open);
      mendNumbers(root, folder, open);
      mendCitations(root);
      mendTitles(root);
    }
    mendFigures(panel);
    // A finished progress bar leaves an empty line of its stream.
    for (const output of panel.node.querySelectorAll('.jp-OutputArea-output[data-mime-type$="stderr"], .jp-OutputArea-output[data-mime-type$="stdout"]'))
      output.closest(".jp-OutputArea-child").style.display = output.textContent.trim() ? "" : "none";
  };
  let waiting = false;
  new MutationObserver(() => { if (!waiting) { waiting = true; requestAnimationFrame(mend); } })
    .observe(panel.node, { childList: true, subtree: true, characterData: true });
  mend();
  panel.context.ready.then(() => panel.content.widgets.forEach(fold));
}

let shared;
window._JUPYTERLAB = window._JUPYTERLAB ?? {};
window._JUPYTERLAB[NAME] = {
  init(scope) { shared = scope; },
  async get() {
    const [version] = Object.values(shared["@jupyterlab/notebook"]);
    const { INotebookTracker } = (await version.get())();
    const plugin = {
      id: `${NAME}:plugin`, autoStart: true, requires: [INotebookTracker],
      activate(app, tracker) {
        document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
        const open = path => app.commands.execute("docmanager:open", { path });
        tracker.forEach(panel => watch(panel, open));
        tracker.widgetAdded.connect((_, panel) => watch(panel, open));
      }
    };
    return () => ({ __esModule: true, default: plugin });
  }
};
}
