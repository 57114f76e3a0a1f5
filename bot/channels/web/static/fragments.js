// Puts a fragment from the server in place: changes what differs, keeps what somebody is writing.
"use strict";

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE && node.id) || "";
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

function patch(live, wanted) {
  if (live.nodeType !== Node.ELEMENT_NODE) {
    if (live.data !== wanted.data) live.data = wanted.data;
    return;
  }
  // What the reader has opened or written stays as it is.
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

function swap(place, html) {
  const active = document.activeElement;
  const inside = place.contains(active);
  const range = inside && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  const around = [];
  for (let at = active; inside && at !== place; at = at.parentElement) if (at.id) around.push(at.id);
  morph(place, new DOMParser().parseFromString(html, "text/html").body);
  showNames();
  for (const time of place.querySelectorAll("time"))
    time.title = new Date(time.dateTime).toLocaleString(document.documentElement.lang);
  for (const time of place.querySelectorAll("time[data-local]"))
    time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, LOCAL);
  if (!inside || document.activeElement === active) return;
  if (active.isConnected) {
    active.focus({ preventScroll: true });
    if (range && range[0] !== null) active.setSelectionRange(...range);
  } else {
    // What had the focus is gone: stay on its card, so that the keyboard goes on from there.
    const card = around.map($).find((node) => node && node.tabIndex === -1);
    (card || place.closest(".scroll")).focus({ preventScroll: true });
  }
}

let running = null;
let again = false;
let composing = false;
let toEnd = true;
let leftAt = -1; // where we scrolled to; still there means that the reader follows

async function fragment(path, place) {
  const asked = chosen().toString();
  const response = await fetch(`${path}?${asked}`, { headers: { Accept: "text/html" } });
  if (response.status === 401) return location.reload();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const html = await response.text();
  // Somebody else was chosen, or an input method is at work: this answer is not for now.
  if (asked !== chosen().toString() || composing) again = true;
  else swap(place, html);
}

async function readAll() {
  const scroll = $("ask-scroll");
  const left = scroll.scrollTop === leftAt;
  const atEnd = toEnd || left || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const known = toEnd ? new Set() : shownTo(scroll);
  const parts = [fragment("/web/conversation", $("conversation"))];
  if ($("room")) parts.push(fragment("/web/room", $("room")));
  if ($("queue") && !$("queue").hidden) parts.push(fragment("/web/queue", $("queue")));
  await Promise.all(parts);
  if (atEnd) showEnd(scroll, known);
  toEnd = false;
  if ($("badge")) $("badge").textContent = Number($("tally").dataset.waiting) || "";
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
  const asked = messages.findLastIndex((one) => one.matches(".mine"));
  const unread = messages.findIndex((one, index) => index > asked && !known.has(one.id));
  const from = unread === -1 ? messages.at(-1) : messages[unread === asked + 1 ? asked : unread];
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
