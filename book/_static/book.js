// What the pages do besides showing text: theme, copying code, keyboard access to what scrolls, opening what is folded.
"use strict";
const root = document.documentElement;

// Theme: the reader's system decides until the button is pressed.
const themeButton = document.querySelector(".theme-button");
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark.matches);
const showTheme = () => themeButton.setAttribute("aria-pressed", isDark());
themeButton.hidden = false;
themeButton.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch { /* private windows may refuse to store */ }
  showTheme();
});
systemIsDark.addEventListener("change", showTheme);
showTheme();

// Boxes that scroll sideways, and only those, can be focused and scrolled by keyboard. A box that is not laid out yet
// may turn out to scroll: it can be focused until its size is known, so that a slow phone never leaves it unreachable.
function offerKeyboard(box, scrolls) {
  if (!scrolls) {
    for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
  } else if (!box.hasAttribute("tabindex")) {
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", box.dataset.scroll);
  }
}
const watcher = new ResizeObserver(entries => {
  const boxes = new Set(entries.map(({ target }) => target.closest("[data-scroll]")));
  const found = [...boxes].map(box => [box, box.scrollWidth > box.clientWidth + 1]); // first read, then write
  for (const [box, scrolls] of found) offerKeyboard(box, scrolls);
});
for (const box of document.querySelectorAll("[data-scroll]")) {
  offerKeyboard(box, true);
  watcher.observe(box);
  // A font that arrives late changes the size of a box's contents, not of the box.
  const inside = box.querySelector(".katex-display > .katex, table, img");
  if (inside) watcher.observe(inside);
}

// What was skipped while the page loaded is laid out bit by bit, when the browser is idle.
const whenIdle = window.requestIdleCallback ?? (work => setTimeout(work, 20));
const leftOut = [...document.querySelectorAll(".lazy article section section > :not(section, .at-once)")];
const SLICE = 8; // milliseconds: even four times as long, on a slow phone, is not noticeable
let laidOut = 0;
function layOutSome() {
  const end = performance.now() + SLICE;
  while (laidOut < leftOut.length && performance.now() < end) {
    const box = leftOut[laidOut++];
    box.style.contentVisibility = "visible";
    box.getBoundingClientRect();
  }
  if (laidOut < leftOut.length) { whenIdle(layOutSome); return; }
  root.dataset.laidOut = ""; // the class stays: removing it would restyle the whole page
}
addEventListener("load", () => whenIdle(layOutSome));

// Copy buttons on code.
if (navigator.clipboard) {
  for (const block of document.querySelectorAll(".highlight")) {
    if (block.closest(".cell_output")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("pre").textContent.trimEnd());
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    block.append(button);
  }
}

// A link to something folded opens it.
function openTarget() {
  let id;
  try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  const target = id && document.getElementById(id);
  if (!target) return;
  const folds = [target.closest("details"), ...target.querySelectorAll(":scope > details.fold")];
  for (let fold = folds[0]; fold; fold = fold.parentElement.closest("details")) folds.push(fold);
  const closed = folds.filter(fold => fold && !fold.open);
  for (const fold of closed) fold.open = true;
  if (closed.length) target.scrollIntoView();
}
addEventListener("hashchange", openTarget);
openTarget();

// In print everything is unfolded.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("main details:not([open])")];
  for (const fold of opened) fold.open = true;
});
addEventListener("afterprint", () => { for (const fold of opened) fold.open = false; });

// The side column marks the section being read.
const marks = new Map([...document.querySelectorAll(".sections a")].map(a => [a.hash.slice(1), a]));
if (marks.size) {
  const sections = [...marks.keys()].map(id => document.getElementById(decodeURIComponent(id))).filter(Boolean);
  const spy = () => {
    const passed = sections.filter(section => section.getBoundingClientRect().top < 140).at(-1);
    for (const a of marks.values()) a.removeAttribute("aria-current");
    if (passed) marks.get(passed.id)?.setAttribute("aria-current", "true");
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; spy(); });
  }, { passive: true });
  if (location.hash) spy();
}

// Scroll the list of chapters to the current one.
const current = document.querySelector(".contents [aria-current]");
const list = document.getElementById("contents");
if (current) list.scrollTop = current.offsetTop - list.clientHeight / 3;
