// The engineers' inbox: which list and which ticket this window shows, and what is new in it.
"use strict";

const shown = { view: "all", queue: "", priority: "", late: "", q: "", after: "", ticket: "" };

const inbox = {
  // The part of this window's address that is the inbox's own.
  query() {
    const query = new URLSearchParams();
    for (const name of ["view", "queue", "priority", "late", "q", "ticket"])
      if (shown[name] && shown[name] !== "all") query.set(name, shown[name]);
    return query;
  },
  parts() {
    if (!$("room")) return [];
    const { ticket, ...list } = shown;
    const parts = [fragment("/web/room", $("room"), list)];
    if (ticket) parts.push(fragment("/web/ticket", $("ticket"), { ticket }));
    return parts;
  },
  // What the reader has chosen is shown from what was read last; what is newer comes with the next refresh.
  at_once(...parts) {
    return Promise.all(parts).then(() => this.changed(), () => refresh());
  },
  // What differs by window is put into what came, before it takes its place.
  prepare(body) {
    this.mark(body);
    thread.prepare(body);
    compose.prepare(body);
  },
  mark(place) {
    const rows = [...place.querySelectorAll(".row > a")];
    const seen = news.seen();
    const concern = new Set([...(place.querySelector("#news")?.children || [])].map((one) => one.dataset.ticket));
    const at = rows.findIndex((row) => row.dataset.ticket === shown.ticket);
    const stop = rows[Math.max(at, 0)];
    if (at >= 0) walk.at = at;
    for (const row of rows) {
      const open = row.dataset.ticket === shown.ticket;
      if (open) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      row.tabIndex = row === stop ? 0 : -1; // one stop for the whole list; arrows go on from there
      row.parentElement.classList.toggle("unread", concern.has(row.dataset.ticket) && news.isNew(row.dataset, seen));
      row.parentElement.classList.toggle("chosen", open);
    }
  },
  changed() {
    if (!$("room")) return;
    if (!shown.ticket && this.beside()) {
      const first = document.querySelector(".row > a");
      if (first) return this.open(first.dataset.ticket, { quiet: true });
    }
    news.told();
    several.show();
    thread.follow();
    compose.settle();
  },
  // Who else looks at the open ticket, and whether its requester is writing.
  present({ looking = {}, writing = [] }) {
    const card = document.querySelector("#ticket .card");
    const place = card && $(`${card.id}-looking`);
    if (!place) return;
    const names = looking[card.dataset.reference] || [];
    put(place, names.length ? place.dataset.text.replace("{names}", names.join(", ")) : "");
    const composer = $(`${card.id}-write-writing`);
    if (composer) put(composer, writing.includes(card.dataset.requester) ? composer.dataset.text : "");
  },
  // Whether the list and a ticket stand beside each other.
  beside: () => $("reading").offsetParent !== null && $("room-scroll").offsetParent !== null,
  open(reference, { quiet = false } = {}) {
    if (shown.ticket === reference && !quiet) return this.show("ticket");
    shown.ticket = reference;
    thread.begin();
    this.preview(reference);
    $("no-choice").hidden = Boolean(reference);
    if (!quiet) this.show(reference ? "ticket" : "list");
    address(!quiet);
    this.mark($("room"));
    if (!document.hidden) presence.tell("room", false);
    return this.at_once(fragment("/web/ticket", $("ticket"), { ticket: reference, known: "1" }));
  },
  // What the list knows of a ticket stands there until the rest of it has come.
  preview(reference) {
    const row = document.querySelector(`.row > a[data-ticket="${CSS.escape(reference)}"]`);
    const coming = Object.assign(document.createElement("div"), { className: "coming" });
    for (const part of [".subject", ".facts-line"]) coming.append(row?.querySelector(part)?.cloneNode(true) || "");
    $("ticket").replaceChildren(...(row ? [coming] : []));
  },
  // Where the number of another ticket is asked for, those that the list knows are offered.
  suggest(form) {
    const field = form.querySelector("[data-input=ticket]");
    if (!field || !$("room")) return;
    const known = new Map();
    for (const { dataset } of document.querySelectorAll("#news > li")) known.set(dataset.ticket, `${dataset.title} · ${dataset.who}`);
    for (const row of document.querySelectorAll(".row > a"))
      known.set(row.dataset.ticket, `${row.querySelector(".subject").textContent} · ${row.querySelector("bdi").textContent}`);
    known.delete(shown.ticket);
    const list = Object.assign(document.createElement("datalist"), { id: "known-tickets" });
    for (const [value, label] of known) list.append(Object.assign(document.createElement("option"), { value, label }));
    field.after(list);
    field.setAttribute("list", list.id);
  },
  show(what) {
    $("pane-room").dataset.shows = what;
  },
  choose(changes) {
    Object.assign(shown, { after: "" }, changes);
    several.end();
    walk.at = 0;
    $("room-scroll").scrollTop = 0;
    address();
    const { ticket, ...list } = shown;
    return this.at_once(fragment("/web/room", $("room"), { ...list, known: "1" }));
  },
  read() {
    const given = new URLSearchParams(location.search);
    for (const name of Object.keys(shown)) shown[name] = given.get(name) || (name === "view" ? "all" : "");
    shown.ticket = shown.ticket.toUpperCase();
    $("no-choice").hidden = Boolean(shown.ticket);
    this.show(shown.ticket ? "ticket" : "list");
  },
};

// --- the conversation of the open ticket ----------------------------------------------------------------

const thread = {
  atEnd: true, // whether what has come is followed to its end
  stays: true, // whether the reader is there, however high the field below becomes
  sizes: new ResizeObserver(() => thread.stays && thread.toEnd(thread.talk())),
  begin() {
    this.atEnd = true;
  },
  talk: () => document.querySelector("#ticket .talk"),
  ends: (talk) => talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80,
  toEnd(talk) {
    if (talk) talk.scrollTop = talk.scrollHeight;
  },
  prepare(body) {
    const live = this.talk();
    if (!live || !body.querySelector(".talk")) return;
    this.atEnd ||= this.ends(live);
    // Earlier pages that were opened stay as they are; the way to them has been taken.
    if ($("earlier-pages")) body.querySelector(".talk > .pages")?.replaceWith(kept("earlier-pages"));
  },
  follow() {
    const talk = this.talk();
    if (!talk) return;
    if (this.atEnd) this.toEnd(talk);
    this.atEnd = false;
    if (this.of === talk) return;
    this.of = talk;
    this.stays = this.ends(talk);
    this.sizes.disconnect();
    this.sizes.observe(talk);
  },
  async earlier(button) {
    const talk = this.talk();
    const response = await fetch(`/web/ticket?${asked({ ticket: shown.ticket, before: button.dataset.earlier })}`);
    if (!response.ok) return;
    const body = prepared(await response.text());
    const below = talk.scrollHeight - talk.scrollTop;
    const place = button.closest(".pages");
    const page = $("earlier-pages") ? document.createElement("div") : kept("earlier-pages");
    page.append(...body.childNodes);
    place.replaceWith(page);
    talk.scrollTop = talk.scrollHeight - below;
  },
};

document.addEventListener("swapped", () => thread.follow());
document.addEventListener("scroll", ({ target }) => target === thread.of && (thread.stays = thread.ends(target)), true);

const compose = {
  // Canned responses: by "/" as the first sign, or by their button.
  async ready(form, words = "") {
    const list = form.querySelector(".ready");
    if (!list) return;
    if (list.dataset.of !== shown.ticket) {
      const response = await fetch(`/web/replies?${asked({ ticket: shown.ticket })}`);
      if (!response.ok) return;
      list.replaceChildren(...new DOMParser().parseFromString(await response.text(), "text/html").body.children);
      list.dataset.of = shown.ticket;
    }
    const wanted = words.toLowerCase().split(/\s+/);
    let any = false;
    for (const one of list.children) {
      const text = `${one.textContent} ${one.dataset.text}`.toLowerCase();
      one.hidden = !wanted.every((word) => text.includes(word));
      one.setAttribute("aria-selected", String(!one.hidden && !any));
      any ||= !one.hidden;
    }
    list.hidden = !any;
    this.point(form, list);
  },
  point(form, list) {
    const chosen = list.hidden ? null : list.querySelector("[aria-selected=true]");
    if (chosen) form.elements.text.setAttribute("aria-activedescendant", chosen.id);
    else form.elements.text.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  },
  step(form, by) {
    const list = form.querySelector(".ready");
    const offered = [...list.children].filter((one) => !one.hidden);
    const at = offered.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const next = offered[Math.min(Math.max(at + by, 0), offered.length - 1)];
    for (const one of offered) one.setAttribute("aria-selected", String(one === next));
    this.point(form, list);
  },
  take(form, one) {
    form.elements.text.value = one.dataset.text;
    this.close(form);
    form.elements.text.focus();
    drafts.keep(form);
  },
  close(form) {
    form.querySelector(".ready").hidden = true;
    this.point(form, form.querySelector(".ready"));
  },
  form: () => document.querySelector("#ticket form.under"),
  // Words for the engineers stay theirs when the ticket becomes the reader's own while they are being written.
  prepare(body) {
    const [form, coming] = [this.form(), body.querySelector("form.under")];
    if (form?.id !== coming?.id || form?.dataset.kind !== "room" || coming.dataset.kind === "room") return;
    if (form.elements.text.value || form.elements.text === document.activeElement) drafts.stayNote(coming);
  },
  // What stands in an empty field says who reads it; the field itself is never put anew.
  settle() {
    const area = this.form()?.elements.text;
    if (area) area.placeholder = area.dataset[this.form().querySelector("[value=reply]:checked") ? "reply" : "note"];
  },
};

function kept(id) {
  const place = Object.assign(document.createElement("div"), { id });
  place.dataset.kept = "";
  return place;
}

// --- what is new ------------------------------------------------------------------------------------------

const news = {
  get key() {
    return `seen ${$("desk")?.value || ""}`;
  },
  seen() {
    try {
      return JSON.parse(store.get(this.key)) || {};
    } catch {
      return {};
    }
  },
  known: null, // what was news before, so that each is told once
  isNew: ({ ticket, version }, seen) => !(seen[ticket] >= Number(version)),
  mark(ticket, version) {
    const seen = this.seen();
    if (seen[ticket] === version) return;
    seen[ticket] = version;
    const kept = Object.entries(seen).slice(-2000);
    store.set(this.key, JSON.stringify(Object.fromEntries(kept)));
  },
  // A desktop notice for each message that nobody here has seen, where that was allowed.
  notify(unread) {
    const marks = new Map(unread.map((one) => [`${one.dataset.ticket} ${one.dataset.version}`, one.dataset]));
    const fresh = [...marks].filter(([mark]) => this.known && !this.known.has(mark));
    this.known = new Set(marks.keys());
    if (!document.hidden || store.get("notify") !== "on" || !("Notification" in window)) return;
    for (const [, { ticket, who, title }] of fresh.slice(-3)) {
      const notice = new Notification(`${who} · ${ticket}`, { body: title, tag: ticket });
      notice.onclick = () => {
        window.focus();
        inbox.open(ticket);
        notice.close();
      };
    }
  },
  told() {
    const open = document.querySelector("#ticket .card");
    if (open && !document.hidden && $("reading").offsetParent) this.mark(open.dataset.reference, Number(open.dataset.version));
    const seen = this.seen();
    const unread = [...document.querySelectorAll("#news > li")].filter((one) => this.isNew(one.dataset, seen));
    inbox.mark($("room"));
    this.notify(unread);
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = unread.length ? `(${unread.length}) ${title}` : title;
    $("badge").textContent = unread.length || "";
  },
};

// --- what people do ---------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const row = event.target.closest("a[data-ticket]");
  if (row && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    inbox.open(row.dataset.ticket);
    return;
  }
  const target = event.target.closest("button");
  if (!target) return;
  if (target.dataset.view) inbox.choose({ view: target.dataset.view, q: ($("find").value = "") });
  else if (target.dataset.late !== undefined) inbox.choose({ late: shown.late ? "" : "1" });
  else if (target.dataset.page !== undefined) inbox.choose({ after: target.dataset.page });
  else if (target.dataset.earlier) thread.earlier(target);
  else if (target.dataset.back !== undefined) inbox.show("list");
  else if (target.dataset.link) copyLink(target);
  else if (target.dataset.ready !== undefined) {
    target.form.elements.text.focus();
    compose.ready(target.form);
  }
});

document.addEventListener("click", ({ target }) => {
  const one = target.closest(".ready > li");
  if (one) compose.take(one.closest("form"), one);
});

async function copyLink(button) {
  const area = Object.assign(document.createElement("textarea"), { value: `${location.origin}/?ticket=${button.dataset.link}` });
  button.after(area);
  await copy(area);
  area.remove();
  button.textContent = button.dataset.copied;
}

document.addEventListener("change", ({ target }) => {
  if (target.dataset.narrow) inbox.choose({ [target.dataset.narrow]: target.value });
  if (target.name !== "kind") return;
  compose.settle();
  drafts.keep(target.form);
});

document.addEventListener("input", ({ target }) => {
  const list = target.name === "text" && target.form?.querySelector(".ready");
  if (!list) return;
  const begun = /^\/(?!\/)(.*)$/.exec(target.value);
  if (begun) compose.ready(target.form, begun[1]);
  else if (!list.hidden) compose.close(target.form);
});

document.addEventListener(
  "keydown",
  (event) => {
    const list = event.target.name === "text" && event.target.form?.querySelector(".ready");
    if (!list || list.hidden || event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = list.querySelector("[aria-selected=true]:not([hidden])");
    if (by) compose.step(event.target.form, by);
    else if ((event.key === "Enter" || event.key === "Tab") && chosen) compose.take(event.target.form, chosen);
    else if (event.key === "Escape") compose.close(event.target.form);
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

window.addEventListener("popstate", () => {
  inbox.read();
  thread.begin();
  $("ticket").replaceChildren();
  $("find").value = shown.q;
  const { ticket, ...list } = shown;
  const parts = [fragment("/web/room", $("room"), { ...list, known: "1" })];
  if (ticket) parts.push(fragment("/web/ticket", $("ticket"), { ticket, known: "1" }));
  inbox.at_once(...parts);
});
document.addEventListener("visibilitychange", () => document.hidden || inbox.changed());
if ($("room")) {
  inbox.read();
  // Who looks is known for a while only.
  setInterval(() => document.hidden || !shown.ticket || presence.writing || presence.tell("room", false), 20000);
}

// --- desktop notices ----------------------------------------------------------------------------------------

if ($("notify") && "Notification" in window && window.isSecureContext) {
  const state = () => $("notify").setAttribute("aria-pressed", String(store.get("notify") === "on" && Notification.permission === "granted"));
  $("notify").hidden = false;
  state();
  $("notify").addEventListener("click", async () => {
    const on = $("notify").getAttribute("aria-pressed") !== "true" && (await Notification.requestPermission()) === "granted";
    store.set("notify", on ? "on" : "");
    state();
    if (Notification.permission === "denied") tell("room", "", $("notify").dataset.blocked);
  });
}

// --- beside the inbox ---------------------------------------------------------------------------------------

// Whether engineers have their own questions beside the inbox; where both do not fit, tabs part them.
function aside(yes) {
  document.body.dataset.aside = yes ? "yes" : "no";
  $("aside").setAttribute("aria-pressed", String(yes));
}
if ($("aside") && store.get("aside")) aside(store.get("aside") === "yes");
