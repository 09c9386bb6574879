/* Runs before the page is drawn, so that it does not flash in the wrong colours. */
(() => {
  const chosen = localStorage.getItem("theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  if (localStorage.getItem("zone") === "utc") document.documentElement.dataset.zone = "utc";
})();
