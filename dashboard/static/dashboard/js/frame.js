/* The switches in the frame: dark or light, and times in the store's zone or in UTC. */

const root = document.documentElement;

function isDark() {
  return (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

function showTimes(within) {
  const utc = root.dataset.zone === "utc";
  for (const time of within.querySelectorAll("time[data-utc]")) {
    const text = utc ? time.dataset.utc : time.dataset.local;
    if (time.textContent !== text) time.textContent = text;
  }
  for (const button of document.querySelectorAll('[data-switch="zone"]')) button.setAttribute("aria-pressed", String(utc));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-switch]");
  if (!button) return;
  if (button.dataset.switch === "theme") {
    root.dataset.theme = isDark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    document.dispatchEvent(new Event("themechange"));
  } else {
    if (root.dataset.zone === "utc") delete root.dataset.zone; else root.dataset.zone = "utc";
    localStorage.setItem("zone", root.dataset.zone ?? "store");
    showTimes(document);
  }
});

document.addEventListener("htmx:after:swap", () => showTimes(document));
showTimes(document);
