// The stream by which the page stays current. It goes on where it was, however long
// the connection was lost.
//
// What the page asks for besides may be answered after the stream has shown something
// newer. So whoever asks notes place() before and calls replay() with it once the answer
// is shown: the stream shows again what has happened since then.
import { $, ask, body, url } from "./kit.js";

const silence = 40_000; // after which a stream is lost; the server shows every 15 s that it is there
const unseen = 10_000; // after which a hidden page leaves its connection to others: a browser has six for all
const rest = 30_000; // before the next try, when the server refuses

let show; // what happens
let back; // called when the server is reached again
let source;
let after; // the place of the stream; places sort as text
let chat; // whose messages it tells, too
let away; // nobody has seen the page for a while

export const place = () => after;

// start begins at a place.
export function start(at, open, news, reached) {
  [after, chat, show, back, away] = [at, open, news, reached, document.hidden];
  document.addEventListener("visibilitychange", seen);
  addEventListener("online", connect);
  connect();
}

// follow tells the messages of a chat, too, that was asked for at a place.
export function follow(id, since) {
  if (id === chat) return replay(since);
  chat = id;
  if (since < after) after = since;
  connect();
}

export function replay(since) {
  if (since >= after) return;
  after = since;
  connect();
}

const path = () => `/live?after=${encodeURIComponent(after)}&chat=${encodeURIComponent(chat)}`;

function connect() {
  close();
  if (away) return;
  source = new EventSource(url(path()));
  source.onopen = opened;
  source.onerror = lost;
  source.addEventListener("alive", moved);
  source.onmessage = (event) => {
    moved(event);
    show(JSON.parse(event.data));
  };
  watch();
}

let watching;
let again;
function close() {
  source?.close();
  clearTimeout(watching);
  clearTimeout(again);
}

function moved(event) {
  after = event.lastEventId;
  watch();
}

// watch notices a network that is gone and does not say so.
function watch() {
  clearTimeout(watching);
  watching = setTimeout(() => {
    warn(body.dataset.offline);
    connect();
  }, silence);
}

let leaving;
function seen() {
  clearTimeout(leaving);
  if (document.hidden) {
    leaving = setTimeout(() => {
      away = true;
      close();
    }, unseen);
  } else if (away) {
    away = false;
    connect();
  }
}

let warning;
function warn(text) {
  $("#offline").textContent = text;
  $("#offline").hidden = false;
}

function opened() {
  clearTimeout(warning);
  warning = undefined;
  if ($("#offline").hidden) return;
  $("#offline").hidden = true;
  back();
}

// lost waits for the browser, which connects again by itself unless the server refused.
function lost() {
  warning ??= setTimeout(() => warn(body.dataset.offline), 1500);
  if (source.readyState === EventSource.CLOSED) again = setTimeout(retry, 2000);
}

// retry asks why the server refuses the stream. One that does not know the place has the
// page loaded anew; any other refusal is shown, and may end.
async function retry() {
  try {
    const answer = await ask(path());
    await answer.body.cancel();
    connect();
  } catch (error) {
    if (error.status === 410 || error.status === 422) return location.reload();
    const refused = error.status < 500;
    if (refused) warn(error.message);
    again = setTimeout(retry, refused ? rest : 2000);
  }
}
