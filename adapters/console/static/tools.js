// What is done to one message. The page has one bar of tools, which goes to the
// message under the pointer or the focus.
import { $, $$, ask, complain } from "./kit.js";
import * as live from "./live.js";

let bar;
let apply; // puts news in place

const words = (text) => (text ?? "").split(" ").filter(Boolean);
const emojis = () => $("#emojis", bar);

// allowed lists what the message takes, of what would not be refused now.
function allowed(message) {
  const may = $("#head header").dataset;
  const now = words(may.actions);
  if (may.send === "true") now.push("reply");
  if ({ template: may.template, voice: may.voice }[message.dataset.type] ?? may.send === "true") now.push("retry");
  return words(message.dataset.actions).filter((name) => now.includes(name));
}

// go puts the bar on a message.
function go(message) {
  const may = allowed(message);
  for (const button of $$("[data-action]", bar)) button.hidden = !may.includes(button.dataset.action);
  bar.hidden = may.length === 0;
  bar.dataset.on = message.id;
  close();
  if (bar.parentElement !== message) message.append(bar);
}

// follow puts the bar on a message that took the place of the one that had it.
export function follow(message) {
  if (bar?.dataset.on === message.id && !bar.isConnected) message.append(bar);
}

// refocus keeps the focus where it was when a message is replaced.
export function refocus(old, message) {
  const focused = document.activeElement;
  const again = bar.contains(focused) ? focused : message;
  if (again === focused) message.append(bar);
  queueMicrotask(() => again.focus({ preventScroll: true }));
}

function close() {
  emojis().hidden = true;
  $("[data-do=emojis]", bar).setAttribute("aria-expanded", "false");
}

// act does something to a message, and shows it as it is then.
export async function act(message, action, text = "") {
  const since = live.place();
  try {
    apply(await (await ask(`/messages/${message.id}/${action}`, { text })).json());
    live.replay(since);
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

export const acts = {
  emojis(button) {
    const { reacted } = button.closest(".message").dataset;
    emojis().hidden = !emojis().hidden;
    button.setAttribute("aria-expanded", String(!emojis().hidden));
    for (const emoji of $$("button", emojis())) emoji.setAttribute("aria-pressed", String(emoji.value === reacted));
    if (!emojis().hidden) $("button", emojis()).focus();
  },
  async react(button) {
    const message = button.closest(".message");
    close();
    message.focus({ preventScroll: true });
    await act(message, "reaction", message.dataset.reacted === button.value ? "" : button.value);
  },
  delete(button) {
    const message = button.closest(".message");
    const dialog = $("#confirm-delete");
    dialog.returnValue = "";
    dialog.onclose = () => {
      document.getElementById(message.id)?.focus({ preventScroll: true });
      if (dialog.returnValue === "delete") act(message, "delete");
    };
    dialog.showModal();
  },
};

export function listen(put) {
  apply = put;
  document.addEventListener("pointerdown", (event) => bar && !bar.contains(event.target) && close());
}

// start prepares the bar of the chat that was opened.
export function start(box) {
  bar = $("#tools");
  const at = (event) => event.target.closest?.(".message");
  box.addEventListener("pointerover", (event) => {
    const busy = !emojis().hidden || $(":focus-visible", bar);
    if (at(event) && !busy) go(at(event));
  });
  box.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse" && emojis().hidden && !$(":focus-visible", bar)) bar.hidden = true;
  });
  box.addEventListener("focusin", (event) => {
    if (at(event) && !bar.contains(event.target)) go(at(event));
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || emojis().hidden) return;
    close();
    $("[data-do=emojis]", bar).focus();
  });
}
