// What the other modules share.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const body = document.body;

// url returns the address of a part of the page.
export const url = (path) => body.dataset.base + path;

// An Answer is an error that the server explained.
export class Answer extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

// patience is how long an answer may take. A network that is gone says nothing.
const patience = 30_000;

// ask fetches a part of the page, or sends fields or a file. It throws an Answer if the
// server refuses, and another error if the server cannot be reached. A session that
// ended leads to the log-in.
export async function ask(path, sent) {
  const options = { headers: { Accept: "text/html, application/json" }, redirect: "error" };
  if (sent instanceof Blob) Object.assign(options, { method: "POST", body: sent });
  else options.signal = AbortSignal.timeout(patience); // a file may take longer
  if (sent && !options.body) Object.assign(options, { method: "POST", body: new URLSearchParams(sent) });
  const answer = await fetch(url(path), options);
  if (answer.status === 401) location.assign(url("/login?next=" + encodeURIComponent(location.pathname + location.search)));
  if (answer.ok) return answer;
  const { text } = await answer.json().catch(() => ({ text: body.dataset.unavailable }));
  throw new Answer(answer.status, text);
}

// element makes the element of the HTML that the server rendered. It is of this document:
// a sound stops if it is moved to another.
export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return document.adoptNode(template.content.firstElementChild);
}

// notice shows a text for some seconds, and has it read out.
let noticeEnds;
export function notice(text, bad) {
  const box = $("#notice");
  box.textContent = text;
  box.className = "notice shown" + (bad ? " bad" : "");
  clearTimeout(noticeEnds);
  noticeEnds = setTimeout(() => (box.className = "notice"), 6000);
}

// complain shows why something was not done: the server refused, or cannot be reached.
export const complain = (error) => notice(error.status ? error.message : body.dataset.unavailable, true);

// say has a text read out by a screen reader, after those before it.
export function say(text) {
  const line = document.createElement("p");
  line.textContent = text;
  $("#say").append(line);
  if ($("#say").children.length > 20) $("#say").firstChild.remove(); // it was heard long ago
}

// keepPlace changes what a box holds without a jump of what is read there: the first
// visible of its rows stays where it is.
export function keepPlace(box, rows, change) {
  const top = box.getBoundingClientRect().top;
  const anchor = rows().find((row) => row.getBoundingClientRect().bottom > top);
  const before = anchor?.getBoundingClientRect().top;
  change(anchor);
  if (anchor?.isConnected) box.scrollTop += anchor.getBoundingClientRect().top - before;
}

// menus closes a menu at a click elsewhere and at Escape.
export function menus() {
  document.addEventListener("click", (event) => {
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of $$("details.menu[open]")) {
      menu.open = false;
      $("summary", menu).focus();
    }
  });
}

// memory is what the browser remembers for one employee; nothing, where it may not.
const key = (name) => `recado.${body.dataset.by}.${name}`;
export const memory = {
  get(name, otherwise) {
    try {
      return JSON.parse(localStorage.getItem(key(name))) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  all(prefix) {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(key(prefix)));
    return names.map((name) => JSON.parse(localStorage.getItem(name)));
  },
  set(name, value) {
    try {
      if (value) localStorage.setItem(key(name), JSON.stringify(value));
      else localStorage.removeItem(key(name));
    } catch {
      // it is full or switched off
    }
  },
};

// forget removes all of it, at the log-out.
export function forget() {
  for (const name of Object.keys(localStorage)) if (name.startsWith("recado.")) localStorage.removeItem(name);
}
