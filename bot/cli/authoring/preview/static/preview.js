// Shows the file anew at each save, and keeps the reader where they were.
const shown = document.querySelector("#shown");
const lost = document.querySelector("#lost");
let asking = false;
let again = false;

async function refresh() {
  if (asking) {
    again = true; // what was saved meanwhile is asked for when this is here
    return;
  }
  asking = true;
  try {
    const address = new URL(location.href);
    address.pathname = "/shown";
    const answer = await fetch(address);
    if (answer.ok) {
      const opened = [...shown.querySelectorAll("details")].map((one) => one.open);
      shown.innerHTML = await answer.text();
      shown.querySelectorAll("details").forEach((one, at) => { one.open = opened[at] ?? false; });
    }
  } catch {
    // The stream says that the preview has ended.
  }
  asking = false;
  if (again) {
    again = false;
    refresh();
  }
}

const saves = new EventSource("/events");
saves.addEventListener("saved", refresh);
saves.addEventListener("open", () => { lost.textContent = ""; });
saves.addEventListener("error", () => { lost.textContent = lost.dataset.text; });

shown.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toggle]");
  if (!button) return;
  const card = button.closest(".t-card");
  for (const name of button.dataset.toggle.split(" ")) {
    const folded = [...card.querySelectorAll("[data-name]")].find((one) => one.dataset.name === name);
    if (folded) folded.hidden = !folded.hidden;
  }
});
