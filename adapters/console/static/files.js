// Files and voice messages: they are uploaded, and then sent as any message.
import { $, body, notice, url } from "./kit.js";
import * as stream from "./stream.js";
import { notTaken } from "./limits.js";

// upload gives a file to the server; it returns what the message names.
async function upload(chat, file, name, voice) {
  const query = new URLSearchParams(voice ? { as: "voice" } : { name });
  const answer = await fetch(url(`/c/${chat}/media?${query}`), { method: "POST", body: file, headers: { "Content-Type": file.type || "application/octet-stream" } });
  const result = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(result.text), { status: answer.status });
  return result;
}

// deliver uploads a file and sends it into the chat that is open now.
async function deliver(send, file, name, voice) {
  const chat = stream.chat();
  try {
    send({ ...(await upload(chat, file, name, voice)), text: "" }, chat, name);
  } catch (error) {
    refuse(error.status ? error.message : body.dataset.unavailable, voice ? "" : name);
  }
}

// refuse says why a file is not sent; a voice message has no name.
function refuse(why, name) {
  notice(name ? `${name}: ${why}` : why, true);
}

// attach sends files that were chosen, dropped or pasted.
export async function attach(send, files) {
  for (const file of files) {
    const why = notTaken(file);
    if (why) refuse(why, file.name);
    else await deliver(send, file, file.name || "imagen.png", false);
  }
}

let recorder; // while something is recorded
let chunks = [];
let meter;

const bar = () => $("#recording");

function show(recording) {
  bar().hidden = !recording;
  $(".field").hidden = recording;
}

// record starts a voice message, or says why there is none.
export async function record(why) {
  if (why) return notice(why, true);
  let microphone;
  try {
    microphone = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  } catch {
    return notice($("#composer").dataset.noMic, true);
  }
  const mimeType = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"].find((type) => MediaRecorder.isTypeSupported(type));
  recorder = new MediaRecorder(microphone, { mimeType });
  chunks = [];
  recorder.ondataavailable = (event) => chunks.push(event.data);
  const began = Date.now();
  const sound = new AudioContext();
  const analyser = sound.createAnalyser();
  sound.createMediaStreamSource(microphone).connect(analyser);
  const wave = new Uint8Array(analyser.fftSize);
  meter = setInterval(() => {
    const seconds = Math.floor((Date.now() - began) / 1000);
    $(".time", bar()).textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    analyser.getByteTimeDomainData(wave);
    $("meter", bar()).value = Math.max(...wave.map((v) => Math.abs(v - 128))) / 128;
  }, 100);
  recorder.onstop = () => {
    clearInterval(meter);
    sound.close();
    for (const track of microphone.getTracks()) track.stop();
  };
  $("audio", bar()).hidden = true;
  $("meter", bar()).hidden = false;
  $("[data-do=record-listen]").hidden = false;
  show(true);
  recorder.start();
  $("[data-do=record-send]").focus();
}

// stopped ends the recording and returns it.
async function stopped() {
  if (recorder.state !== "inactive") {
    const end = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
    recorder.stop();
    await end;
  }
  return new Blob(chunks, { type: recorder.mimeType });
}

// listen plays what was recorded, before it is sent.
export async function listen() {
  const player = $("audio", bar());
  player.src = URL.createObjectURL(await stopped());
  player.hidden = false;
  $("meter", bar()).hidden = true;
  $("[data-do=record-listen]").hidden = true;
  await player.play().catch(() => {}); // it was stopped, or the browser wants a press of its own: the controls are there
}

export async function cancel() {
  await stopped();
  show(false);
  $("#mic").focus();
}

export async function finish(send, label) {
  const recording = await stopped();
  show(false);
  $("#text").focus();
  await deliver(send, recording, label, true);
}
