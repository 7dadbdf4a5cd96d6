// What was written and waits for the server. It survives a lost connection, and, but for
// files that are not uploaded yet, a reload.
import { Answer, ask, body, memory, notice } from "./kit.js";
import * as past from "./past.js";
import * as stream from "./stream.js";

const items = memory.all("outbox.");
let giveBack; // what the server does not take

// waiting lists what waits in a chat.
export const waiting = (chat) => items.filter((item) => item.chat === chat);

// send puts a message of a chat into the outbox. One with a file has a name.
export function send(fields, chat, name = "") {
  const item = { ...fields, ref: crypto.randomUUID?.() ?? String(Math.random()).slice(2), chat, name };
  items.push(item);
  remember(item);
  if (chat === stream.chat()) show(item);
  flush();
}

async function show(item) {
  await past.toNow().catch(() => {}); // without a connection it stays where it is
  if (items.includes(item)) stream.pending(item);
}

function remember(item) {
  if (!item.file) memory.set("outbox." + item.ref, item);
}

// Each chat has a queue, and one for its files, so that nothing waits for what is long
// or gets no answer.
const queueOf = (item) => item.chat + (item.name ? " files" : "");
const busy = new Set(); // queues
const again = new Map(); // when a queue tries again

// flush sends what waits.
export function flush() {
  for (const queue of new Set(items.map(queueOf))) run(queue, 1000);
}

// run sends what waits in a queue, one after another; without an answer it tries again
// after a while.
async function run(queue, wait) {
  if (busy.has(queue)) return;
  busy.add(queue);
  clearTimeout(again.get(queue));
  try {
    for (let item; (item = items.find((one) => queueOf(one) === queue)); wait = 1000) await deliver(item);
  } catch {
    again.set(queue, setTimeout(run, wait, queue, Math.min(wait * 2, 15000)));
  } finally {
    busy.delete(queue);
  }
}

// deliver sends a message, and throws if it is to be tried again. The server takes a ref
// once: a message whose answer was lost is not sent twice.
async function deliver(item) {
  try {
    if (item.file) await upload(item);
    const { chat, name, parameters = [], ...fields } = item;
    const form = [...Object.entries(fields).filter(([, value]) => value), ...parameters.map((value) => ["parameter", value])];
    const html = await (await ask(`/c/${chat}/send`, form)).text();
    if (chat === stream.chat()) stream.answered(html);
  } catch (error) {
    if (!error.status || [401, 408, 429].includes(error.status) || error.status >= 500) throw error;
    notice(`${body.dataset.failed} ${item.name && !item.voice ? item.name + ": " : ""}${error.message}`, true);
    stream.refused(item.ref);
    giveBack(item);
  }
  items.splice(items.indexOf(item), 1);
  memory.set("outbox." + item.ref, null);
}

// upload gives a file to the server; from then on the message names it.
async function upload(item) {
  await item.file.slice(0, 1).arrayBuffer().catch(() => {
    throw new Answer(410, body.dataset.unavailable); // it was moved or changed since
  });
  const query = new URLSearchParams(item.voice ? { as: "voice" } : { name: item.name });
  const file = item.file.type ? item.file : new Blob([item.file], { type: "application/octet-stream" });
  Object.assign(item, await (await ask(`/c/${item.chat}/media?${query}`, file)).json());
  delete item.file;
  delete item.voice;
  remember(item);
}

// start calls refused with what the server does not take.
export function start(refused) {
  giveBack = refused;
  addEventListener("online", flush);
  addEventListener("beforeunload", (event) => items.some((item) => item.file) && event.preventDefault());
}
