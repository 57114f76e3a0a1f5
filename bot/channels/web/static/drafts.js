// Follows what is computed beside the requests, and shows a draft anew while it is written.
"use strict";

const AFTER = 400; // milliseconds without a key before a draft is shown anew
const AGAIN = 1500; // milliseconds between two looks at what is computed
const main = document.getElementById("main");
const editor = document.getElementById("editor");

async function send(path, body, keepalive = false) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive });
  const said = await answer.json().catch(() => ({}));
  return { ok: answer.ok, said };
}

// Shows how far something is until it is over; gives what was said last.
async function follow(path, place) {
  const bar = place.querySelector("progress");
  const count = place.querySelector("[data-count]");
  place.hidden = false;
  for (;;) {
    const answer = await fetch(path);
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.error ?? main.dataset.failed);
    if (!said.running) {
      place.hidden = true;
      return said;
    }
    if (said.of) {
      bar.max = said.of;
      bar.value = said.done;
      count.textContent = `${said.done} / ${said.of}`;
    } else bar.removeAttribute("value");
    await new Promise((done) => setTimeout(done, AGAIN));
  }
}

const look = document.getElementById("look");
const running = document.querySelector(".running");
const lookedFor = async () => {
  try {
    await follow(look.dataset.progress, running);
    location.reload();
  } catch (error) {
    running.textContent = error.message || main.dataset.failed;
  }
};
if (running?.dataset.running) lookedFor();
look?.addEventListener("submit", async (event) => {
  event.preventDefault();
  look.querySelector("button").disabled = true;
  const { ok, said } = await send(look.dataset.look, Object.fromEntries(new FormData(look)));
  if (ok) return lookedFor();
  look.querySelector("button").disabled = false;
  running.hidden = false;
  running.textContent = said.error ?? main.dataset.failed;
});

// Examples are approved as they are shown, but for those whose tick was taken away, or taken back; then all are shown anew.
const examples = document.getElementById("examples");
const ticked = (button) => {
  if (button.dataset.numbers) return JSON.parse(button.dataset.numbers);
  const boxes = button.closest(".gap, .example-list").querySelectorAll("input:checked");
  return [...boxes].map((box) => Number(box.value));
};
examples?.addEventListener("change", () => {
  for (const button of examples.querySelectorAll("[data-decide]")) button.disabled = !ticked(button).length;
});
examples?.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-decide]");
  if (!button) return;
  const refused = document.getElementById("refused");
  button.disabled = true;
  const { ok, said } = await send(button.dataset.decide, { numbers: ticked(button) }).catch(() => ({ ok: false, said: {} }));
  button.disabled = ok;
  refused.hidden = ok;
  if (!ok) {
    refused.textContent = said.refused ?? said.error ?? main.dataset.failed;
    return;
  }
  examples.innerHTML = said.html;
  examples.querySelector(".approval").focus();
});

if (editor) {
  const { article, intent } = editor.elements;
  const approve = document.getElementById("approve");
  const refused = document.getElementById("refused");
  const replayed = document.getElementById("replayed");
  const told = document.getElementById("told");
  const shown = document.getElementById("shown");
  const { source, ticket, base } = editor.dataset;
  const texts = () => ({ article: article.value, intent: intent?.value ?? "" });
  let timer = 0;
  let asked = 0;
  let names = [];
  let without = "";

  const refuse = (sentence) => {
    refused.textContent = sentence;
    refused.hidden = !sentence;
  };
  const show = async () => {
    const mine = ++asked;
    timer = 0;
    const { ok, said } = await send("/drafts/shown", { ...texts(), source, base }).catch(() => ({ ok: false, said: {} }));
    if (mine !== asked) return; // another one was asked for meanwhile
    if (!ok) return refuse(said.error ?? main.dataset.failed);
    refuse("");
    shown.innerHTML = said.html;
    names = said.names;
    if (approve) approve.disabled = said.refused;
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(show, AFTER);
  };
  editor.addEventListener("input", soon);
  // The server keeps what was typed; what was typed last goes on its way when the window is closed.
  addEventListener("pagehide", () => {
    if (timer) send("/drafts/shown", { ...texts(), source, base }, true).catch(() => {});
  });
  document.getElementById("forget")?.addEventListener("click", async () => {
    clearTimeout(timer);
    timer = 0;
    const { ok, said } = await send("/drafts/forget", { source }).catch(() => ({ ok: false, said: {} }));
    if (ok) location.reload();
    else refuse(said.error ?? main.dataset.failed);
  });
  editor.addEventListener("submit", (event) => event.preventDefault());

  approve?.addEventListener("click", async () => {
    approve.disabled = true;
    const { ok, said } = await send("/drafts/approve", { ...texts(), source, ticket }).catch(() => ({ ok: false, said: {} }));
    if (!ok) {
      approve.disabled = false;
      return refuse(said.refused ?? said.error ?? main.dataset.failed);
    }
    refuse("");
    const place = document.getElementById("approved");
    place.innerHTML = said.html;
    place.querySelector(".approval").focus();
  });

  const replay = document.getElementById("replay");
  replay.addEventListener("click", async () => {
    replay.disabled = true;
    told.textContent = "";
    replayed.hidden = false;
    try {
      const { ok, said } = await send("/drafts/replay", texts());
      if (!ok) throw new Error(said.refused ?? said.error);
      const answer = await follow(`/drafts/replayed?name=${encodeURIComponent(said.name)}`, replayed.querySelector(".running"));
      told.innerHTML = answer.html;
      without = answer.intent;
      refuse("");
    } catch (error) {
      replayed.hidden = true;
      refuse(error.message || main.dataset.failed);
    }
    replay.disabled = false;
  });
  told.addEventListener("click", (event) => {
    if (!event.target.closest("[data-without]") || !intent) return;
    intent.value = without;
    show();
    replay.click();
  });

  document.getElementById("download").addEventListener("click", async () => {
    if (!names.length) await show();
    [article, intent].filter(Boolean).forEach((text, at) => {
      if (!text.value.trim()) return;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text.value], { type: "text/plain" }));
      link.download = names[at] ?? (at ? "intent.yaml" : "article.md");
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  });

  shown.addEventListener("click", (event) => {
    const button = event.target.closest("[data-toggle]");
    if (!button) return;
    const card = button.closest(".t-card");
    for (const name of button.dataset.toggle.split(" ")) {
      const folded = [...card.querySelectorAll("[data-name]")].find((one) => one.dataset.name === name);
      if (folded) folded.hidden = !folded.hidden;
    }
  });
}
