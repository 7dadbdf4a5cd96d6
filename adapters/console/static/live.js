// The stream by which the page stays current. It goes on where it was, however long
// the connection was lost.
import { $, ask, body, url } from "./kit.js";

// live calls news with what happens, and back when the server is reached again.
export function live({ news, back }) {
  let source;
  let after = "";
  let chat = "";
  let refused = 0; // times in a row
  let warn;

  function connect(from) {
    if (from) after = from;
    source?.close();
    source = new EventSource(url(`/live?after=${encodeURIComponent(after)}&chat=${encodeURIComponent(chat)}`));
    source.onopen = opened;
    source.onmessage = (event) => {
      after = event.lastEventId;
      news(JSON.parse(event.data));
    };
    source.onerror = lost;
  }

  function opened() {
    refused = 0;
    clearTimeout(warn);
    warn = undefined;
    const banner = $("#offline");
    if (banner.hidden) return;
    banner.hidden = true;
    back();
  }

  // lost waits for the browser, which connects again by itself unless the server refused.
  function lost() {
    warn ??= setTimeout(() => {
      $("#offline").textContent = body.dataset.offline;
      $("#offline").hidden = false;
    }, 1500);
    if (source.readyState === EventSource.CLOSED) setTimeout(retry, 2000);
  }

  // retry connects again. A server that answers other calls and refuses the stream does
  // not know where the page was: the page is loaded anew.
  async function retry() {
    try {
      await ask("/list");
      if (++refused > 1) return location.reload();
    } catch {
      // it is still away
    }
    connect();
  }

  return {
    connect,
    // follow has the messages of a chat told, too.
    follow(id) {
      if (id === chat) return;
      chat = id;
      if (source) connect();
    },
  };
}
