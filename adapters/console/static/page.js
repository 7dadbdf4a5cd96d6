// The script of every page. It adds to what the server renders; each module says
// what it is for.
import { $, forget, menus } from "./kit.js";

menus();

// logIn logs in with a key that is behind # in a link: the demonstration prints one. The
// key leaves the address before anything else happens, on any page: who is logged in
// already was led past the log-in. What names a place in the page is no key.
function logIn() {
  const hash = location.hash.slice(1).replace(/[+&]/g, encodeURIComponent);
  const key = new URLSearchParams(`key=${hash}`).get("key"); // which takes a stray % as it is
  if (!key || document.getElementById(key)) return false;
  history.replaceState(null, "", location.pathname + location.search);
  const form = $("#login") ?? document.createElement("form");
  if (!form.isConnected) {
    Object.assign(form, { method: "post", action: new URL("../../login", import.meta.url), hidden: true });
    form.append(Object.assign(document.createElement("input"), { name: "key" }));
    document.body.append(form);
  }
  form.elements.key.value = key;
  form.requestSubmit();
  return true;
}

// The look changes where the page is by then, not where it was loaded.
const look = $("#look");
look?.addEventListener("submit", () => (look.elements.next.value = location.pathname + location.search));

for (const form of document.querySelectorAll("form[data-forget]")) form.addEventListener("submit", forget);

addEventListener("hashchange", logIn);
if (!logIn() && document.body.classList.contains("chats")) {
  const { start } = await import("./chats.js");
  start();
}
