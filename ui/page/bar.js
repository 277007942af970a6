// Title bar, earlier chats, verdicts on answers. Gradio's HTML component gives: element, trigger, props, watch, server.
// props.value is the conversation on the page, {id, turns}, or null. The server gets it with each question and gives it
// back one turn longer; here it is kept in the browser's storage. Titles are set as text, never as HTML.

const STORE = "qa-chats"; // all chats, in every tab
const TAB = "qa-chat"; // the id of the chat in this tab, so that a reload finds it again: restore.js
const LIMIT = 50;

const dialog = element.querySelector("dialog");
const list = dialog.querySelector(".qa-past");

function chats() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE));
    return kept.filter((chat) => typeof chat?.id === "string" && chat.turns?.length);
  } catch {
    return [];
  }
}

// Read before each write: other tabs write too. A full store loses its oldest chats, a forbidden one keeps none.
function keep(all) {
  for (let n = Math.min(all.length, LIMIT); n >= 0; n--) {
    try {
      localStorage.setItem(STORE, JSON.stringify(all.slice(0, n)));
      return;
    } catch {
      continue;
    }
  }
}

function markTab(chat) {
  try {
    sessionStorage.setItem(TAB, chat?.id ?? "");
  } catch {
    // Without storage a reload starts afresh.
  }
}

function remember(chat) {
  const all = chats();
  const old = all.find((other) => other.id === chat.id);
  if (JSON.stringify(old?.turns) === JSON.stringify(chat.turns)) return;
  keep([{ ...chat, changed: Date.now() }, ...all.filter((old) => old.id !== chat.id)]);
}

function show(chat) {
  markTab(chat);
  props.value = chat;
  trigger("select");
  dialog.close();
  document.dispatchEvent(new Event("qa-close-article"));
  // Not on phones, where the keyboard would come up.
  if (matchMedia("(hover: hover)").matches) document.querySelector("#qa-box textarea")?.focus();
}

function button(className, label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = label;
  made.addEventListener("click", action);
  return made;
}

function listed(chat) {
  const item = document.createElement("li");
  const title = String(chat.turns[0]?.question ?? "");
  const open = button("qa-open", "", () => show({ id: chat.id, turns: chat.turns }));
  const name = document.createElement("span");
  const date = document.createElement("span");
  name.textContent = title;
  name.className = "qa-name";
  date.textContent = new Date(chat.changed || 0).toLocaleDateString(undefined, { dateStyle: "medium" });
  date.className = "qa-meta";
  open.append(name, date);
  if (chat.id === props.value?.id) open.setAttribute("aria-current", "true");
  const remove = button("qa-button qa-icon", "✕", () => {
    keep(chats().filter((other) => other.id !== chat.id));
    draw();
    (list.querySelector("button") ?? dialog.querySelector("[data-do=close]")).focus();
  });
  remove.setAttribute("aria-label", `Delete: ${title}`);
  item.append(open, remove);
  return item;
}

function draw() {
  const all = chats();
  list.replaceChildren(...all.map(listed));
  dialog.querySelector(".qa-none").hidden = all.length > 0;
  dialog.querySelector("[data-do=forget]").hidden = all.length === 0;
}

const actions = {
  new: () => show(null),
  history: () => {
    draw();
    dialog.showModal();
  },
  close: () => dialog.close(),
  forget: () => {
    keep([]);
    draw();
  },
};

element.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close(); // the backdrop
  actions[event.target.closest("[data-do]")?.dataset.do]?.();
});

// Pressed again, a verdict is taken back.
async function judge(button) {
  const number = Number(button.dataset.turn);
  const group = button.closest(".qa-verdict");
  const verdict = button.getAttribute("aria-pressed") === "true" ? null : button.dataset.verdict;
  const turns = (props.value?.turns ?? []).map((turn, i) => (i === number ? { ...turn, verdict } : turn));
  let problem = "";
  try {
    problem = await server.judge(turns.slice(0, number + 1));
  } catch {
    problem = "Your verdict could not be sent.";
  }
  group.querySelector("[role=status]").textContent = problem || (verdict ? "Thank you." : "");
  if (problem) return;
  for (const other of group.querySelectorAll("[data-verdict]")) {
    other.setAttribute("aria-pressed", String(other.dataset.verdict === verdict));
  }
  props.value = { ...props.value, turns };
  remember(props.value);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-verdict]");
  if (button) judge(button);
});

watch("value", () => {
  if (!props.value?.turns?.length) return;
  remember(props.value);
  markTab(props.value);
});

// Gradio names neither its send button nor what a message says.
function name() {
  document.querySelector("#qa-box .submit-button")?.setAttribute("aria-label", "Send");
  document.querySelectorAll("#qa-log [data-testid][aria-label]").forEach((row) => row.removeAttribute("aria-label"));
}

// Gradio would scroll to the end. A reader starts at the question: it comes to the top, again when its answer is in.
let seen = "";
function follow() {
  const asked = document.querySelectorAll("#qa-log .user-row");
  const state = `${asked.length} ${document.querySelector("#qa-log .qa-waiting") ? "waiting" : "answered"}`;
  if (state === seen) return;
  seen = state;
  asked[asked.length - 1]?.scrollIntoView({ block: "start" });
}

new MutationObserver(() => {
  name();
  follow();
}).observe(document.querySelector("gradio-app"), { childList: true, subtree: true });
