"use strict";
/* The exam's page: shows what the server says, and sends it files. Nothing is decided here, the clock least of all. */

const { base, lab, xsrf } = document.body.dataset;
const POLL = 5000;
let state = null;
let chosen = null; // the exam that is shown
let behind = 0; // milliseconds that this machine's clock is behind the server's
let busy = false;
let lost = false; // whether it says that the server does not answer

const at = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function say(text, kind = "") {
  lost = false;
  at("said").className = kind;
  at("said").textContent = text;
}

async function call(path, options = {}) {
  const answer = await fetch(`${base}/${path}`, {
    credentials: "same-origin",
    ...options,
    headers: { "X-XSRFToken": xsrf, ...options.headers },
  });
  const document = await answer.json().catch(() => ({ message: `The server answered ${answer.status}.` }));
  if (document.state) take(document.state);
  if (!answer.ok) {
    const whose = document.kind === "broken" ? "This is our fault, not yours; no try was counted. " : "";
    throw new Error(whose + (document.message || `The server answered ${answer.status}.`));
  }
  return document;
}

function take(fresh) {
  state = fresh;
  const running = state.sessions.find((session) => !session.over);
  if (!state.sessions.some((session) => session.id === chosen)) chosen = (running || state.sessions[0] || {}).id ?? null;
  const shown = current();
  if (shown) behind = new Date(shown.now) - Date.now();
  draw();
}

const current = () => state && state.sessions.find((session) => session.id === chosen);

// ------------------------------------------------------------------ drawing

let drawn = "";

function draw() {
  tick();
  const session = current();
  const { now, ...lasting } = session || {};
  const signature = JSON.stringify([lasting, state.sessions.map((each) => [each.id, each.over]), state.drawing, busy]);
  if (signature === drawn) return; // so that a reader's place and the keyboard's focus stay
  drawn = signature;
  const focused = document.activeElement && document.activeElement.id;
  drawWhich();
  at("problems").replaceChildren(...(session ? session.problems.map((problem) => drawProblem(session, problem)) : []));
  drawActions(session);
  drawHistory(session);
  if (focused && at(focused)) at(focused).focus();
}

function drawWhich() {
  if (!state.sessions.length) return at("which").replaceChildren("none begun yet");
  const options = state.sessions.map((each) =>
    make("option", { value: each.id, selected: each.id === chosen }, `${each.id}${each.over ? " (over)" : ""}`));
  const select = make("select", { id: "which-exam", "aria-label": "Which exam", onchange: (event) => {
    chosen = event.target.value;
    say("");
    take(state);
  } }, ...options);
  at("which").replaceChildren(select);
}

function left(session) {
  return Math.max(0, new Date(session.ends) - (Date.now() + behind));
}

function tick() {
  const session = current();
  const clock = at("clock");
  clock.className = "";
  if (!session) clock.textContent = "";
  else if (session.over === "finished") clock.textContent = "finished";
  else if (session.over === "time") clock.textContent = "time is over";
  else if (session.ends === null) {
    const minutes = Math.floor((Date.now() + behind - new Date(session.started)) / 60000);
    clock.textContent = `${minutes} of ${session.minutes} min`;
  } else {
    const seconds = Math.floor(left(session) / 1000);
    const two = (number) => String(number).padStart(2, "0");
    clock.textContent = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    if (seconds < 15 * 60) clock.className = "short";
    if (seconds === 0 && !busy) refresh();
  }
  at("total").textContent = session && session.mode === "exam"
    ? `${session.percent.toFixed(0)} % so far; candidates report about ${session.pass_percent} % to pass` : "";
}

function drawProblem(session, problem) {
  const best = problem.best === null ? "no try yet" : `${problem.best} of 5`;
  const weight = session.mode === "exam" ? `${problem.weight} % of the score` : `aim at ${problem.minutes} minutes`;
  return make("article", { class: "problem", "aria-labelledby": `title-${problem.number}` },
    make("div", { class: "top" },
      make("h2", { id: `title-${problem.number}` }, `${problem.number} · ${problem.title}`),
      make("span", { class: "quiet" }, weight),
      make("span", { class: problem.best === 5 ? "best full" : "best" }, best)),
    drawLinks(problem),
    problem.ladder && drawLadder(problem),
    session.over ? null : drawDrop(session, problem));
}

function drawLinks(problem) {
  const names = { "statement.md": "statement", "problem.ipynb": "notebook" };
  const links = Object.entries(problem.files).map(([file, path]) =>
    make("a", { href: `${lab}/${path.split("/").map(encodeURIComponent).join("/")}`, target: "_blank", onclick: (event) => {
      if (window.parent === window) return;
      event.preventDefault();
      window.parent.postMessage({ tfcourseOpen: path }, window.location.origin);
    } }, names[file]));
  return make("div", { class: "links" }, ...links,
    make("span", { class: "quiet" }, `or solution.py in the folder ${problem.folder}`));
}

function drawLadder(problem) {
  const { metric, higher_is_better: higher, thresholds, landmarks } = problem.ladder;
  const bestTry = problem.tries.filter((each) => each.points === problem.best && each.value !== null)[0];
  const rungs = [0, 1, 2, 3, 4, 5].map((points) => {
    const standing = landmarks.filter((mark) => mark.points === points).map((mark) => `${mark.name} ${mark.value}`);
    const threshold = points ? `${higher ? "≥" : "≤"} ${thresholds[points - 1]}` : higher ? "below" : "above";
    const reached = problem.best !== null && points > 0 && points <= problem.best;
    const here = bestTry && bestTry.points === points ? make("span", { class: "here" }, ` you ${bestTry.value.toFixed(3)}`) : null;
    return make("li", { class: reached ? "reached" : null }, make("b", {}, String(points)), ` ${threshold}`, here,
      make("div", { class: "quiet" }, standing.join(", ")));
  });
  return make("ol", { class: "ladder", start: "0", "aria-label": `Ladder, ${metric}` }, ...rungs);
}

function drawDrop(session, problem) {
  const input = make("input", { type: "file", id: `file-${problem.number}`, accept: ".keras,.h5", disabled: busy, onchange: (event) => {
    if (event.target.files.length) submit(session, problem, event.target.files[0]);
  } });
  const zone = make("label", { class: busy ? "drop busy" : "drop", for: `file-${problem.number}` },
    `Drop a model file here, .keras or .h5, at most ${Math.round(problem.most_bytes / 2 ** 20)} MB, or choose one:`, input);
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (!busy && event.dataTransfer.files.length) submit(session, problem, event.dataTransfer.files[0]);
  });
  return zone;
}

function drawActions(session) {
  const parts = [];
  if (state.drawing) parts.push(make("p", { role: "status" }, state.drawing));
  if (session) {
    const report = make("a", { href: `${base}/report?exam=${encodeURIComponent(session.id)}`, target: "_blank" }, "Report");
    const finish = session.over || session.mode === "drill" ? null
      : make("button", { id: "finish", type: "button", disabled: busy, onclick: () => finishExam(session) }, "Finish this exam");
    parts.push(make("p", {}, report, " ", finish ?? ""));
  }
  const minutes = make("input", { type: "number", id: "minutes", min: "1", max: "10080", value: String(state.minutes ?? 300) });
  const drills = state.kinds.map((kind) => make("option", { value: kind.kind }, `${kind.title} (${kind.minutes} min)`));
  const kind = make("select", { id: "kind", "aria-label": "Kind of problem" }, ...drills);
  const blocked = busy || Boolean(state.drawing);
  parts.push(
    make("fieldset", {}, make("legend", {}, "Begin a new exam"),
      make("label", {}, "Minutes ", minutes),
      make("button", { class: session ? null : "main", id: "start", type: "button", disabled: blocked, onclick: () => start({ mode: "exam", minutes: Number(minutes.value) }) },
        "Draw five problems and start the clock"),
      make("span", { class: "quiet" }, state.kinds.map((each) => `${each.title} ${each.weight} %`).join(" · "))),
    make("fieldset", {}, make("legend", {}, "Or a drill: one fresh problem"), kind,
      make("button", { id: "drill", type: "button", disabled: blocked, onclick: () => start({ mode: "drill", kind: kind.value }) }, "Draw it")));
  at("actions").replaceChildren(...parts);
}

function drawHistory(session) {
  const tries = session ? session.problems.flatMap((problem) => problem.tries) : [];
  if (!tries.length) return at("history").replaceChildren();
  tries.sort((a, b) => (a.when < b.when ? 1 : -1));
  const rows = tries.map((each) => make("tr", {},
    make("td", {}, new Date(each.when).toLocaleTimeString()),
    make("td", { class: "number" }, String(each.problem)),
    make("td", { class: "number" }, `${each.points} of 5`),
    make("td", {}, each.file, make("div", { class: "quiet" }, each.way)),
    make("td", {}, each.message)));
  const head = ["when", "problem", "points", "file", "what was found"].map((title) =>
    make("th", { scope: "col", class: title === "problem" || title === "points" ? "number" : null }, title));
  at("history").replaceChildren(make("h2", {}, "Tries"), make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of tries" },
    make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows))));
}

// ------------------------------------------------------------------ doing

async function during(work) {
  const focused = document.activeElement && document.activeElement.id;
  busy = true;
  draw();
  try {
    await work();
  } catch (error) {
    say(error.message, "wrong");
  } finally {
    busy = false;
    draw();
    // What is disabled meanwhile loses the keyboard's focus.
    if (focused && document.activeElement === document.body) (at(focused) || at("problems")).focus();
  }
}

function submit(session, problem, file) {
  say(`Asking ${file.name} about data that it has not seen …`);
  return during(async () => {
    if (file.size > 2 * problem.most_bytes + 2 ** 20) {
      throw new Error(`Expected a file of at most ${Math.round(problem.most_bytes / 2 ** 20)} MB; found ${Math.round(file.size / 2 ** 20)} MB. Use smaller layers.`);
    }
    const query = `submit?exam=${encodeURIComponent(session.id)}&problem=${problem.number}`;
    const headers = { "X-File-Name": encodeURIComponent(file.name), "Content-Type": "application/octet-stream" };
    const done = await call(query, { method: "POST", headers, body: file });
    const kind = done.points === 5 ? "right" : done.outcome === "cannot be scored" ? "wrong" : "";
    say(`Problem ${problem.number}, try ${done.number}: ${done.points} of 5 points, ${done.outcome}.\n${done.message}${done.next_step ? `\nNext: ${done.next_step}` : ""}`, kind);
  });
}

function start(asked) {
  say("Drawing fresh problems: this may take a minute.");
  return during(async () => {
    const before = new Set(state.sessions.map((session) => session.id));
    const watching = setInterval(refresh, 1000);
    try {
      await call("start", { method: "POST", body: JSON.stringify(asked) });
    } finally {
      clearInterval(watching);
    }
    const fresh = state.sessions.find((session) => !before.has(session.id));
    if (fresh) chosen = fresh.id;
    take(state);
    say(asked.mode === "exam" ? "The clock runs. Open a problem's statement or its notebook." : "Open the statement or the notebook.", "right");
    at("problems").focus();
  });
}

function finishExam(session) {
  if (!window.confirm(`Finish ${session.id}? It takes no more models then.`)) return;
  return during(async () => {
    await call("finish", { method: "POST", body: JSON.stringify({ exam: session.id }) });
    say("Finished. The report says how it went.", "right");
  });
}

async function refresh() {
  const before = state;
  try {
    const answer = await fetch(`${base}/state`, { credentials: "same-origin" });
    if (!answer.ok) throw new Error();
    const fresh = await answer.json();
    if (state === before) take(fresh); // else it was overtaken: what a click has brought meanwhile is newer
    if (lost) say("");
  } catch {
    if (busy) return;
    say("The server does not answer. Is tfcourse lab still running? Everything that was scored is kept.", "wrong");
    lost = true;
  }
}

// In a tab of JupyterLab it is as light or as dark as JupyterLab is; by itself, as the browser prefers.
function followTheme() {
  const { jpThemeLight } = window.parent.document.body.dataset;
  if (jpThemeLight) document.documentElement.style.colorScheme = jpThemeLight === "true" ? "light" : "dark";
}
if (window.parent !== window) {
  followTheme();
  new MutationObserver(followTheme).observe(window.parent.document.body, { attributeFilter: ["data-jp-theme-light"] });
}

// A file that is dropped beside its place must not take the browser away from this page.
for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());

refresh();
setInterval(() => { if (!busy) refresh(); }, POLL);
setInterval(() => state && tick(), 500);
