/* Sends chosen or dropped files one after the other, each with a line that tells how far it is. */

function line(list, name) {
  const item = list.appendChild(document.createElement("li"));
  item.className = "sending";
  item.appendChild(document.createElement("bdi")).textContent = name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `Sending ${name}`);
  const said = document.createElement("span");
  said.textContent = "waiting";
  // The list is read out as it changes, which is too often here; the bar can be asked.
  said.ariaHidden = "true";
  item.append(" ", bar, " ", said);
  return { item, bar, said };
}

function refuse(shown, reason) {
  shown.item.className = "refused";
  shown.bar.remove();
  shown.said.ariaHidden = null;
  shown.said.textContent = reason;
}

/* The form as a browser would send it with this file only; its last field says that it is whole. */
function filled(form, file) {
  const data = new FormData();
  for (const [name, value] of new FormData(form)) if (name !== "uploads" && name !== "whole") data.append(name, value);
  data.append("uploads", file);
  data.append("whole", "True");
  return data;
}

function problem(request) {
  try {
    return JSON.parse(request.responseText).detail;
  } catch {
    // The answer of a proxy.
    return `The server answered ${request.status}. Try again later.`;
  }
}

function show(shown, request) {
  const away = request.getResponseHeader("HX-Redirect");
  if (away) location.assign(away);
  else if (request.responseText.trimStart().startsWith("<li")) {
    shown.item.insertAdjacentHTML("afterend", request.responseText);
    shown.item.remove();
  } else refuse(shown, problem(request));
}

function send(form, file, shown) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      shown.bar.value = event.loaded / event.total;
      shown.said.textContent = event.loaded < event.total ? `sending, ${Math.floor((100 * event.loaded) / event.total)} %` : "storing";
    });
    request.addEventListener("load", () => show(shown, request));
    request.addEventListener("error", () => refuse(shown, "The connection broke off. Send the file again."));
    request.addEventListener("loadend", done);
    request.send(filled(form, file));
  });
}

async function sendAll(form, files) {
  const list = form.parentElement.querySelector(".receipts");
  const limit = Number(form.dataset.limit);
  const lines = Array.from(files, (file) => [file, line(list, file.name)]);
  for (const [file, shown] of lines) {
    if (file.size > limit) refuse(shown, `is larger than the ${limit.toLocaleString("en")} bytes allowed.`);
    else await send(form, file, shown);
    if (list.querySelector(".taken")) form.closest(".begin")?.classList.add("begun");
    document.body.dispatchEvent(new Event("sent"));
  }
}

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

for (const form of document.querySelectorAll("form.upload")) {
  form.querySelector(".drop-hint").hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = form.querySelector('input[type="file"]');
    const files = [...input.files];
    input.value = "";
    sendAll(form, files);
  });
  form.addEventListener("dragover", () => form.classList.add("over"));
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    form.classList.remove("over");
    if (carriesFiles(event)) sendAll(form, event.dataTransfer.files);
  });
}

/* A file dropped beside the form must not replace the page. */
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => carriesFiles(event) && event.preventDefault());
