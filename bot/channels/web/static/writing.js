// What engineers write before it is sent: drafts that outlast a reload, and lines that show at once; for
// everybody a word that somebody is writing, and a moment in which what was done can be taken back.
"use strict";

const store = {
  get(name) {
    try {
      return localStorage.getItem(`firstline ${name}`);
    } catch {
      return null; // a forbidden store: then it lasts as long as the window
    }
  },
  set(name, value) {
    try {
      if (value) localStorage.setItem(`firstline ${name}`, value);
      else localStorage.removeItem(`firstline ${name}`);
    } catch {
      // a full store, too
    }
  },
  // Nothing of somebody who has signed out stays in a browser that others may use.
  clear() {
    try {
      for (const name of Object.keys(localStorage)) if (name.startsWith("firstline ")) localStorage.removeItem(name);
    } catch {
      // nothing was kept
    }
  },
};

// Until the tab is closed, and in this tab alone: what somebody begins to write is nobody else's.
const isNote = (form) => form.dataset.kind === "room" || Boolean(form.querySelector("[name=kind][value=note]:checked"));

const drafts = {
  name: (form) => `draft room ${$("desk")?.value || ""} ${form.dataset.draft}`,
  keep(form) {
    const { value } = form.elements.text;
    if (value) sessionStorage.setItem(this.name(form), JSON.stringify([value, isNote(form)]));
    else sessionStorage.removeItem(this.name(form));
  },
  // What was begun as a note comes back as one.
  put(form) {
    const [text, note] = JSON.parse(sessionStorage.getItem(this.name(form)) || '["", false]');
    form.elements.text.value = text;
    if (note) this.stayNote(form);
  },
  stayNote(form) {
    const choice = form.querySelector("[name=kind][value=note]");
    if (choice) choice.checked = true;
  },
  restore() {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      const area = form.elements.text;
      const name = this.name(form);
      if (area.dataset.drafted === name) continue;
      area.dataset.drafted = name;
      if (!area.value && !pending.lines.has(form.id)) this.put(form);
    }
  },
};

// --- lines that are on their way ------------------------------------------------------------------------

const pending = {
  lines: new Map(), // by the form's id: where it will stand, and what was written
  add(form, text) {
    if (!text || !form.dataset.draft) return;
    const place = `${form.id.replace("-write", "")}-thread`;
    this.lines.set(form.id, { place, text, note: isNote(form) });
    this.put(document);
    const talk = $(place)?.closest(".talk");
    if (talk) talk.scrollTop = talk.scrollHeight;
  },
  end(form) {
    this.lines.delete(form.id);
    document.querySelector(`.pending[data-form="${form.id}"]`)?.remove();
  },
  put(root) {
    for (const [form, { place, text, note }] of this.lines) {
      const list = root.querySelector(`#${place} > ol`);
      if (!list || list.querySelector(`.pending[data-form="${form}"]`)) continue;
      const line = Object.assign(document.createElement("li"), { className: `entry ${note ? "note" : "sent"} pending` });
      line.dataset.form = form;
      line.setAttribute("aria-hidden", "true"); // it is read out when it has arrived
      const bubble = Object.assign(document.createElement("div"), { className: "bubble" });
      bubble.append(Object.assign(document.createElement("p"), { className: "words", textContent: text }));
      line.append(bubble);
      list.append(line);
    }
  },
};

// --- a moment to take it back -----------------------------------------------------------------------------

const undo = {
  wait: 6000, // milliseconds
  now: null,
  // Waits; true when it is to be done, false when it was taken back.
  hold(said) {
    this.now?.(true); // one at a time
    const bar = $("undo");
    bar.querySelector("p").textContent = said;
    bar.hidden = false;
    return new Promise((resolve) => {
      const end = (done) => {
        if (this.now !== end) return;
        clearTimeout(timer);
        this.now = null;
        bar.hidden = true;
        resolve(done);
      };
      const timer = setTimeout(end, this.wait, true);
      this.now = end;
    });
  },
};
$("undo")?.addEventListener("click", ({ target }) => {
  if (target.closest("button")) undo.now?.(target.closest("[data-undo]") === null);
});
// Whoever leaves has not taken it back; what is sent then must arrive, too.
let leaving = false;
window.addEventListener("pageshow", () => (leaving = false));
window.addEventListener("pagehide", () => {
  leaving = true;
  undo.now?.(true);
});

// --- who is writing ---------------------------------------------------------------------------------------

const presence = {
  writing: null, // the form in which this reader writes
  timer: 0,
  last: 0,
  said: "",
  heard: {},
  async tell(pane, writes) {
    const body = { ...Object.fromEntries(chosen()), pane, writes, ticket: pane === "room" && typeof shown !== "undefined" ? shown.ticket : "" };
    try {
      await fetch("/web/presence", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive: true });
    } catch {
      // it is told again with the next word
    }
  },
  typed(form) {
    const pane = form.dataset.ask;
    if (isNote(form) || !form.elements.text.value.trim()) return this.stopped();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stopped(), 5000);
    if (this.writing === form && performance.now() - this.last < 3000) return;
    this.writing = form;
    this.last = performance.now();
    this.tell(pane, true);
  },
  stopped() {
    clearTimeout(this.timer);
    if (!this.writing) return;
    const pane = this.writing.dataset.ask;
    this.writing = null;
    this.tell(pane, false);
  },
  show(heard = this.heard) {
    this.heard = heard;
    const place = $("ask-writing");
    if (place) put(place, heard.helper ? place.dataset.text.replace("{name}", heard.helper) : "");
    if ($("room") && typeof inbox !== "undefined") inbox.present(heard);
  },
};

function put(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (target.name !== "text" || !(form?.dataset.draft || form?.id === "ask-form")) return;
  if (form.dataset.draft) drafts.keep(form);
  presence.typed(form);
});
document.addEventListener("focusout", ({ target }) => target.name === "text" && presence.stopped());
drafts.restore();
