// Keeps the page up to date. Everything it inserts was rendered, and escaped, by the server.
"use strict";

const desk = document.getElementById("desk");
const live = document.getElementById("live");
const selected = desk.dataset.selected || "";
const messages = () => document.getElementById("messages");
const find = (name, id) => document.querySelector(`[data-${name}="${CSS.escape(id)}"]`);

// Ticks may be told before their message is.
const waiting = new Map();
const WAITING = 200;

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function atEnd(list) {
  return list.scrollHeight - list.scrollTop - list.clientHeight < 80;
}

function toEnd(list) {
  if (list) list.scrollTop = list.scrollHeight;
}

function showLive(on) {
  live.hidden = false;
  live.classList.toggle("on", on);
  live.textContent = on ? "live" : "reconnecting";
}

function onMessage({ id, html }) {
  const list = messages();
  if (!list) return;
  const fresh = element(html);
  const tick = waiting.get(id);
  if (tick) {
    fresh.querySelector(".progress")?.replaceWith(element(tick));
    waiting.delete(id);
  }
  const old = find("message", id);
  if (old) {
    old.replaceWith(fresh);
    return;
  }
  const follow = atEnd(list);
  fresh.classList.add("fresh");
  list.append(fresh);
  if (follow) toEnd(list);
}

function onDelivery({ id, html }) {
  const old = find("progress", id);
  if (old) {
    old.replaceWith(element(html));
    return;
  }
  waiting.delete(id);
  waiting.set(id, html);
  if (waiting.size > WAITING) waiting.delete(waiting.keys().next().value);
}

function onConversation({ id, html }) {
  const list = document.getElementById("conversations");
  const fresh = element(html);
  const focused = find("conversation", id)?.contains(document.activeElement);
  find("conversation", id)?.remove();
  list.prepend(fresh);
  if (id === selected) fresh.querySelector("a").setAttribute("aria-current", "page");
  if (focused) fresh.querySelector("a").focus();
  desk.querySelector(".list .empty")?.remove();
}

// Fetches the page anew: what happened before the stream began, or while it was away, is on it.
async function refresh() {
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const list = messages();
  const follow = !list || atEnd(list);
  for (const id of ["conversations", "messages", "notices", "day"]) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (old && fresh && old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
  }
  if (follow) toEnd(messages());
}

let refreshing;

function watch() {
  const events = new EventSource(`/events?conversation=${encodeURIComponent(selected)}`);
  const on = (name, act) => events.addEventListener(name, (event) => act(JSON.parse(event.data)));
  on("message", onMessage);
  on("delivery", onDelivery);
  on("conversation", onConversation);
  on("ready", () => {
    showLive(true);
    clearTimeout(refreshing);
    refreshing = setTimeout(() => refresh().catch(() => showLive(false)), 150);
  });
  on("away", () => showLive(false));
  events.onerror = () => {
    showLive(false);
    // The browser connects again by itself, except after a refusal.
    if (events.readyState === EventSource.CLOSED) setTimeout(watch, 5000);
  };
  addEventListener("pagehide", () => events.close(), { once: true });
}

toEnd(messages());
watch();
