// Everything works without this file; it adds comfort where the browser can have it.
"use strict";

const announce = (text) => {
  const region = document.getElementById("live");
  if (region) region.textContent = text;
};

// As Python will count it: line ends are sent as two characters, and an emoji is one.
const serverLength = (text) => [...text.replace(/\n/g, "\r\n")].length;

const counter = (area) => {
  const note = document.createElement("p");
  note.className = "field__counter";
  note.id = `${area.id}_counter`;
  const limit = area.maxLength;
  // The browser's own limit would cut what is pasted without a word; the server says how much is too much.
  area.removeAttribute("maxlength");
  area.setAttribute("aria-describedby", `${area.getAttribute("aria-describedby") ?? ""} ${note.id}`.trim());
  const tell = () => {
    const left = limit - serverLength(area.value);
    const amount = Math.abs(left).toLocaleString("en-US");
    note.textContent = left < 0 ? `${amount} characters too many` : `${amount} characters left`;
    note.classList.toggle("field__counter--over", left < 0);
  };
  area.insertAdjacentElement("afterend", note);
  area.addEventListener("input", tell);
  area.addEventListener("change", () => announce(note.textContent));
  tell();
};

const enhance = (root) => {
  root.querySelectorAll("textarea[maxlength]").forEach(counter);
  root.querySelector("#error-summary")?.focus();
};

const openFiltersWhereTheyFit = () => {
  if (CSS.supports("selector(::details-content)")) return;
  if (!matchMedia("(min-width: 58rem)").matches) return;
  document.querySelectorAll(".filters__panel").forEach((panel) => { panel.open = true; });
};

const closeMenus = (except) => {
  document.querySelectorAll(".account-menu[open]").forEach((menu) => {
    if (!menu.contains(except)) menu.open = false;
  });
};

document.addEventListener("DOMContentLoaded", () => {
  enhance(document);
  openFiltersWhereTheyFit();
});
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(".account-menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("htmx:afterSettle", (event) => {
  const swapped = event.detail.elt;
  enhance(swapped);
  const news = swapped.matches("[data-announce]") ? swapped : swapped.querySelector("[data-announce]");
  if (news) announce(news.dataset.announce || news.textContent.trim());
});
// A form that saves itself numbers all it sends, by the clock so that a page which is opened again goes on from there: the
// server refuses what was overtaken on its way. Once a button is pressed it saves nothing more until somebody types.
let pressed = null;
const nextTurn = (form) => {
  const turn = form.elements?.namedItem("draft_turn");
  if (turn) turn.value = Math.max(Date.now(), Number(turn.value) + 1);
  return turn;
};
document.addEventListener("submit", (event) => {
  if (nextTurn(event.target)) pressed = event.target;
});
document.addEventListener("input", () => { pressed = null; });
addEventListener("pageshow", () => { pressed = null; });
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target === pressed) {
    event.preventDefault();
    return;
  }
  const turn = nextTurn(event.target);
  if (turn) event.detail.parameters[turn.name] = turn.value;
});
// An answer that is none (a page to sign in, a failure) must not look like "saved".
const tellUnsaved = (event) => {
  const { target, xhr, pathInfo } = event.detail;
  if (!target?.dataset.unsaved) return;
  const elsewhere = xhr.responseURL && new URL(xhr.responseURL).pathname !== pathInfo.requestPath;
  if (event.type === "htmx:beforeSwap" && event.detail.shouldSwap && !elsewhere) return;
  event.detail.shouldSwap = false;
  target.textContent = target.dataset.unsaved;
};
["htmx:beforeSwap", "htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, tellUnsaved));
document.addEventListener("htmx:sendError", () => announce("The page could not be reached. Check your connection and try again."));
