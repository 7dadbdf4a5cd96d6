// Earlier messages of the open chat. They come in parts, each fetched by the place
// before which it ends. What is far out of sight is dropped and fetched again, so that
// the page does not grow with the chat.
import { $, $$, ask, element, keepPlace } from "./kit.js";
import * as live from "./live.js";
import * as stream from "./stream.js";

const near = 800; // pixels beyond what is visible that are filled
const atMost = 400; // messages that are shown at once

// The places of the parts that were fetched, the newest first; the newest part ends now,
// which is the empty place. Those before the index first were dropped again.
let places = [""];
let first = 0;

const box = () => $("#stream");
const list = () => $("#messages");
const messages = () => $$("#messages > [data-place]");
const before = (place) => (message) => place === "" || message.dataset.place < place;

// holds reports whether a message belongs among those that are shown.
export const holds = (message) => reachesNow() && message.dataset.place >= list().dataset.more;

// reachesNow reports whether the newest message is among those that are shown.
export const reachesNow = () => first === 0;

// fetchBefore fetches the part before a place, and gives it to put unless another chat
// was opened meanwhile.
async function fetchBefore(place, put) {
  const shown = list();
  const since = live.place();
  const answer = await ask(`/c/${stream.chat()}/messages?before=${encodeURIComponent(place)}`);
  const part = element(await answer.text());
  if (shown !== list()) return;
  await put(part, shown);
  live.replay(since);
}

// fill fetches what is missing above and below.
let filling = false;
export async function fill() {
  if (filling) return;
  filling = true;
  try {
    for (let fetch = missing(); fetch; fetch = missing()) await fetch();
  } catch {
    // the next scroll tries again
  } finally {
    filling = false;
    if ($("#older")) $("#older").hidden = true;
  }
}

// missing returns what fetches the part that is missing; undefined: none is, or nobody
// sees the chat. A part may show nothing: it may be of actions alone.
function missing() {
  if (!box()?.clientHeight) return undefined;
  const above = box().scrollTop;
  const below = box().scrollHeight - above - box().clientHeight;
  if (list().dataset.more && above < near) return older;
  return !reachesNow() && below < near ? newer : undefined;
}

async function older() {
  const place = list().dataset.more;
  $("#older").hidden = false;
  await fetchBefore(place, (part, shown) => {
    $("#older").hidden = true;
    keepPlace(box(), messages, () => {
      shown.prepend(...[...part.children].filter((m) => !document.getElementById(m.id)));
      shown.dataset.more = part.dataset.more;
      places.push(place);
      dropNewest();
      stream.tidy();
    });
    stream.stay();
    if (!reachesNow()) $("#newest").hidden = false;
  });
}

// dropNewest drops the newest parts while too many messages are shown.
function dropNewest() {
  while (messages().length > atMost && first < places.length - 1) {
    first++;
    for (const message of messages()) if (!before(places[first])(message)) message.remove();
  }
}

const newer = () =>
  fetchBefore(places[first - 1], (part, shown) => {
    if (part.dataset.more > places[first]) { // more came since than one part holds
      places.splice(first++, 0, part.dataset.more);
      return newer();
    }
    keepPlace(box(), messages, () => {
      first--;
      shown.append(...[...part.children].filter((m) => !document.getElementById(m.id)));
      dropOldest();
      stream.tidy();
    });
  });

// dropOldest drops the oldest parts while too many messages are shown.
function dropOldest() {
  while (messages().length > atMost && places.length > first + 1) {
    const place = places.pop();
    for (const message of messages()) if (before(place)(message)) message.remove();
    list().dataset.more = place;
  }
}

// show shows the newest part alone, and what is on its way.
function show(part) {
  part.append(...$$(".pending", list()));
  list().replaceWith(part);
  start();
  stream.tidy();
}

// toNow goes to the newest message; if it was dropped, it is fetched again.
export async function toNow() {
  if (reachesNow()) return stream.toEnd();
  await fetchBefore("", (part) => {
    show(part);
    stream.toEnd();
  });
}

// start begins with what the server rendered.
export function start() {
  places = [""];
  first = 0;
}
