// The list of chats. It is made of parts, each a ul; parts that are far from what is
// read are emptied and fetched again, so that the page does not grow.
import { $, $$, ask, complain, element, keepPlace } from "./kit.js";
import * as live from "./live.js";

const near = 1500; // pixels beyond what is visible that are filled
const far = 6000; // beyond which a part is emptied
const most = 80; // rows of the first part, to which chats come live; the server gives 40

const box = () => $("#scroll-list");
const list = () => $("#list");
const parts = () => $$("#list > ul");
const rows = () => $$("#list .row");
const form = () => $("#filter");

function query(after) {
  const fields = new URLSearchParams(new FormData(form()));
  for (const [name, value] of [...fields]) if (!value) fields.delete(name);
  const shown = fields.toString();
  if (after) fields.set("after", after);
  const open = $("#head header")?.dataset.chat;
  if (open) fields.set("open", open);
  return { shown, path: "/list?" + fields };
}

async function fetchPart(after) {
  const answer = await ask(query(after).path);
  const part = element(await answer.text());
  part.dataset.after = after;
  return part;
}

// reload fetches the list anew, as the filter says. Of several at once the last one wins.
let turn = 0;
async function reload() {
  const mine = ++turn;
  const since = live.place();
  try {
    const part = await fetchPart("");
    if (mine !== turn) return;
    list().replaceChildren(part);
    box().scrollTop = 0;
    history.replaceState(null, "", location.pathname + (query("").shown ? "?" + query("").shown : ""));
    empty();
    live.replay(since);
  } catch (error) {
    complain(error);
  }
}

function empty() {
  list().classList.toggle("empty", rows().length === 0 && parts().length === 1);
}

// fill fetches the parts that are near, and empties those that are far.
let filling = false;
async function fill() {
  if (filling || !box().clientHeight) return; // or nobody sees it
  filling = true;
  const since = live.place();
  try {
    const view = box().getBoundingClientRect();
    for (const part of parts()) {
      const at = part.getBoundingClientRect();
      const distance = Math.max(view.top - at.bottom, at.top - view.bottom);
      if (distance > far && !part.dataset.emptied && part !== parts()[0]) {
        part.style.height = at.height + "px";
        part.dataset.emptied = "1";
        part.replaceChildren();
      } else if (distance < near && part.dataset.emptied) {
        const fresh = await fetchPart(part.dataset.after);
        for (const row of $$(".row", fresh)) if (document.getElementById(row.id)) row.remove();
        keepPlace(box(), rows, () => part.replaceWith(fresh));
        live.replay(since);
      }
    }
    const last = parts().at(-1);
    if (last?.dataset.more && !last.dataset.emptied && last.getBoundingClientRect().bottom - view.bottom < near) {
      const next = await fetchPart(last.dataset.more);
      if (!last.isConnected) return; // the filter has changed
      for (const row of $$(".row", next)) if (document.getElementById(row.id)) row.remove();
      list().append(next);
      live.replay(since);
    }
  } catch {
    // the next scroll tries again
  } finally {
    filling = false;
  }
}

// put puts chats in their places: one with a new message moves up.
export function put(chats) {
  for (const chat of chats) {
    const old = document.getElementById(chat.id);
    if (!matches(chat) && !(old && form().elements.q.value)) {
      if (old) keepPlace(box(), rows, () => old.remove());
      continue;
    }
    if (!old && form().elements.q.value) continue; // the server alone knows what a search finds
    const row = element(chat.html);
    const focused = old?.contains(document.activeElement);
    if (old && old.dataset.place === chat.place) old.replaceWith(row);
    else if (box().scrollTop === 0) move(old, row, chat.place);
    else keepPlace(box(), () => rows().filter((r) => r !== old), () => move(old, row, chat.place));
    if (focused && row.isConnected) $("a", row).focus({ preventScroll: true });
    mark($("#head header")?.dataset.chat);
  }
  empty();
  if (split()) fill();
}

// split makes parts of what is too much for the first, and reports whether it was.
function split() {
  const [first] = parts();
  const before = first.children.length;
  while (first.children.length > most) {
    const part = first.cloneNode(false); // it ends where the first did
    part.append(...[...first.children].slice(-most / 2));
    part.dataset.after = first.dataset.more = first.lastElementChild.dataset.place;
    first.after(part);
  }
  return first.children.length < before;
}

// move puts a row where its place is among the parts.
function move(old, row, place) {
  old?.remove();
  const part = parts().find((p) => !p.dataset.more || place >= p.dataset.more);
  if (!part || part.dataset.emptied) return;
  const next = [...part.children].find((r) => r.dataset.place < place);
  part.insertBefore(row, next ?? null);
}

function matches(chat) {
  const wanted = form().elements;
  return (
    (!wanted.unanswered.checked || chat.unanswered) &&
    (!wanted.blocked.checked || chat.blocked) &&
    (!wanted.connection?.value || chat.connection === wanted.connection.value)
  );
}

// mark shows which chat is open.
export function mark(id) {
  for (const link of $$("#list a[aria-current]")) link.removeAttribute("aria-current");
  if (id) $("a", document.getElementById(id) ?? undefined)?.closest("#list")?.querySelector(`#${CSS.escape(id)} a`)?.setAttribute("aria-current", "true");
}

// focus goes to the open chat, else to the first.
export function focus() {
  ($("#list a[aria-current]") ?? $("#list a"))?.focus();
}

// start calls open with the chat that is chosen.
export function start(open) {
  parts()[0].dataset.after = "";
  empty();
  list().addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link.closest(".row").id);
  });
  list().addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const links = $$("#list a");
    links[links.indexOf(document.activeElement) + step]?.focus();
  });
  box().addEventListener("scroll", fill, { passive: true });
  let wait;
  form().addEventListener("input", (event) => {
    clearTimeout(wait);
    wait = setTimeout(reload, event.target.type === "search" ? 200 : 0);
  });
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    reload();
  });
  fill();
}
