// How much the messenger of the open chat takes of a message. It is said before
// anything is sent; the server checks again.
import { $ } from "./kit.js";

const limits = () => JSON.parse($(".conversation").dataset.limits);
const say = (name, values) => $("#composer").dataset[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
const mebibytes = (bytes) => `${Math.round((bytes / (1 << 20)) * 10) / 10} MiB`;

// tooLong says that a text is longer than a message of the type may be; empty: it is not.
export function tooLong(text, type = "text") {
  const limit = limits()[type] ?? limits().text;
  const count = limit?.utf16 ? text.length : [...text].length;
  return limit && count > limit.text ? say("tooLong", { n: count, max: limit.text }) : "";
}

// notTaken says why the messenger does not take a file; empty: it does. What is shown
// or played may be smaller than what is sent as a mere file.
export function notTaken(file) {
  const [general] = file.type.split("/");
  const found = [limits()[general], limits().file].filter(Boolean).map((limit) => excess(limit, file));
  return found.every(Boolean) ? found.at(-1) : "";
}

function excess(limit, file) {
  const [mime] = file.type.split(";");
  if (mime && limit.mimes?.length && !limit.mimes.includes(mime)) return say("wrongType", {});
  if (limit.size && file.size > limit.size) return say("tooBig", { max: mebibytes(limit.size) });
  return "";
}
