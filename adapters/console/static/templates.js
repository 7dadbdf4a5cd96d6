// The dialog in which a template is filled. The page remembers the templates that
// were sent, with their texts, so that the preview shows what the client will read.
import { $, $$, memory } from "./kit.js";

const dialog = () => $("#template");
const form = () => $("form", dialog());
const known = () => memory.get("templates", {});

// numbers lists the parameters that a text names: {{1}}, {{2}}, …
const numbers = (text) => [...new Set([...text.matchAll(/\{\{(\d{1,2})\}\}/g)].map((m) => Number(m[1])))].sort((a, b) => a - b);
const values = () => $$("#parameters input").map((input) => input.value);

function preview() {
  const filled = values();
  const order = numbers(form().elements.body.value);
  $("#preview").textContent = form().elements.body.value.replace(/\{\{(\d{1,2})\}\}/g, (whole, n) => filled[order.indexOf(Number(n))] || whole);
}

// ask asks for a value for each parameter, and keeps the values that are there.
function askValues() {
  const before = values();
  const box = $("#parameters");
  box.replaceChildren(
    ...numbers(form().elements.body.value).map((n, i) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      label.textContent = `${box.dataset.label} ${n}`;
      input.required = true;
      input.dir = "auto";
      input.maxLength = 1024;
      input.value = before[i] ?? "";
      label.append(input);
      return label;
    }),
  );
}

// open asks for a template and sends it.
export function open(send) {
  form().reset();
  askValues();
  preview();
  $("#templates").replaceChildren(...Object.keys(known()).map((name) => new Option(name, name)));
  form().oninput = (event) => {
    const remembered = known()[form().elements.template.value];
    if (event.target.name === "template" && remembered) {
      form().elements.language.value = remembered.language;
      form().elements.body.value = remembered.body;
    }
    if (event.target.name) askValues();
    preview();
  };
  dialog().returnValue = "";
  dialog().onclose = () => {
    if (dialog().returnValue !== "send") return;
    const { template, language, body } = form().elements;
    memory.set("templates", { ...known(), [template.value]: { language: language.value, body: body.value } });
    send({ template: template.value, language: language.value, parameters: values(), text: $("#preview").textContent });
  };
  dialog().showModal();
}
