// <script src="https://qa.example/widget.js" data-title="Ask the handbook" defer></script>
// README, "Widget", lists attributes, events and custom properties. Whatever page and articles say is set as text.

// A module is not told which script it is.
function ownScript() {
  const modules = [...document.querySelectorAll("script[type=module]")];
  return document.currentScript ?? modules.findLast((script) => /\/widget\.js([?#]|$)/.test(script.src));
}

function baseOf(script) {
  const url = script?.dataset.api ? new URL(script.dataset.api, document.baseURI) : new URL(".", script?.src);
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

function selector(text = "") {
  try {
    if (text) document.querySelector(text);
    return text;
  } catch {
    console.warn(`qa-widget: data-target="${text}" is no selector`);
    return "";
  }
}

function readSettings(script) {
  const data = script?.dataset ?? {};
  const isSet = (name) => name in data && data[name] !== "false";
  return {
    base: baseOf(script),
    accent: data.accent || "",
    credentials: data.credentials === "include" ? "include" : "same-origin",
    feedback: isSet("feedback"),
    language: data.language || document.documentElement.lang,
    open: isSet("open"),
    placeholder: data.placeholder || "",
    position: /^(top|bottom)-(left|right)$/.test(data.position) ? data.position.split("-") : ["bottom", "right"],
    question: data.question || "",
    target: selector(data.target),
    theme: data.theme || "auto",
    timeout: Number(data.timeout) > 0 ? Number(data.timeout) : 30,
    title: data.title || "",
    token: data.token || null,
  };
}

const widget = new Widget(readSettings(ownScript()));

window.QAWidget = Object.freeze({
  open: () => widget.open(),
  close: () => widget.close(),
  ask: (text) => widget.openAndAsk(text),
  clear: () => widget.clear(),
  setToken: (token) => widget.setToken(token),
  destroy() {
    widget.destroy();
    delete window.QAWidget;
  },
});
