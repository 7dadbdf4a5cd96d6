// What an employee does in the open chat: write, reply, block, say that no reply is
// needed. What waits for the server survives a reload and a lost connection.
import { $, $$, ask, complain, element, memory, notice } from "./kit.js";
import * as stream from "./stream.js";
import * as live from "./live.js";
import * as files from "./files.js";
import * as outbox from "./outbox.js";
import * as tools from "./tools.js";
import { tooLong } from "./limits.js";
import * as templates from "./templates.js";

const head = () => $("#head header");
const field = () => $("#text");
let apply; // puts news in place
let replyTo = "";
let editing = null; // the message whose text is in the field, instead of a draft

// state makes the composer active or not, as the head of the chat says.
function state() {
  const may = head().dataset;
  field().disabled = may.send !== "true";
  fits();
  for (const button of $$("#attach, #mic")) button.disabled = may.send !== "true";
  if ($("#add-template")) $("#add-template").disabled = may.template !== "true";
  const why = $("#why-not");
  why.textContent = may.why || may.whyText;
  why.hidden = !why.textContent;
  left();
}

// fits says whether the messenger takes the text that is in the field.
function fits() {
  const excess = tooLong(field().value.trim(), editing?.dataset.type);
  $("#too-long").textContent = excess;
  $("#too-long").hidden = !excess;
  field().toggleAttribute("aria-invalid", Boolean(excess));
  $("#send").disabled = head().dataset.send !== "true" || Boolean(excess);
  return !excess;
}

// left says how long the free window stays open.
function left() {
  const until = Number(head()?.dataset.window);
  if (!until) return;
  const minutes = Math.floor((until - Date.now()) / 60000);
  if (minutes >= 0) {
    const text = $("#composer").dataset.windowOpen;
    $("#window").textContent = text.replace("{h}", Math.floor(minutes / 60)).replace("{m}", minutes % 60);
  } else if (head().dataset.send === "true") refresh();
  else $("#window").textContent = head().dataset.windowText;
}

// refresh fetches the head of the chat, when its window has just closed.
async function refresh() {
  const id = stream.chat();
  const since = live.place();
  try {
    const pane = element(await (await ask(`/c/${id}/pane`)).text());
    if (id !== stream.chat()) return;
    replaceHead($("#head", pane).innerHTML);
    live.replay(since);
  } catch {
    // left tries again
  }
}

function replaceHead(html) {
  const focused = document.activeElement?.closest?.("#head [data-do]")?.dataset.do;
  const menu = $("#head details")?.open;
  const inMenu = document.activeElement?.closest?.("#head details");
  $("#head").innerHTML = html;
  if ($("#head details")) $("#head details").open = Boolean(menu);
  if (focused) ($(`#head [data-do="${focused}"]`) ?? $("#head summary") ?? field()).focus();
  else if (inMenu) $("#head summary")?.focus();
  state();
}
export { replaceHead as head };

// grow gives the field the height of its text. While it is measured it is small, and the
// messages have room to scroll: they stay where they are.
function grow() {
  const room = $("#stream");
  const at = room.scrollTop;
  field().style.height = "auto";
  field().style.height = Math.min(field().scrollHeight, 200) + "px";
  room.scrollTop = at;
}

// about shows over the field which message is answered or edited.
function about(message, title) {
  $("#replying").hidden = false;
  $("#replying cite").textContent = title;
  $("#replying p").textContent = ($(".text", message) ?? $(".bubble", message)).textContent.trim().slice(0, 200);
  field().focus();
}

function reply(message) {
  leave();
  replyTo = message.id;
  about(message, $(".author", message)?.textContent ?? "");
}

function edit(message) {
  leave();
  editing = message;
  write($(".text", message)?.textContent ?? "");
  about(message, $("#composer").dataset.editing);
}

// retry sends a message that failed again, as a new one.
function retry(message) {
  outbox.send({ retry_of: message.id, text: $(".text", message)?.textContent ?? "" }, stream.chat());
}

// leave ends a reply or an edit; the draft is in the field again.
function leave() {
  replyTo = "";
  $("#replying").hidden = true;
  if (!editing) return;
  editing = null;
  write(memory.get("draft." + stream.chat(), ""));
}

// write puts a text into the field.
function write(text) {
  field().value = text;
  grow();
  fits();
}

let saving = null; // the message of whose edit the server has not heard yet
async function submit(event) {
  event.preventDefault();
  const text = field().value.trim();
  if (!text || field().disabled || !fits()) return;
  if (editing) {
    const message = editing;
    if (saving === message) return;
    saving = message;
    if (await tools.act(message, "edit", text) && editing === message) leave();
    saving = null;
    return;
  }
  outbox.send({ text, reply_to: replyTo }, stream.chat());
  memory.set("draft." + stream.chat(), null);
  write("");
  leave();
}

// giveBack puts a text that the server did not take behind the draft of its chat.
function giveBack({ chat, text, template }) {
  if (!text || template) return;
  const inField = chat === stream.chat() && !editing;
  const draft = [inField ? field().value : memory.get("draft." + chat, ""), text].map((part) => part.trim()).filter(Boolean).join("\n");
  memory.set("draft." + chat, draft);
  if (inField) write(draft);
}

// act does what a button says.
const acts = {
  ...tools.acts,
  reply: (button) => reply(button.closest(".message")),
  retry: (button) => retry(button.closest(".message")),
  edit: (button) => edit(button.closest(".message")),
  "reply-off": () => (leave(), field().focus()),
  template() {
    const chat = stream.chat();
    templates.open((fields) => outbox.send(fields, chat));
  },
  attach: () => $("#file").click(),
  record: () => files.record(stream.chat(), head().dataset.voice === "true" ? "" : head().dataset.whyVoice),
  "record-listen": files.listen,
  "record-cancel": files.cancel,
  "record-send": () => files.finish($("#mic").title),
  block() {
    $("#head details").open = false;
    const dialog = $("#confirm-block");
    dialog.returnValue = "";
    dialog.onclose = () => (dialog.returnValue === "block" ? change("block", "blockDone") : $("#head summary")?.focus());
    dialog.showModal();
  },
  unblock() {
    $("#head details").open = false;
    change("unblock", "unblockDone");
  },
  "no-reply": () => change("no-reply-needed", "", { through_seq: head().dataset.seq }),
};

// change changes the chat and shows it as it is then.
async function change(command, done, fields = {}) {
  const since = live.place();
  try {
    apply(await (await ask(`/c/${stream.chat()}/${command}`, fields)).json());
    live.replay(since);
    if (done) notice($("#composer").dataset[done]);
    ($("#head summary") ?? field()).focus();
  } catch (error) {
    complain(error);
  }
}

// listen waits for what the employee does, in whichever chat.
export function listen(put) {
  apply = put;
  tools.listen(put);
  $("#pane").addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) acts[button.dataset.do](button);
  });
  outbox.start(giveBack);
  setInterval(() => head() && left(), 15000);
}

// takeFiles takes files that are chosen, dropped on the chat, or pasted.
function takeFiles() {
  const attach = (list) => !field().disabled && files.attach(stream.chat(), list);
  $("#file").addEventListener("change", (event) => {
    attach([...event.target.files]);
    event.target.value = "";
  });
  field().addEventListener("paste", (event) => {
    const { files: pasted, types } = event.clipboardData;
    if (!pasted.length || types.includes("text/plain")) return; // cells of a spreadsheet come as a picture, too
    event.preventDefault();
    attach([...pasted]);
  });
  const room = $(".conversation");
  room.addEventListener("dragover", (event) => {
    event.preventDefault();
    room.classList.add("dropping");
  });
  room.addEventListener("dragleave", () => room.classList.remove("dropping"));
  room.addEventListener("drop", (event) => {
    event.preventDefault();
    room.classList.remove("dropping");
    attach([...event.dataTransfer.files]);
  });
}

// start prepares the composer of the chat that was opened.
export function start() {
  replyTo = "";
  editing = null;
  write(memory.get("draft." + stream.chat(), ""));
  state();
  files.leave();
  for (const item of outbox.waiting(stream.chat())) stream.pending(item);
  $("#composer").addEventListener("submit", submit);
  field().addEventListener("input", () => {
    if (!editing) memory.set("draft." + stream.chat(), field().value);
    grow();
    fits();
  });
  field().addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
    if (event.key === "Escape") leave();
  });
  if ($("#file")) takeFiles();
  for (const dialog of $$("dialog", $("#pane"))) {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close("cancel"); // the dark around it
    });
  }
}
