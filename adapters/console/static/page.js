// The script of every page. It adds to what the server renders; each module says
// what it is for.
import { $, forget, menus } from "./kit.js";

menus();

// A link with a key behind # logs in: the demonstration prints one. The key leaves
// the address before anything else happens.
const login = $("#login");
if (login && location.hash.length > 1) {
  login.elements.key.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
  login.requestSubmit();
}

// The look changes where the page is by then, not where it was loaded.
const look = $("#look");
look?.addEventListener("submit", () => (look.elements.next.value = location.pathname + location.search));

for (const form of document.querySelectorAll("form[data-forget]")) form.addEventListener("submit", forget);

if (document.body.classList.contains("chats")) {
  const { start } = await import("./chats.js");
  start();
}
