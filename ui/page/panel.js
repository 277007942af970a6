// The article beside the chat. Gradio's HTML component gives: element, server.
// Every citation on the page is a .qa-cite button; one listener on the document serves them all, restored ones too.

const panel = element.querySelector(".qa-panel");
const shown = element.querySelector(".qa-shown");
const sheet = window.matchMedia("(max-width: 899px)"); // as in article.css: the article covers the chat
let opener = null;
let latest = 0;

const reading = () => document.body.classList.contains("qa-reading");

// What a sheet covers must not take the focus.
function cover() {
  const covered = sheet.matches && reading();
  for (const other of [document.querySelector("#qa-bar"), document.querySelector("#qa-chat")]) {
    if (other) other.inert = covered;
  }
}

function mark(button) {
  document.querySelectorAll(".qa-cite[aria-current]").forEach((old) => old.removeAttribute("aria-current"));
  button?.setAttribute("aria-current", "true");
}

function close() {
  if (!reading()) return;
  if (history.state?.qaSheet) {
    history.back(); // comes back here with the state gone
    return;
  }
  latest++;
  document.body.classList.remove("qa-reading");
  cover();
  mark(null);
  if (opener?.isConnected) opener.focus({ preventScroll: true });
}

function say(text) {
  const line = document.createElement("p");
  line.className = "qa-note";
  line.textContent = text;
  shown.replaceChildren(line);
}

async function open(button) {
  const request = ++latest;
  opener = button;
  // A phone's "back" closes the sheet instead of leaving the page.
  if (sheet.matches && !reading()) history.pushState({ ...history.state, qaSheet: true }, "");
  document.body.classList.add("qa-reading");
  cover();
  mark(button);
  button.scrollIntoView({ block: "nearest" }); // the narrower chat is longer
  const waiting = setTimeout(() => request === latest && say("Opening…"), 150);
  try {
    const html = await server.open_article({
      article_id: button.dataset.article,
      start: Number(button.dataset.start),
      end: Number(button.dataset.end),
      quoted: button.closest(".qa-source").querySelector(".qa-quote").textContent,
    });
    if (request !== latest) return;
    if (typeof html !== "string") throw new Error("no article"); // without a connection Gradio returns nothing
    shown.innerHTML = html; // escaped by the server
    shown.querySelector("h2")?.focus({ preventScroll: true });
    const top = shown.querySelector("#qa-highlight");
    if (top) top.scrollIntoView({ block: "center" });
    else shown.parentElement.scrollTop = 0;
  } catch {
    if (request === latest) say("The article could not be opened. Is the server still running?");
  } finally {
    clearTimeout(waiting);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".qa-cite");
  if (button) open(button);
});
element.addEventListener("click", (event) => event.target.closest("[data-do=close]") && close());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) close();
});
document.addEventListener("qa-close-article", close);
window.addEventListener("popstate", close);
sheet.addEventListener("change", cover);
