// The page's one script: sends what was asked or pressed, and follows what the server has committed.
"use strict";

// --- which personas this window shows ---------------------------------------------------------------

function chosen() {
  const query = new URLSearchParams();
  for (const id of ["as", "desk"]) if ($(id)) query.set(id, $(id).value);
  return query;
}

// All that says what this window shows; it is its address, too.
function where() {
  const query = chosen();
  if ($("room")) for (const [name, value] of inbox.query()) query.set(name, value);
  return query.toString();
}

function address(entered = false) {
  const query = where();
  history[entered ? "pushState" : "replaceState"](null, "", query ? "?" + query : "/");
  for (const link of document.querySelectorAll(".languages a")) {
    const to = new URL(link.href);
    for (const [name, value] of new URLSearchParams(query)) to.searchParams.set(name, value);
    link.href = to.pathname + to.search;
  }
}

function choose() {
  address();
  tell("ask", "");
  tell("room", "");
  toEnd = true;
  drafts.restore();
  refresh();
}

// --- live ---------------------------------------------------------------------------------------------

let wait = 500;
let source = null;
let timer = 0;

function lost(yes) {
  const text = yes ? $("lost").dataset.text : "";
  if ($("lost").textContent !== text) $("lost").textContent = text;
}

function listen() {
  clearTimeout(timer);
  if (source) source.close();
  source = new EventSource("/web/events?" + chosen());
  // The first one comes at once: what happened before we listened is read, too.
  source.addEventListener("refresh", () => {
    wait = 500;
    refresh();
  });
  source.addEventListener("presence", ({ data }) => presence.show(JSON.parse(data)));
  source.addEventListener("error", () => {
    // Our own repeat: the browser gives up for good where the server answers with an error.
    source.close();
    lost(true);
    timer = setTimeout(listen, wait);
    wait = Math.min(wait * 2, 15000);
  });
}

// --- sending ------------------------------------------------------------------------------------------

const keys = new Map();
const busy = new Set();
const pressed = new Set();
const settled = new Map();
const held = new Set(); // messages that are gone unless somebody takes it back

function makeKey() {
  // crypto.randomUUID is missing where the page is not served over TLS or from loopback.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function keyFor(name, payload) {
  // The same words sent again keep their key: what was committed before the line broke is not doubled.
  const print = JSON.stringify(payload);
  if (keys.get(name)?.print !== print) keys.set(name, { print, key: makeKey() });
  return keys.get(name).key;
}

function printOf(pane, payload, files) {
  const named = files.map((file) => [file.name, file.size, file.lastModified]);
  return { ...Object.fromEntries(chosen()), pane, ...payload, files: named };
}

function packed(body, files) {
  if (!files.length) return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const form = new FormData();
  form.append("body", JSON.stringify(body));
  for (const file of files) form.append("file", file, file.name);
  return { body: form };
}

async function post(path, body, files = []) {
  const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions();
  try {
    const keepalive = leaving && !files.length;
    const response = await fetch(path, { method: "POST", keepalive, ...packed({ ...body, zone }, files) });
    const answer = await response.json();
    return response.ok ? answer : { error: answer.error || document.body.dataset.failed };
  } catch {
    return { error: document.body.dataset.failed };
  }
}

// What is on its way is told until a notice on its ticket comes that was not there before.
let awaited = null;
const noticed = () => [...document.querySelectorAll("#notices li")];

function heard() {
  if (!awaited) return;
  const about = new RegExp(`\\b${awaited.ticket}\\b`);
  if (noticed().some(({ id, textContent }) => !awaited.known.has(id) && about.test(textContent))) tell("room", "");
}

document.addEventListener("swapped", heard);

function tell(pane, html, wrong = "") {
  const told = $(`${pane}-told`);
  if (!told) return;
  if (pane === "room") awaited = null;
  told.replaceChildren();
  told.classList.toggle("wrong", Boolean(wrong));
  if (wrong) told.append(Object.assign(document.createElement("p"), { textContent: wrong }));
  else if (html) told.append(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  else return;
  const close = Object.assign(document.createElement("button"), { type: "button", className: "close", textContent: "×" });
  close.setAttribute("aria-label", document.body.dataset.close || "×");
  close.dataset.dismiss = pane;
  told.append(close);
}

// Returns the answer where it was taken; null leaves everything as it stands, to be sent again.
async function send(path, pane, name, payload, button, files = []) {
  if (busy.has(name)) return null;
  busy.add(name);
  button?.setAttribute("aria-busy", "true");
  tell(pane, "");
  // What is wrong with a form that stands in the page is said in it, and stays until it is sent again.
  const inside = button?.form?.querySelector(":scope > .told");
  inside?.replaceChildren();
  const full = { ...Object.fromEntries(chosen()), pane, ...payload };
  const known = new Set(noticed().map(({ id }) => id));
  const answer = await post(path, { ...full, key: keyFor(name, printOf(pane, payload, files)) }, files);
  busy.delete(name);
  button?.removeAttribute("aria-busy");
  if (answer.error) {
    if ($("form")?.open) warn(Object.assign(document.createElement("p"), { textContent: answer.error }));
    else if (inside) inside.textContent = answer.error;
    else tell(pane, "", answer.error);
    return null;
  }
  keys.delete(name);
  if (pane === "ask") toEnd = true;
  await refresh();
  if (answer.form) ask(pane, answer.form, answer.notice);
  else if (refused(answer) && $("form")?.open) warn(...nodesOf(answer.notice));
  else if (refused(answer) && inside) inside.replaceChildren(...nodesOf(answer.notice));
  else tell(pane, answer.notice);
  if (answer.kind === "sent") awaited = { ticket: answer.ticket, known };
  heard();
  return answer;
}

const refused = (answer) => answer.kind === "refused" && !answer.form;
const nodesOf = (html) => new DOMParser().parseFromString(html, "text/html").body.childNodes;

// What is wrong with a form stands in it: nothing behind a dialog can be read.
function warn(...nodes) {
  const said = Object.assign(document.createElement("div"), { className: "told wrong" });
  said.setAttribute("role", "alert");
  said.append(...nodes);
  $("form").querySelector(".told")?.remove();
  $("form").querySelector("h2").after(said);
}

function ask(pane, html, wrong) {
  const dialog = $("form");
  dialog.replaceChildren(...nodesOf(html));
  if (wrong) warn(...nodesOf(wrong));
  dialog.dataset.pane = pane;
  if ($("room")) inbox.suggest(dialog);
  if (!dialog.open) dialog.showModal();
}

const paneOf = (element) =>
  element.closest("dialog")?.dataset.pane || (element.closest(".pane.room") ? "room" : "ask");

async function press(element, inputs = null) {
  const card = element.closest(".card, .message")?.id || "";
  const { action, token, argument } = element.dataset;
  if (element.dataset.inputs) inputs = JSON.parse(element.dataset.inputs);
  const button = element.matches("button") ? element : element.querySelector("[type=submit]");
  const payload = { action, token, argument, inputs };
  const name = `press ${action} ${token} ${argument}`;
  if (pressed.has(name)) return null; // until the page shows what became of it
  pressed.add(name);
  try {
    const done = await send("/web/press", paneOf(element), name, payload, button);
    if (done && card) settled.set(card, performance.now());
    if (done && card.startsWith("m-")) $(card)?.scrollIntoView({ block: "nearest" }); // it may have grown
    return done;
  } finally {
    pressed.delete(name);
  }
}

function change(form, what) {
  const { message, under } = form.dataset;
  const payload = { message, under, change: what, text: what === "edited" ? form.elements.text.value : "" };
  return send("/web/change", paneOf(form), `change ${message}`, payload, form.querySelector("[type=submit]"));
}

const inputsOf = (form) =>
  Object.fromEntries([...form.querySelectorAll("[data-input]")].map((field) => [field.dataset.input, field.value]));

async function remove(form) {
  const line = form.closest("li");
  held.add(line.id);
  line.hidden = true;
  if (await undo.hold($("undo").dataset.delete)) await change(form, "deleted");
  held.delete(line.id);
  const live = $(line.id);
  if (live) live.hidden = false;
}

async function submitForm(form) {
  if (form.dataset.ask) {
    const area = form.querySelector("textarea");
    const picker = form.querySelector("[type=file]");
    const files = [...(picker?.files || [])];
    if (!area.value.trim() && !files.length) {
      tell(form.dataset.ask, "", document.body.dataset.empty);
      return area.focus();
    }
    if (form.id === "ask-form") {
      presence.stopped();
      return askNow(form, files);
    }
    const sent = area.value;
    const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    const button = form.querySelector("[type=submit]");
    // It shows at once; what did not arrive comes back, before the next words that are being written already.
    area.value = "";
    pending.add(form, sent);
    presence.stopped();
    const done = await send("/web/ask", form.dataset.ask, form.id, fields, button, files);
    pending.end(form);
    if (!done) area.value = area.value ? `${sent}\n${area.value}` : sent;
    if (form.dataset.draft) drafts.keep(form);
    if (!done) return;
    if (picker) picker.value = "";
    showNames();
    foldMenu(form.closest("details.menu"));
    return;
  }
  if (form.dataset.change !== undefined) {
    if (await change(form, "edited")) form.closest("details")?.removeAttribute("open");
    return;
  }
  if (form.dataset.press !== undefined) {
    if (form.dataset.action === "resolve") return resolving.submit(form);
    const details = form.closest("details.inline");
    const answer = await press(form, inputsOf(form));
    if (!answer || refused(answer)) {
      details?.setAttribute("open", ""); // what was typed stays, to be corrected
      return;
    }
    if (form.isConnected) {
      form.reset();
      form.closest("details")?.removeAttribute("open");
    }
    if (!answer.form) $("form").close();
    return;
  }
  if (form.id === "sign-in") {
    const answer = await post("/web/sign-in", { token: form.elements.token.value });
    if (answer.error) tell("sign-in", "", answer.error);
    else location.reload();
  }
}

// The browser's own words beside a file field are in the browser's language, so the names stand in ours.
function showNames() {
  for (const input of document.querySelectorAll("[type=file]"))
    input.nextElementSibling.textContent = [...input.files].map((file) => file.name).join(", ");
}

// --- what people do -----------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  event.preventDefault();
  submitForm(event.target);
});

document.addEventListener("click", async (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.removeAttribute("open");
  const target = event.target.closest("button");
  if (!target) return;
  if (target.dataset.example !== undefined) {
    const form = $("ask-form");
    foldMenu(target.closest("details.menu"));
    await askNow(form, [], target.dataset.example || target.textContent);
    form.elements.text.focus();
  } else if (target.dataset.somethingElse !== undefined) {
    foldMenu(target.closest("details.menu"));
    $("ask-text").focus();
  } else if (target.dataset.press !== undefined) {
    // The second click of a double click must not hit the button that took the first one's place.
    const since = performance.now() - (settled.get(target.closest(".card, .message")?.id) ?? -1000);
    if (!(event.detail && since < 400)) {
      foldMenu(target.closest("details.menu"));
      press(target);
    }
  } else if (target.dataset.fold !== undefined) {
    foldMenu(unfolded(target));
  } else if (target.dataset.delete !== undefined) {
    remove(target.form);
  } else if (target.dataset.copy) {
    await copy($(target.dataset.copy));
    target.textContent = target.dataset.copied;
  } else if (target.dataset.tab) {
    $("main").dataset.pane = target.dataset.tab;
    for (const tab of document.querySelectorAll("[data-tab]")) tab.setAttribute("aria-pressed", String(tab === target));
  } else if (target.dataset.dismiss !== undefined) {
    if (target.closest("dialog")) target.closest("dialog").close();
    else tell(target.dataset.dismiss, "");
  } else if (target.id === "aside") {
    aside(target.getAttribute("aria-pressed") !== "true");
    store.set("aside", document.body.dataset.aside);
  } else if (target.id === "sign-out") {
    const answer = await post("/web/sign-out", {});
    store.clear();
    location.assign(answer.to || "/");
  }
});

document.addEventListener(
  "toggle",
  ({ target }) => target.matches("details:is(.menu, .inline, .change)[open]") && target.lastElementChild.scrollIntoView({ block: "nearest" }),
  true,
);

// Over plain HTTP to another machine a browser has no clipboard for us: then the old way.
async function copy(area) {
  area.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(area.value);
  else document.execCommand("copy");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") foldMenu(unfolded(event.target));
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("textarea, select, [data-input]")) return;
  const alone = event.target.id === "ask-text" && !event.shiftKey;
  if (!alone && !event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by) return;
  const all = ".change > summary";
  const list = event.target.closest("ol") || event.target.closest(".pane")?.querySelector(".messages, .thread > ol");
  const own = [...(list?.querySelectorAll(all) || [])];
  // Up in an empty field changes what was written last.
  const from = event.target.matches(all) ? own.indexOf(event.target) : event.target.name === "text" && !event.target.value && by < 0 ? own.length : -1;
  const next = from < 0 ? null : own[from + by];
  if (!next) return;
  event.preventDefault();
  if (from < own.length) return next.focus();
  next.parentElement.open = true;
  next.parentElement.querySelector("textarea").focus();
});

document.addEventListener("change", (event) => event.target.matches("[type=file]") && showNames());
document.addEventListener("compositionstart", () => (composing = true));
document.addEventListener("compositionend", () => {
  composing = false;
  if (again) refresh();
});

if ($("conversation")) {
  for (const id of ["as", "desk"])
    $(id)?.addEventListener("change", () => {
      choose();
      listen();
    });
  window.addEventListener("online", listen);
  setInterval(() => document.hidden || refresh(), 60000); // the ages grow
  listen();
}
