// The pane of whoever asks: a line shows at once, a draft outlives a reload, few stops lead through it.
"use strict";

// --- what was sent and is not on the page yet -----------------------------------------------------------

const waiting = []; // in the order in which they were sent: the next goes when the one before has arrived

function line(kind, ...parts) {
  const item = Object.assign(document.createElement("li"), { className: `message ${kind}` });
  item.setAttribute("aria-hidden", "true"); // the log announces the message itself, when it is there
  const bubble = Object.assign(document.createElement("div"), { className: "bubble" });
  bubble.append(...parts);
  item.append(bubble);
  return item;
}

function made(tag, className, textContent = "") {
  return Object.assign(document.createElement(tag), { className, textContent });
}

// Puts what waits, and the dots below it, at the end; a question only until the server shows it itself.
function showWaiting() {
  for (const old of document.querySelectorAll("#conversation .waits")) old.remove();
  if (!waiting.length) return;
  let list = document.querySelector("#conversation .messages");
  if (!list) {
    $("empty-ask")?.remove();
    list = Object.assign(document.createElement("ol"), { className: "messages" });
    $("conversation").append(list);
  }
  for (const { key, shown } of waiting) {
    const said = made("p", "words", shown);
    said.dir = "auto";
    if (!list.querySelector(`[data-sent="${key}"]`)) list.append(line("mine waits sending", said));
  }
  const dots = made("p", "dots");
  dots.append(made("span", ""), made("span", ""), made("span", ""));
  list.append(line("theirs waits typing", dots));
}

// Sends a question: the words and files of the composer, or the words of an example.
async function askNow(form, files, example = "") {
  const area = form.elements.text;
  const picker = form.querySelector("[type=file]");
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  if (example) fields.text = example;
  else area.value = "";
  if (files.length) picker.value = "";
  showNames();
  keepDraft();
  const name = `ask ${chosen()} ${JSON.stringify([fields, files.map((file) => [file.name, file.size, file.lastModified])])}`;
  const shown = [fields.text, ...files.map((file) => file.name)].filter(Boolean).join("\n");
  waiting.push({ name, shown, fields, files, key: keyFor(name, printOf("ask", fields, files)) });
  showWaiting();
  const scroll = $("ask-scroll");
  scroll.scrollTop = leftAt = scroll.scrollHeight;
  if (waiting.length === 1) await sendWaiting(form);
}

async function sendWaiting(form) {
  while (waiting.length) {
    const { name, fields, files } = waiting[0];
    const sent = await send("/web/ask", "ask", name, fields, form.querySelector("[type=submit]"), files);
    if (sent) waiting.shift();
    else giveBack(form, waiting.splice(0));
    showWaiting();
  }
}

// What was not sent is in the composer again, above what was written meanwhile.
function giveBack(form, unsent) {
  const area = form.elements.text;
  area.value = [...unsent.map((one) => one.fields.text), area.value].filter((words) => words.trim()).join("\n");
  const files = new DataTransfer();
  for (const file of unsent.flatMap((one) => one.files)) files.items.add(file);
  if (files.files.length) form.querySelector("[type=file]").files = files.files;
  showNames();
  keepDraft();
  refresh();
}

// --- drafts -----------------------------------------------------------------------------------------------

// Until this tab is closed, and in this tab alone: what somebody begins to write is nobody else's.
const draftOf = () => `draft ${chosen()}`;

function keepDraft() {
  const { value } = $("ask-text");
  if (value) sessionStorage.setItem(draftOf(), value);
  else sessionStorage.removeItem(draftOf());
}

function forgetDrafts() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith("draft ")) sessionStorage.removeItem(name);
}

// --- stops of the keyboard --------------------------------------------------------------------------------

// Of a conversation only what is in sight is a stop: who goes on by Tab is not led through all that was ever
// said. Scrolled to, also with the arrows, the rest is one again.
const CONVERSATIONS = "#ask-scroll, .talk";

function setStops(scroll) {
  const seen = scroll.getBoundingClientRect();
  for (const item of scroll.querySelectorAll(".message, .entry")) {
    const { top, bottom } = item.getBoundingClientRect();
    const away = bottom <= seen.top || top >= seen.bottom;
    for (const one of item.querySelectorAll("a, button, summary")) {
      if (one.matches(".change > summary") || one === document.activeElement) continue;
      if (away) one.tabIndex = -1;
      else one.removeAttribute("tabindex");
    }
  }
}

function setAllStops() {
  document.querySelectorAll(CONVERSATIONS).forEach(setStops);
}

document.addEventListener("swapped", () => requestAnimationFrame(setAllStops)); // once it is scrolled, too
document.addEventListener("scroll", ({ target }) => target.matches?.(CONVERSATIONS) && requestAnimationFrame(() => setStops(target)), true);
window.addEventListener("resize", setAllStops);
document.querySelector("a.skip[href='#room-scroll']")?.addEventListener("click", (event) => {
  const row = document.querySelector(".row > a[tabindex='0']");
  if (!row) return;
  event.preventDefault();
  row.focus();
});

if ($("ask-text")) {
  if (!$("ask-text").value) $("ask-text").value = sessionStorage.getItem(draftOf()) || "";
  $("ask-text").addEventListener("input", keepDraft);
  document.addEventListener("click", (event) => event.target.closest("#sign-out") && forgetDrafts());
  // A list is read when it is opened.
  document.addEventListener("toggle", ({ target }) => target.open && target.matches("[data-fetch]") && refresh(), true);
}
