// The page of chats: it opens a chat beside the list, and joins the other modules.
import { $, ask, body, complain, element, say, url } from "./kit.js";
import * as list from "./list.js";
import * as live from "./live.js";
import * as stream from "./stream.js";
import * as write from "./write.js";
import * as outbox from "./outbox.js";

// open shows a chat beside the list; without an id, none. Of several at once the last
// one wins. The address is that of the chat that is shown, also if another is not to be had.
let turn = 0;
async function open(id, push) {
  const mine = ++turn;
  const since = live.place();
  list.mark(id || stream.chat());
  try {
    const pane = id && element(await (await ask(`/c/${id}/pane`)).text());
    if (mine !== turn) return;
    if (push) history.pushState(null, "", url(id ? `/c/${id}` : "") + location.search);
    body.classList.toggle("reading", Boolean(id));
    if (!id) return;
    $("#pane").replaceChildren(pane);
    prepare();
    live.follow(id, since);
    ($("#text:enabled") ?? $("#pane")).focus({ preventScroll: true });
  } catch (error) {
    if (mine !== turn) return;
    const shown = stream.chat();
    list.mark(shown);
    if (!push) history.replaceState(null, "", url(shown ? `/c/${shown}` : "") + location.search);
    complain(error);
  }
}

// prepare prepares the chat beside the list.
function prepare() {
  document.title = $("#head h1")?.textContent.trim() + " · Recado";
  stream.start();
  write.start();
}

// apply puts news in place: rows of the list, and messages and the head of the open chat.
const said = new Set(); // messages that were read out: what is shown again is not
function apply(news) {
  list.put(news.chats ?? []);
  const own = news.chats?.some((chat) => chat.id === stream.chat());
  if (news.messages) stream.put(news.messages);
  if (news.head && own) write.head(news.head);
  for (const message of news.messages ?? []) {
    if (message.say && !said.has(message.id)) say(message.say);
    said.add(message.id);
  }
}

export function start() {
  live.start(body.dataset.after, stream.chat(), apply, outbox.flush);
  list.start((id) => open(id, true));
  write.listen(apply);
  if ($(".conversation")) prepare();
  outbox.flush();
  $("#pane").addEventListener("click", (event) => {
    if (!event.target.closest(".back")) return;
    event.preventDefault();
    open("", true).then(() => list.focus());
  });
  body.dataset.ready = "1";
  addEventListener("popstate", () => open(location.pathname.split("/c/")[1] ?? "", false));
}
