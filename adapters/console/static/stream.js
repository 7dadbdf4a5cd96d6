// The messages of the open chat.
import { $, $$, body, element, keepPlace } from "./kit.js";
import * as past from "./past.js";
import * as tools from "./tools.js";

const box = () => $("#stream");
const messages = () => $$("#messages > [data-place]");
let reading = false; // earlier messages: what changes its height leaves them where they are

// chat returns the id of the open chat; empty: none is open.
export const chat = () => $(".conversation")?.dataset.chat ?? "";

const atEnd = () => past.reachesNow() && box().scrollHeight - box().scrollTop - box().clientHeight < 80;

export function toEnd() {
  box().scrollTop = box().scrollHeight;
  $("#newest").hidden = true;
}

// dayNames returns what a day is called now: a page may be open past midnight.
function dayNames() {
  const { zone, today, yesterday } = $(".conversation").dataset;
  const date = calendar(zone).format(Date.now()); // as 2026-01-31
  const before = new Date(Date.parse(date) - 24 * 3600_000).toISOString().slice(0, 10);
  return { [date]: today, [before]: yesterday };
}

// calendar writes days of a time zone. In one that the browser does not know they are those
// of UTC, as on the server.
function calendar(timeZone) {
  try {
    return new Intl.DateTimeFormat("sv", { timeZone });
  } catch {
    return new Intl.DateTimeFormat("sv", { timeZone: "UTC" });
  }
}

// tidy says the day over the first message of each day, and shows in a reply what it
// answers, if that is at hand.
export function tidy() {
  for (const line of $$("#messages > .day")) line.remove();
  const names = dayNames();
  let day = "";
  for (const message of messages()) {
    if (message.dataset.day && message.dataset.day !== day) {
      const line = document.createElement("li");
      line.className = "day";
      line.textContent = names[message.dataset.day] ?? message.dataset.dayText;
      message.before(line);
    }
    day = message.dataset.day || day;
  }
  for (const text of $$("#messages .quote .unknown")) {
    const answered = $(`#messages .message[data-provider="${CSS.escape(text.parentElement.dataset.provider)}"] .text`);
    if (answered) {
      text.textContent = answered.textContent.slice(0, 200);
      text.classList.remove("unknown");
    }
  }
}

// place puts a message where it belongs: in place of itself, of the bubble that
// waited for it, or among the others.
function place(message, action) {
  const ref = message.dataset.ref;
  const old = document.getElementById(message.id) ?? (ref ? $(`#messages .pending[data-ref="${CSS.escape(ref)}"]`) : null);
  if (old) inherit(old, message, action);
  if (old && old.dataset.place === message.dataset.place) old.replaceWith(message);
  else {
    old?.remove();
    const next = messages().find((m) => m.dataset.place > message.dataset.place);
    if (next) next.before(message);
    else $("#messages").append(message);
  }
  tools.follow(message);
  if ($(".bang", message)) tell($(".bang", message));
}

// inherit gives a message what the page showed of it and the server does not know: a
// sound that plays, an explanation that is open, and what became of an earlier action.
function inherit(old, message, action) {
  for (const media of $$("audio, video, img", message)) {
    const same = $$(media.localName, old).find((one) => one.src === media.src);
    if (same) media.replaceWith(same);
  }
  if ($(".why.open", old)) $(".why", message)?.classList.add("open");
  const shown = $(".action", old);
  if (shown && !action) $(".bubble", message).append(shown);
  if (old.contains(document.activeElement)) tools.refocus(old, message);
}

// put puts those messages in their places that are of the open chat, and goes to the
// newest if it was visible.
export function put(news) {
  const list = news.filter((message) => message.chat === chat());
  if (list.length === 0) return;
  const follow = atEnd();
  let fresh = false;
  const change = () => {
    for (const { id, html, action } of list) {
      const message = element(html);
      const known = document.getElementById(id);
      fresh ||= !known;
      if (known || past.holds(message)) place(message, action);
    }
    tidy();
  };
  if (follow) change();
  else keepPlace(box(), messages, change);
  if (follow) toEnd();
  else if (fresh) $("#newest").hidden = false;
}

// answered puts the server's bubble of a message that the page sent, unless a newer
// one is there already.
export function answered(html) {
  const message = element(html);
  if (!document.getElementById(message.id)) put([{ id: message.id, chat: chat(), html }]);
}

// pending shows a message that is on its way to the server, after the newest.
export function pending(item) {
  if (item.chat !== chat() || !past.reachesNow() || $(`#messages [data-ref="${CSS.escape(item.ref)}"]`)) return;
  const message = element(`<li class="message mine pending" tabindex="-1"><article class="bubble"><div class="say"><p class="text" dir="auto"></p><footer class="meta"><span></span></footer></div></article></li>`);
  message.dataset.ref = item.ref;
  message.dataset.place = "9" + item.ref;
  $(".text", message).textContent = item.text || item.template || item.name;
  $(".meta span", message).textContent = body.dataset.waits;
  if (item.file) $(".meta", message).replaceChildren(progress(item.name));
  $("#messages").append(message);
  toEnd();
}

// progress shows that a file is being uploaded.
function progress(name) {
  const bar = document.createElement("progress");
  bar.ariaLabel = name;
  return bar;
}

// refused removes the bubble of a message that the server did not take.
export function refused(ref) {
  $(`#messages .pending[data-ref="${CSS.escape(ref)}"]`)?.remove();
}

// keys moves between the messages; the buttons of one are reached from it.
function keys(event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || event.target.closest("details, button")) return;
  const all = $$("#messages > .message");
  const at = all.indexOf(document.activeElement?.closest?.(".message"));
  const next = at < 0 ? all.at(-1) : all[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

// why shows at a touch what the pointer and the focus show by themselves.
function why(event) {
  const button = event.target.closest(".bang-button");
  for (const open of $$(".why.open")) if (!open.contains(event.target) && open.previousElementSibling !== button) open.classList.remove("open");
  button?.nextElementSibling.classList.toggle("open");
  for (const bang of $$(".bang")) tell(bang);
}

// around follows the pointer and the focus: once they leave an explanation, Escape no
// longer hides it.
function around(event) {
  const bang = event.target.closest?.(".bang");
  if (!bang) return;
  const leaves = event.type === "pointerout" || event.type === "focusout";
  if (leaves && !bang.contains(event.relatedTarget)) bang.classList.remove("closed");
  tell(bang);
}

// dismiss hides the explanations that are shown.
function dismiss(event) {
  if (event.key !== "Escape") return;
  for (const bang of $$(".bang")) {
    const shown = $(".why", bang);
    if (!shown.checkVisibility()) continue;
    if (shown.contains(document.activeElement)) $("button", bang).focus();
    shown.classList.remove("open");
    bang.classList.add("closed");
    tell(bang);
  }
}

// tell has a button say whether its explanation is shown.
function tell(bang) {
  $("button", bang).setAttribute("aria-expanded", String($(".why", bang).checkVisibility()));
}

// below turns the explanation of a message near the upper edge downwards.
function below(event) {
  const bang = event.target.closest?.(".bang");
  if (!bang) return;
  const room = bang.getBoundingClientRect().top - box().getBoundingClientRect().top;
  bang.classList.toggle("below", room < 180);
}

// stay keeps what is read in sight after a keyboard, a long text or a picture took its
// place: the newest message, or the first that began within sight.
let seen; // that message, and where it was
export function stay() {
  if (!reading) toEnd();
  else if (seen?.message.isConnected) box().scrollTop += topOf(seen.message) - seen.top;
}

const topOf = (message) => message.getBoundingClientRect().top - box().getBoundingClientRect().top;

function see() {
  const top = box().getBoundingClientRect().top;
  const message = messages().find((one) => one.getBoundingClientRect().top >= top);
  seen = message && { message, top: topOf(message) };
}

document.addEventListener("keydown", dismiss);

// start prepares the messages of the chat that was opened.
export function start() {
  reading = false;
  past.start();
  tidy();
  toEnd();
  box().addEventListener("scroll", () => {
    reading = !atEnd();
    see();
    if (!reading) $("#newest").hidden = true;
    past.fill();
  }, { passive: true });
  new ResizeObserver(stay).observe(box());
  box().addEventListener("load", stay, true); // of pictures
  box().addEventListener("keydown", keys);
  box().addEventListener("click", why);
  box().addEventListener("pointerover", below);
  box().addEventListener("focusin", below);
  for (const type of ["pointerover", "pointerout", "focusin", "focusout"]) box().addEventListener(type, around);
  tools.start(box());
  $("#newest").addEventListener("click", past.toNow);
  past.fill();
}
