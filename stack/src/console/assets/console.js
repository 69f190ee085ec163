"use strict";
// Replaces parts of the page with those that the server renders, and sends the forms.

const sources = new Map();

/** Puts new content into `element`. A link or button that had the focus keeps it. */
function replace(element, html) {
  if (element.innerHTML === html) return;
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = [...element.querySelectorAll(".scroll")].map((it) => it.scrollLeft);
  element.innerHTML = html;
  element.querySelectorAll(".scroll").forEach((it, at) => { it.scrollLeft = scrolled[at] || 0; });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  follow(element);
}

/** Listens to the server for every element below `root` that names a source. */
function follow(root) {
  for (const element of root.querySelectorAll("[data-live]")) {
    if (!sources.has(element)) listen(element);
  }
}

function listen(element) {
  const source = new EventSource(element.dataset.live);
  sources.set(element, source);
  for (const part of element.querySelectorAll("[data-part]")) {
    source.addEventListener(part.dataset.part, (event) => replace(part, event.data));
  }
  source.addEventListener("end", () => source.close());
  source.addEventListener("open", () => lost(false));
  source.addEventListener("error", () => lost(true));
}

function lost(isLost) {
  document.getElementById("lost").hidden = !isLost;
}

/** Sends a form, and shows the answer in the element that the form names. */
async function send(form) {
  const output = document.getElementById(form.dataset.post);
  const button = form.querySelector("button");
  button.setAttribute("aria-disabled", "true");
  output.innerHTML = "<p class=\"quiet\">working …</p>";
  let html;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "x-riverhouse-console": "1" },
      body: new URLSearchParams(new FormData(form)),
    });
    html = await answer.text();
    if (!answer.ok) html = "<p class=\"failure\">The console refused the request. Load the page again.</p>";
  } catch {
    lost(true);
    html = "<p class=\"failure\">The console cannot be reached.</p>";
  }
  for (const element of output.querySelectorAll("[data-live]")) sources.get(element)?.close();
  replace(output, html);
  button.removeAttribute("aria-disabled");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.post) return;
  event.preventDefault();
  if (form.querySelector("button").getAttribute("aria-disabled") !== "true") send(form);
});

document.addEventListener("keydown", (event) => {
  const isRun = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (isRun && event.target.tagName === "TEXTAREA") event.target.form.requestSubmit();
});

// A hidden page reads nothing.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    for (const [element, source] of sources) {
      if (source.readyState === EventSource.CLOSED) continue;
      source.close();
      sources.delete(element);
    }
  } else {
    follow(document);
  }
});

follow(document);
