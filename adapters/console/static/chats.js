// The page of chats: it opens a chat beside the list, and joins the other modules.
import { $, ask, body, element, notice, say, url } from "./kit.js";
import * as list from "./list.js";
import * as stream from "./stream.js";
import * as write from "./write.js";
import * as outbox from "./outbox.js";
import * as tools from "./tools.js";
import { live } from "./live.js";

let source;

// open shows a chat beside the list; without an id, none.
async function open(id, push) {
  if (push) history.pushState(null, "", url(id ? `/c/${id}` : ""));
  body.classList.toggle("reading", Boolean(id));
  if (!id) return;
  list.mark(id);
  try {
    const answer = await ask(`/c/${id}/pane`);
    $("#pane").replaceChildren(element(await answer.text()));
    shown();
    ($("#text:enabled") ?? $("#pane")).focus({ preventScroll: true });
  } catch (error) {
    notice(error.status ? error.message : body.dataset.unavailable, true);
  }
}

// shown prepares the chat beside the list.
function shown() {
  document.title = $("#head h1")?.textContent.trim() + " · Recado";
  stream.start();
  write.start(apply);
  source.follow(stream.chat());
}

// apply puts news in place: rows of the list, and messages and the head of the open chat.
function apply(news) {
  list.put(news.chats ?? []);
  const own = news.chats?.some((chat) => chat.id === stream.chat());
  if (news.messages) stream.put(news.messages);
  if (news.head && own) write.head(news.head);
  for (const message of news.messages ?? []) if (message.say) say(message.say);
}

export function start() {
  source = live({
    news(arrived) {
      tools.remember(arrived.messages ?? []);
      apply(arrived);
    },
    back: () => outbox.flush(),
  });
  list.start((id) => open(id, true));
  write.listen(apply);
  if ($(".conversation")) shown();
  source.connect(body.dataset.after);
  outbox.flush();
  $("#pane").addEventListener("click", (event) => {
    if (!event.target.closest(".back")) return;
    event.preventDefault();
    open("", true).then(() => list.focus());
  });
  body.dataset.ready = "1";
  addEventListener("popstate", () => open(location.pathname.split("/c/")[1] ?? "", false));
}
