// Resolving: the next ticket comes at once, and what is taken back or refused comes back with what was written.
"use strict";

const resolving = {
  async submit(form) {
    const { action, token, argument } = form.dataset;
    const reference = form.closest(".card")?.dataset.reference || shown.ticket;
    const inputs = inputsOf(form);
    form.closest("details.inline")?.removeAttribute("open");
    if ($("form").open) $("form").close();
    this.lead(reference);
    if (!(await undo.hold($("undo").dataset.resolve.replace("{ticket}", reference)))) return this.back(reference, inputs);
    const answer = await send("/web/press", "room", `press ${action} ${token}`, { action, token, argument, inputs }, null);
    if (!answer || refused(answer)) await this.back(reference, inputs, answer?.notice);
  },
  // To the live ticket that follows in the list, else to the one before; where there is none, it stays.
  lead(reference) {
    if (shown.ticket !== reference) return;
    const [rows, at] = walk.rows();
    const live = (row) => row.dataset.ticket !== reference && row.parentElement.matches(".open, .claimed");
    const next = rows.slice(Math.floor(at) + 1).find(live) || rows.slice(0, Math.ceil(Math.max(at, 0))).findLast(live);
    next?.scrollIntoView({ block: "nearest" });
    if (next) inbox.open(next.dataset.ticket);
    $("reading").focus({ preventScroll: true });
  },
  async back(reference, inputs, notice = "") {
    if (shown.ticket !== reference) await inbox.open(reference);
    const card = document.querySelector("#ticket .card");
    const form = card?.dataset.reference === reference && card.querySelector("form[data-action=resolve]");
    if (!form) return; // why it is not there any more has been told below the list
    for (const field of form.querySelectorAll("[data-input]")) field.value = inputs[field.dataset.input] ?? field.value;
    form.closest("details").open = true;
    form.querySelector("[data-input]")?.focus();
    if (!notice) return;
    tell("room", "");
    form.querySelector(":scope > .told").replaceChildren(...nodesOf(notice));
  },
};
