// The keyboard of the inbox: single keys, a list of them, and a search through all that can be done.
"use strict";

const keys_on = () => store.get("keys") !== "off";
const press_first = (...selectors) => {
  const found = selectors.map((one) => document.querySelector(one)).find((one) => one && one.checkVisibility());
  if (!found) return false;
  if (found.matches("summary")) {
    found.parentElement.open = true;
    found.parentElement.querySelector("textarea, input, select, button")?.focus();
  } else found.click();
  return true;
};
const being_read = () => shown.ticket && !document.querySelector("#ticket .card");
// What is pressed while its ticket is still on its way is done once that is there, unless something else is done before.
const early = {
  press: null,
  begin(...selectors) {
    if (!press_first(...selectors) && being_read()) this.press = () => press_first(...selectors);
  },
  look() {
    if (!this.press || being_read()) return;
    this.press();
    this.press = null;
  },
};
const write_as = (kind) => {
  const form = compose.form();
  const choice = form?.querySelector(`[name=kind][value=${kind}]`);
  if (!choice && !(form && kind === "note")) return false;
  if (choice) choice.checked = true;
  compose.settle();
  form?.elements.text.focus();
  return Boolean(form);
};

// After a key that leads to a field, what is typed is meant for that field: it goes there, or nowhere. Otherwise
// letters of a note would do what single keys do, and end in an answer to the employee.
const typing = {
  meant: null, // what opens the field, until somebody is in it
  opened: false,
  told: false, // that it is not there
  begin(open) {
    if (!keys_on()) return;
    this.meant = open;
    this.opened = false;
    this.look();
  },
  // The form may come with the ticket that is being read, or with what has just been pressed.
  look() {
    if (this.meant && !this.opened) this.opened = this.meant();
    if (!this.meant || busy.size || being_read() || document.querySelector("dialog[open]") || $("room-told").hasChildNodes()) return;
    this.told = true;
    tell("room", "", $("keys").dataset.nothing);
  },
  end() {
    const begun = Boolean(this.meant);
    if (this.told) tell("room", "");
    this.meant = null;
    this.told = false;
    return begun;
  },
};
const FIELDS = "input, textarea, select, [contenteditable]";
document.addEventListener("focusin", ({ target }) => target.matches?.(FIELDS) && typing.end());
document.addEventListener("pointerdown", () => {
  typing.end();
  early.press = null;
});
// A field that was taken away with what is being written in it.
document.addEventListener("fieldlost", () => typing.begin(() => false));
function came() {
  typing.look();
  early.look();
}
if ($("ticket")) new MutationObserver(came).observe($("ticket"), { childList: true, subtree: true });

// Keys that lead to a field: each tells whether it is there.
const WRITE = {
  "/": () => {
    if (!$("find").checkVisibility()) inbox.show("list");
    $("find").focus();
    return true;
  },
  r: () => write_as("reply"),
  n: () => write_as("note"),
  e: () => press_first("#ticket [id$=-resolve] > summary", "#ticket [data-action=resolve]"),
  a: () => chooseInMenu("assign"),
  p: () => chooseInMenu("prioritize"),
};

// Each: what it does. The names of the keys and what they do stand in the list of the page.
const DO = {
  j: () => walk.step(1),
  k: () => walk.step(-1),
  o: () => document.querySelector("#ticket .card")?.focus(),
  c: () => early.begin("#ticket [data-action=claim]", "#ticket [id$=-take-over]"),
  x: () => several.toggle(),
  m: () => early.begin("#ticket details.menu > summary"),
  l: () => early.begin("#ticket [data-link]"),
  z: () => press_first("#undo [data-undo]"),
  1: () => press_first("#view-mine"),
  2: () => press_first("#view-unclaimed"),
  3: () => press_first("#view-all"),
  4: () => press_first("#view-closed"),
  "?": () => $("keys").showModal(),
};

// On a row of the list a key is about the ticket of that row, and never about another that is still open beside it.
const ABOUT_A_TICKET = new Set(["o", "c", "r", "n", "e", "a", "p", "m", "l"]);
function openRow() {
  const row = document.activeElement;
  if (row?.matches(".row > a") && row.dataset.ticket !== shown.ticket) inbox.open(row.dataset.ticket);
}

function chooseInMenu(action) {
  const button = document.querySelector(`#ticket .menu [data-action=${action}]`);
  if (button) press(button);
  return Boolean(button);
}

function leave() {
  const area = document.activeElement;
  if (typing.end() || unfolded(area)) return; // what stands open around it is closed first
  // The browser would empty the field without a word to the list.
  if (area === $("find") && area.value) inbox.choose({ q: (area.value = "") });
  if (area?.matches("input, textarea, select")) area.blur();
  else if (several.on) several.end();
  else if ($("pane-room").dataset.shows === "ticket" && !inbox.beside()) inbox.show("list");
}

document.addEventListener("keydown", (event) => {
  if (!$("room") || event.isComposing || document.querySelector("dialog[open]")) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    palette.open();
  } else if (event.key === "Escape" && !event.defaultPrevented) leave();
  if (event.ctrlKey || event.metaKey || event.altKey || !keys_on()) return;
  // A field of a dialog that has just closed has the focus until the next frame.
  if (event.target.matches?.(FIELDS) && event.target.checkVisibility()) return;
  if (typing.meant && event.key.length > 1) typing.end();
  if (typing.meant) {
    event.preventDefault();
    return typing.look();
  }
  early.press = null;
  const act = DO[event.key];
  if (!act && !WRITE[event.key]) return;
  event.preventDefault();
  if (ABOUT_A_TICKET.has(event.key)) openRow();
  if (act) act();
  else typing.begin(WRITE[event.key]);
});

// --- from ticket to ticket, by keys and by arrows, and from the search into what was found ----------------------

const walk = {
  at: 0, // where the open ticket stood when the list had it last
  // The rows, and where the open ticket is among them; where it has left the list, before the one in its place.
  rows() {
    const rows = [...document.querySelectorAll(".row > a")];
    const at = rows.findIndex((row) => row.dataset.ticket === shown.ticket);
    return [rows, at < 0 ? this.at - 0.5 : at];
  },
  step(by) {
    const [rows, at] = this.rows();
    const to = by > 0 ? Math.floor(at) + by : Math.ceil(at) + by;
    const next = rows[Math.min(Math.max(to, 0), rows.length - 1)];
    if (!next) return;
    next.scrollIntoView({ block: "nearest" });
    if (document.activeElement?.matches(".row > a")) next.focus();
    inbox.open(next.dataset.ticket);
  },
};

const search = {
  waits: 0,
  typed() {
    clearTimeout(this.waits);
    this.waits = setTimeout(() => this.find(), 250);
  },
  find() {
    clearTimeout(this.waits);
    const q = $("find").value.trim();
    return q === shown.q ? null : inbox.choose({ q });
  },
  // What was found for the words that stand there now; nothing is opened yet.
  async enter() {
    await this.find();
    document.querySelector(".row > a")?.focus();
  },
};

$("find")?.addEventListener("input", () => search.typed());
$("find")?.addEventListener("keydown", (event) => {
  if (event.isComposing || !["Enter", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  search.enter();
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.(".row > a")) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const rows = [...document.querySelectorAll(".row > a")];
  rows[rows.indexOf(event.target) + by]?.focus();
});

// --- everything that can be done, by a word of it -----------------------------------------------------------

const palette = {
  found: [],
  at: 0,
  // What is nearest at hand comes first: the tickets that are selected, the one that is open, the list.
  places: ["#undo [data-undo]", "#several button", "#ticket :is(button[data-press], .inline > summary)", "#ticket [data-link]", "#room .view", ".row > a", "#outage-new, #show-keys"],
  all() {
    const seen = new Set();
    const entries = [];
    for (const one of this.places.flatMap((place) => [...document.querySelectorAll(place)])) {
      if (one.disabled || one.closest("[hidden]")) continue;
      const row = one.matches(".row > a");
      const words = [...one.childNodes].filter((part) => part.className !== "count");
      const label = row ? `${one.dataset.ticket}: ${one.querySelector(".subject").textContent}` : words.map((part) => part.textContent).join("");
      const text = label.replace(/\s+/g, " ").trim();
      if (!text || seen.has(text)) continue;
      seen.add(text);
      entries.push({ text, one });
    }
    return entries;
  },
  open() {
    $("palette").showModal();
    $("palette-text").value = "";
    this.show();
  },
  show() {
    const words = $("palette-text").value.toLowerCase().split(/\s+/);
    this.found = this.all().filter(({ text }) => words.every((word) => text.toLowerCase().includes(word))).slice(0, 12);
    this.at = 0;
    $("palette-list").replaceChildren(
      ...this.found.map(({ text }, index) => {
        const entry = Object.assign(document.createElement("li"), { id: `palette-${index}`, textContent: text });
        entry.setAttribute("role", "option");
        return entry;
      }),
    );
    this.mark();
  },
  // What can be done has changed while it is open: what was chosen stays so, if it is still there.
  renew() {
    const chosen = this.found[this.at]?.text;
    this.show();
    this.at = Math.max(this.found.findIndex(({ text }) => text === chosen), 0);
    this.mark();
  },
  mark() {
    for (const [index, entry] of [...$("palette-list").children].entries())
      entry.setAttribute("aria-selected", String(index === this.at));
    const chosen = $(`palette-${this.at}`);
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) $("palette-text").setAttribute("aria-activedescendant", chosen.id);
    else $("palette-text").removeAttribute("aria-activedescendant");
  },
  go() {
    const chosen = this.found[this.at]?.one;
    $("palette").close();
    if (!chosen) return;
    if (chosen.matches("[data-press]")) press(chosen);
    else if (chosen.matches("summary")) {
      chosen.parentElement.open = true;
      chosen.parentElement.querySelector("textarea, input")?.focus();
    } else chosen.click();
  },
};

document.addEventListener("swapped", () => $("palette")?.open && palette.renew());
$("palette-text")?.addEventListener("input", () => palette.show());
$("palette")?.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) {
    palette.at = Math.min(Math.max(palette.at + by, 0), palette.found.length - 1);
    palette.mark();
  } else if (event.key === "Enter") palette.go();
  else return;
  event.preventDefault();
});
$("palette-list")?.addEventListener("click", ({ target }) => {
  palette.at = [...$("palette-list").children].indexOf(target.closest("li"));
  palette.go();
});
$("show-keys")?.addEventListener("click", () => $("keys").showModal());
$("single-keys")?.addEventListener("change", ({ target }) => store.set("keys", target.checked ? "" : "off"));
if ($("single-keys")) $("single-keys").checked = keys_on();
