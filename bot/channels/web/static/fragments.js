// Puts a fragment from the server in place: changes what differs, keeps what somebody is writing.
"use strict";

const $ = (id) => document.getElementById(id);
const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE && node.id) || "";
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

function patch(live, wanted) {
  if (live.nodeType !== Node.ELEMENT_NODE) {
    if (live.data !== wanted.data) live.data = wanted.data;
    return;
  }
  // What the reader has opened or written stays as it is.
  if (live.dataset.kept !== undefined) return;
  if (live.nodeName === "TEXTAREA" || live.nodeName === "INPUT" || live.nodeName === "SELECT") return;
  const mine = live.nodeName === "DETAILS" ? ["open"] : [];
  for (const { name } of [...live.attributes])
    if (!wanted.hasAttribute(name) && !mine.includes(name)) live.removeAttribute(name);
  for (const { name, value } of wanted.attributes)
    if (live.getAttribute(name) !== value && !mine.includes(name)) live.setAttribute(name, value);
  morph(live, wanted);
}

function morph(live, wanted) {
  const keyed = new Map();
  for (const child of live.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let cursor = live.firstChild;
  for (const next of [...wanted.childNodes]) {
    const key = keyOf(next);
    const match = key ? keyed.get(key) : cursor;
    if (!match || !alike(match, next)) {
      live.insertBefore(next, cursor);
    } else {
      if (match === cursor) cursor = cursor.nextSibling;
      else live.insertBefore(match, cursor);
      patch(match, next);
    }
  }
  while (cursor) {
    const rest = cursor.nextSibling;
    cursor.remove();
    cursor = rest;
  }
}

const LOCAL = { dateStyle: "medium", timeStyle: "short" }; // in the reader's own zone

// What the server sent, with what differs by reader and window already in it: nothing is put in its place to be
// changed at once, and read out twice.
function prepared(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const { lang } = document.documentElement;
  for (const time of body.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    time.title = at.toLocaleString(lang);
    if (time.dataset.local !== undefined) time.textContent = at.toLocaleString(lang, LOCAL);
    if (time.dataset.ago !== undefined) time.textContent = fromNow(at, lang);
    if (time.dataset.due) time.textContent = `${time.dataset.due} ${fromNow(at, lang)}`;
  }
  partDays(body, lang);
  // One stop for the changes of a conversation, at the newest; arrows go on from there.
  for (const list of body.querySelectorAll("ol"))
    [...list.querySelectorAll(":scope > li > .change > summary")].slice(0, -1).forEach((one) => (one.tabIndex = -1));
  pending.put(body);
  for (const id of held) {
    const line = body.querySelector(`#${CSS.escape(id)}`);
    if (line) line.hidden = true;
  }
  if ($("room")) inbox.prepare(body);
  return body;
}

// The first message of each day says which, by the reader's own clock.
function partDays(body, lang) {
  const words = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate());
  const today = midnight(new Date());
  for (const list of body.querySelectorAll(".thread > ol, ol.page")) {
    let before = today.getTime();
    for (const line of list.querySelectorAll(":scope > [data-at]")) {
      const at = new Date(line.dataset.at);
      const day = midnight(at);
      if (day.getTime() !== before) {
        const ago = Math.round((day - today) / 86400000);
        line.dataset.day = ago > -2 ? words.format(ago, "day") : at.toLocaleDateString(lang, { dateStyle: "full" });
        line.classList.remove("goes-on");
      }
      before = day.getTime();
    }
  }
}

function fromNow(at, lang) {
  const minutes = Math.round((at - Date.now()) / 60000);
  if (!minutes) return new Intl.RelativeTimeFormat(lang, { numeric: "auto" }).format(0, "second");
  const [count, unit] =
    Math.abs(minutes) < 60 ? [minutes, "minute"] : Math.abs(minutes) < 2880 ? [Math.round(minutes / 60), "hour"] : [Math.round(minutes / 1440), "day"];
  return new Intl.RelativeTimeFormat(lang, { style: "short" }).format(count, unit);
}

function swap(place, html) {
  const active = document.activeElement;
  const inside = place.contains(active);
  const range = inside && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  const around = [];
  for (let at = active; inside && at !== place; at = at.parentElement) if (at.id) around.push(at.id);
  morph(place, prepared(html));
  drafts.restore();
  showNames();
  document.dispatchEvent(new Event("swapped"));
  if (place.id === "conversation") showWaiting();
  if (!inside || document.activeElement === active) return;
  if (active.isConnected) {
    active.focus({ preventScroll: true });
    if (range && range[0] !== null) active.setSelectionRange(...range);
  } else {
    // What had the focus is gone: stay on its card, so that the keyboard goes on from there.
    const card = around.map($).find((node) => node && node.tabIndex === -1);
    (card || place.closest(".scroll") || place.parentElement).focus({ preventScroll: true });
    if (active.matches("textarea, input, select")) document.dispatchEvent(new Event("fieldlost"));
  }
}

let running = null;
let again = false;
let composing = false;
let toEnd = true;
let leftAt = -1; // where we scrolled to; still there means that the reader follows

function asked(more = {}) {
  const query = chosen();
  query.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone || "");
  for (const [name, value] of Object.entries(more)) if (value) query.set(name, value);
  return query.toString();
}

async function fragment(path, place, more = {}) {
  const query = asked(more);
  const before = where();
  const response = await fetch(`${path}?${query}`, { headers: { Accept: "text/html" } });
  if (response.status === 401) return location.reload();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const html = await response.text();
  // Somebody else was chosen, or an input method is at work: this answer is not for now.
  if (before !== where() || composing) again = true;
  else swap(place, html);
}

async function readAll() {
  const scroll = $("ask-scroll");
  const left = scroll.scrollTop === leftAt;
  const atEnd = toEnd || left || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const known = toEnd ? new Set() : shownTo(scroll);
  // What was asked for is shown as soon as it is there, whatever the inbox beside it still reads.
  const shows = fragment("/web/conversation", $("conversation")).then(() => {
    if (atEnd) showEnd(scroll, known);
    toEnd = false;
  });
  const parts = [shows];
  if ($("room")) parts.push(...inbox.parts());
  for (const list of document.querySelectorAll("[data-fetch][open]"))
    parts.push(fragment(list.dataset.fetch, list.querySelector("ul")));
  await Promise.all(parts);
  presence.show();
  if ($("room")) inbox.changed();
}

// The messages that the reader has had before their eyes to the end.
function shownTo(scroll) {
  const end = scroll.getBoundingClientRect().bottom + 1;
  const shown = [...scroll.querySelectorAll(".message")].filter((one) => one.getBoundingClientRect().bottom <= end);
  return new Set(shown.map((one) => one.id));
}

// The end, unless what is new is longer than the pane: then it is read from its beginning on, an answer from
// its question on.
function showEnd(scroll, known) {
  const messages = [...scroll.querySelectorAll(".message")];
  if (!messages.length) return; // the greeting is read from its beginning on
  const asked = messages.findLastIndex((one) => one.matches(".mine"));
  // Who comes back and has asked nothing themselves sees the newest, and not the oldest of all that was said.
  const begun = asked < 0 && !known.size;
  const unread = begun ? -1 : messages.findIndex((one, index) => index > asked && !known.has(one.id));
  const from = unread === -1 ? messages.at(-1) : messages[asked >= 0 && unread === asked + 1 ? asked : unread];
  const top = from ? from.getBoundingClientRect().top - scroll.getBoundingClientRect().top : Infinity;
  scroll.scrollTop = Math.min(scroll.scrollHeight, scroll.scrollTop + top - 16);
  leftAt = scroll.scrollTop;
}

function refresh() {
  if (running) {
    again = true;
    return running;
  }
  again = false;
  running = readAll()
    .then(() => lost(false), () => lost(true))
    .finally(() => {
      running = null;
      if (again && !composing) refresh();
    });
  return running;
}

// Closes a menu, or a form in the page; the focus goes back to what opened it, so that the keyboard goes on from there.
function foldMenu(menu) {
  if (!menu) return;
  if (menu.contains(document.activeElement)) menu.querySelector("summary").focus({ preventScroll: true });
  menu.removeAttribute("open");
}

const unfolded = (element) => element.closest?.("details:is(.menu, .inline, .change)[open]");
