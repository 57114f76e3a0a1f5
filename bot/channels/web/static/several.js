// Several tickets at once: they are selected in the list, and done one after the other, each with its own refusal.
"use strict";

const several = {
  on: false,
  picked: new Map(), // by its number: the token of its buttons
  last: "", // from where Shift selects up to the next one

  begin() {
    this.on = true;
    this.show();
  },
  end() {
    this.on = false;
    this.picked.clear();
    this.told();
    this.show();
  },
  boxes: () => [...document.querySelectorAll("#room [data-pick]")],
  set(box, yes) {
    if (yes) this.picked.set(box.dataset.pick, box.dataset.token);
    else this.picked.delete(box.dataset.pick);
  },
  // The row that has the focus, else the open ticket.
  toggle() {
    const reference = document.activeElement?.closest(".row > a")?.dataset.ticket || shown.ticket;
    const box = this.boxes().find((one) => one.dataset.pick === reference);
    if (!box) return;
    this.set(box, !this.picked.has(reference));
    this.last = reference;
    this.begin();
  },
  upTo(box) {
    const boxes = this.boxes();
    const from = boxes.findIndex((one) => one.dataset.pick === this.last);
    const [first, end] = [from, boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of first < 0 ? [box] : boxes.slice(first, end + 1)) this.set(one, box.checked);
  },
  // What has left the list is no longer selected: nobody would see what they do.
  show() {
    const boxes = this.boxes();
    const there = new Set(boxes.map((box) => box.dataset.pick));
    for (const reference of this.picked.keys()) if (!there.has(reference)) this.picked.delete(reference);
    for (const box of boxes) box.checked = this.picked.has(box.dataset.pick);
    $("pane-room").toggleAttribute("data-picking", this.on);
    $("several").hidden = !this.on;
    const { size } = this.picked;
    put($("several-count"), $("several-count").dataset[size === 1 ? "one" : "many"].replace("{count}", size));
    for (const button of $("several").querySelectorAll("[data-several]"))
      button.disabled = busy.has("several") || size < (button.dataset.several === "merge" ? 2 : 1);
  },
  subject: (reference) => document.querySelector(`.row > a[data-ticket="${CSS.escape(reference)}"] .subject`)?.textContent || "",

  ask(action) {
    if (action === "claim") return this.run("claim", () => ({}));
    if (action === "group") return this.askOutage();
    const dialog = $(`several-${action}`);
    dialog.querySelector("form").reset();
    if (action === "merge")
      dialog.querySelector("select").replaceChildren(
        ...[...this.picked.keys()].map((value) =>
          Object.assign(document.createElement("option"), { value, textContent: `${value}: ${this.subject(value)}` }),
        ),
      );
    dialog.showModal();
  },
  // The outage's own form, as for one ticket: what is written there is for all that are selected.
  async askOutage() {
    const failed = [];
    for (const [reference, token] of this.picked) {
      const answer = await this.press("group", token, null);
      if (answer.form) {
        ask("room", answer.form);
        $("form").dataset.several = "group";
        return;
      }
      failed.push([reference, answer]);
      if (answer.error) break;
    }
    this.told(failed);
  },
  press(action, token, inputs) {
    const payload = { action, token, argument: "", inputs };
    const name = `several ${action} ${token}`;
    const key = keyFor(name, printOf("room", payload, []));
    return post("/web/press", { ...Object.fromEntries(chosen()), pane: "room", ...payload, key }).then((answer) => {
      if (!answer.error) keys.delete(name);
      return answer;
    });
  },
  // One after the other; what was done is no longer selected, what was not stands there with the reason.
  async run(action, inputsFor, wanted = [...this.picked]) {
    if (busy.has("several")) return;
    busy.add("several");
    this.told();
    const failed = [];
    let [done, count] = ["", 0];
    for (const [at, [reference, token]] of wanted.entries()) {
      put($("several-count"), $("several-count").dataset.running.replace("{at}", at + 1).replace("{count}", wanted.length));
      const inputs = inputsFor(reference, done);
      if (!inputs) continue;
      const sent = this.press(action, token, action === "claim" ? null : inputs);
      if (leaving) continue; // nobody is there to read what becomes of it
      const answer = await sent;
      if (answer.error || answer.form || answer.kind === "refused") failed.push([reference, answer]);
      else {
        done = reference;
        count += 1;
        this.picked.delete(reference);
      }
      if (answer.error) break; // the next one would be told the same; all that are left stay selected
    }
    busy.delete("several");
    if (!failed.length) this.picked.clear(); // the one that others were merged into, too
    await refresh();
    this.told(failed, count);
    this.show();
  },
  told(failed = [], done = 0) {
    const place = $("several-told");
    place.replaceChildren();
    place.classList.toggle("wrong", failed.length > 0);
    const add = (tag, ...nodes) => {
      const line = document.createElement(tag);
      line.append(...nodes);
      place.append(line);
    };
    if (done) add("p", place.dataset.done.replace("{count}", done));
    for (const [reference, answer] of failed) {
      const why = answer.error ? [answer.error] : answer.notice ? [...nodesOf(answer.notice)] : [place.dataset.form];
      if (answer.notice?.includes(`data-ticket="${reference}"`)) {
        add("div", ...why); // it names the ticket itself
        continue;
      }
      const link = Object.assign(document.createElement("a"), { href: `/?ticket=${reference}`, textContent: reference, className: "nowrap" });
      link.dataset.ticket = reference;
      add("div", link, ": ", ...why);
    }
  },
};

document.addEventListener("click", (event) => {
  const { target } = event;
  const box = target.closest("[data-pick]");
  if (box) {
    if (event.shiftKey) several.upTo(box);
    else several.set(box, box.checked);
    several.last = box.dataset.pick;
    return several.begin();
  }
  const button = target.closest("button");
  if (!button) return;
  if (button.dataset.several) several.ask(button.dataset.several);
  else if (button.id === "pick") several.begin();
  else if (button.id === "several-end") several.end();
  else if (button.id === "several-all") {
    for (const one of several.boxes()) several.set(one, true);
    several.show();
  }
});

// Where one thing is shown at a time, a row that is pressed while some are selected is selected, too; so is one by
// the space bar.
function pickRow(event, row) {
  event.preventDefault();
  event.stopPropagation();
  row.focus();
  several.toggle();
}
document.addEventListener(
  "click",
  (event) => {
    const row = several.on && !inbox.beside() && event.target.closest?.(".row > a");
    if (row) pickRow(event, row);
  },
  true,
);
document.addEventListener("keydown", (event) => {
  if (event.key === " " && several.on && event.target.matches?.(".row > a")) pickRow(event, event.target);
});

document.addEventListener(
  "submit",
  async (event) => {
    const dialog = event.target.closest("dialog");
    const action = dialog?.dataset.several;
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const inputs = inputsOf(event.target);
    const wanted = [...several.picked];
    dialog.close();
    const held = action !== "resolve" || (await undo.hold($("undo").dataset.several.replace("{count}", wanted.length)));
    if (!held) return dialog.showModal();
    const inputsFor = (reference, done) => {
      if (action === "merge") return reference === inputs.ticket ? null : inputs;
      return action === "group" && done ? { outage: done } : inputs;
    };
    several.run(action, inputsFor, wanted);
  },
  true,
);
$("form").addEventListener("close", () => delete $("form").dataset.several);
