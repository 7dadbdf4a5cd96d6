// Files and voice messages: they are put into the outbox, as any message.
import { $, notice } from "./kit.js";
import { send } from "./outbox.js";
import { notTaken } from "./limits.js";

// attach sends files that were chosen, dropped or pasted in a chat.
export function attach(chat, files) {
  for (const file of files) {
    const why = notTaken(file);
    if (why) notice(`${file.name}: ${why}`, true);
    else send({ file, text: "" }, chat, file.name || "imagen.png");
  }
}

let recording = null; // what is being recorded, and its chat; it may still wait for the microphone

const bar = () => $("#recording");

function show(shown) {
  bar().hidden = !shown;
  $(".field").hidden = shown;
}

// record starts a voice message in a chat, or says why there is none.
export async function record(chat, why) {
  if (why) return notice(why, true);
  if (recording) return;
  const mine = (recording = { chat, chunks: [] });
  try {
    begin(mine, await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } }));
  } catch {
    if (recording === mine) recording = null;
    return notice($("#composer").dataset.noMic, true);
  }
  if (recording !== mine) return void stop(mine); // another chat was opened meanwhile
  $("audio", bar()).hidden = true;
  $("meter", bar()).hidden = false;
  $("[data-do=record-listen]").hidden = false;
  show(true);
  $("[data-do=record-send]").focus();
}

// begin records what the microphone hears, and shows how loud it is.
function begin(mine, microphone) {
  const mimeType = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"].find((type) => MediaRecorder.isTypeSupported(type));
  mine.recorder = new MediaRecorder(microphone, { mimeType });
  mine.recorder.ondataavailable = (event) => mine.chunks.push(event.data);
  const began = Date.now();
  const sound = new AudioContext();
  const analyser = sound.createAnalyser();
  sound.createMediaStreamSource(microphone).connect(analyser);
  const wave = new Uint8Array(analyser.fftSize);
  const meter = setInterval(() => {
    if (recording !== mine) return;
    const seconds = Math.floor((Date.now() - began) / 1000);
    $(".time", bar()).textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    analyser.getByteTimeDomainData(wave);
    $("meter", bar()).value = Math.max(...wave.map((v) => Math.abs(v - 128))) / 128;
  }, 100);
  mine.recorder.onstop = () => {
    clearInterval(meter);
    sound.close();
    for (const track of microphone.getTracks()) track.stop();
  };
  mine.recorder.start();
}

// stop ends a recording and returns it.
async function stop({ recorder, chunks }) {
  if (recorder.state !== "inactive") {
    const end = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
    recorder.stop();
    await end;
  }
  return new Blob(chunks, { type: recorder.mimeType });
}

// leave ends what is recorded, and returns it; null: nothing was.
export function leave() {
  const mine = recording;
  recording = null;
  return mine?.recorder ? { chat: mine.chat, sound: stop(mine) } : null;
}

// listen plays what was recorded, before it is sent.
export async function listen() {
  const player = $("audio", bar());
  player.src = URL.createObjectURL(await stop(recording));
  player.hidden = false;
  $("meter", bar()).hidden = true;
  $("[data-do=record-listen]").hidden = true;
  await player.play().catch(() => {}); // it was stopped, or the browser wants a press of its own: the controls are there
}

export function cancel() {
  leave();
  show(false);
  $("#mic").focus();
}

// finish sends what was recorded, under a label while it is on its way.
export async function finish(label) {
  const recorded = leave();
  if (!recorded) return;
  show(false);
  $("#text").focus();
  send({ file: await recorded.sound, voice: true, text: "" }, recorded.chat, label);
}
