// Keys and words for whoever moderates. A key presses a button that stands on the page, and can be switched off.
"use strict";

const SETTING = "moderation-keys";
const TYPING = "input, select, textarea, [contenteditable]";
const KEEP_EVERY = 60_000;

const stored = {
  get on() {
    try { return localStorage.getItem(SETTING) !== "off"; } catch { return true; }
  },
  set on(value) {
    try { localStorage.setItem(SETTING, value ? "on" : "off"); } catch { /* for this page alone, then */ }
  },
};
let keysAreOn = stored.on;
let pressed = false;

const showKeys = () => {
  document.querySelectorAll("[data-key]").forEach((target) => {
    const key = target.dataset.key;
    let cap = target.querySelector("kbd");
    if (!cap) {
      cap = document.createElement("kbd");
      cap.className = "key";
      cap.textContent = key.toUpperCase();
      cap.setAttribute("aria-hidden", "true");
      target.append(" ", cap);
    }
    cap.hidden = !keysAreOn;
    if (keysAreOn) target.setAttribute("aria-keyshortcuts", key);
    else target.removeAttribute("aria-keyshortcuts");
  });
  document.querySelectorAll("[data-keys]").forEach((button) => {
    button.hidden = false;
    button.textContent = keysAreOn ? "Switch the keys off" : "Switch the keys on";
  });
};

const switchKeys = () => {
  keysAreOn = !keysAreOn;
  stored.on = keysAreOn;
  showKeys();
};

const press = (target) => {
  const details = target.parentElement;
  if (target.tagName !== "SUMMARY") {
    pressed = true;
    target.click();
    return;
  }
  details.open = true;
  details.querySelector("form :is(select, textarea, input:not([type=hidden]))").focus();
};

const onKey = (event) => {
  if (event.target.closest("form") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.form?.querySelector("button[name=next]")?.click();
    return;
  }
  if (event.key === "Escape") {
    const details = event.target.closest(".desk__details");
    if (details) {
      details.open = false;
      details.querySelector("summary").focus();
    }
    return;
  }
  if (!keysAreOn || pressed || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
  const target = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key.toLowerCase());
  if (!target) return;
  event.preventDefault();
  press(target);
};

// Words that somebody wrote are never written over.
const fillWords = (select) => {
  const comment = select.form.querySelector("textarea[name=comment]");
  let filled = comment.value;
  select.addEventListener("change", () => {
    if (comment.value !== filled) return;
    comment.value = filled = select.selectedOptions[0].dataset.words ?? "";
  });
};

// Whoever is at work on the page keeps the posting; whoever has gone does not.
const keep = (form) => {
  let last = Date.now();
  const tell = () => {
    if (Date.now() - last < KEEP_EVERY) return;
    last = Date.now();
    fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => {});
  };
  ["keydown", "pointermove", "scroll"].forEach((name) => document.addEventListener(name, tell, { passive: true }));
};

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-without-script]").forEach((button) => button.remove());
  document.querySelectorAll("select[name=reason]").forEach(fillWords);
  document.querySelectorAll("form[data-keep]").forEach(keep);
  document.querySelectorAll("[data-keys]").forEach((button) => button.addEventListener("click", switchKeys));
  document.addEventListener("keydown", onKey);
  showKeys();
});
window.addEventListener("pageshow", () => { pressed = false; });
