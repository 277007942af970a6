// Button and panel: how they are built, where they stand, how they open and close.

/** What goes on in the panel is a Widget's: it has settings, speech and conversation. */
class Frame {
  // Building

  build() {
    const { settings } = this;
    this.host = document.createElement("qa-widget");
    const shadow = this.host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    this.root = make("div", { class: "root", lang: this.speech.language });
    this.root.classList.add(...(settings.target ? ["inline"] : ["corner", ...settings.position]));
    if (CSS.supports("color", settings.accent)) this.root.style.setProperty("--qa-accent", settings.accent);
    if (!settings.target) this.root.append(this.buildLauncher());
    this.root.append(this.buildPanel());
    shadow.append(this.root);
    this.setTitle(settings.title || this.conversation.title || this.speech.say("title"));
  }

  buildLauncher() {
    this.launcher = button("launcher", "", () => (this.isOpen ? this.close() : this.open()));
    this.launcher.popover = "manual";
    this.launcher.setAttribute("aria-expanded", "false");
    this.launcher.addEventListener("keydown", (event) => event.key === "Escape" && this.isOpen && this.close());
    return this.launcher;
  }

  buildPanel() {
    const { settings } = this;
    this.panel = make(
      "section",
      { class: "panel", role: settings.target ? "region" : "dialog", "aria-labelledby": "title" },
      this.buildHeader(),
      this.buildLog(),
      (this.article = make("article", { class: "article", hidden: "", tabindex: "0" })),
      this.buildForm(),
      (this.status = make("p", { class: "unseen", role: "status" })),
    );
    if (!settings.target) this.panel.popover = "manual";
    // The page's shortcuts must not hear what is typed here, nor its focus traps fetch the focus back.
    for (const type of ["keydown", "keyup", "keypress", "focusin"]) {
      this.panel.addEventListener(type, (event) => event.stopPropagation());
    }
    this.panel.addEventListener("keydown", (event) => this.onKey(event));
    return this.panel;
  }

  buildHeader() {
    const { speech } = this;
    this.heading = make("h2", { id: "title" });
    this.freshButton = button("plain", speech.say("fresh"), () => this.clear());
    const close = button("plain icon", speech.say("close"), () => this.close(), icon("close"));
    return make("div", { class: "bar" }, this.heading, this.freshButton, !this.settings.target && close);
  }

  buildLog() {
    this.welcome = make("div", { class: "welcome" });
    // What is said aloud is the answer alone: in the status, see `show`.
    const attributes = { class: "log", role: "log", "aria-live": "off", "aria-label": this.speech.say("log") };
    return (this.log = make("div", { ...attributes, tabindex: "0" }, this.welcome));
  }

  buildForm() {
    const { settings, speech } = this;
    this.problemText = make("p", { role: "alert", id: "problem" });
    this.retryButton = button("pill", speech.say("retry"), () => this.ask(this.box.value.trim() || this.failed));
    this.problem = make("div", { class: "problem", hidden: "" }, this.problemText, this.retryButton);
    const placeholder = settings.placeholder || speech.say("placeholder");
    this.box = make("textarea", { rows: "1", "aria-label": speech.say("box"), placeholder, enterkeyhint: "send" });
    this.box.addEventListener("input", () => this.onInput());
    this.sendButton = button("send", speech.say("send"), () => this.ask(this.box.value), icon("send"));
    this.form = make("form", {}, this.problem, make("div", { class: "box" }, this.box, this.sendButton));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    return this.form;
  }

  setTitle(title) {
    this.heading.textContent = title;
    this.launcher?.replaceChildren(icon(this.isOpen ? "fold" : "ask"), make("span", {}, title));
    this.launcher?.setAttribute("aria-label", title);
  }

  // Standing in the page

  follow() {
    const { signal } = this.life;
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.narrow = matchMedia("(max-width: 480px), (max-height: 480px)"); // as in STYLE
    for (const media of [this.dark, this.narrow]) media.addEventListener("change", () => this.adapt(), { signal });
    this.adapt();
    addEventListener("pageshow", (event) => event.persisted && this.comeBack(), { signal });
    this.observer = new MutationObserver(() => this.returnSoon());
  }

  adapt() {
    const { theme, target } = this.settings;
    this.root.classList.toggle("dark", theme === "dark" || (theme !== "light" && this.dark.matches));
    if (!target) this.panel.setAttribute("aria-modal", this.narrow.matches);
  }

  // Beside <body>, which may be replaced, hidden or inert.
  place() {
    const { target } = this.settings;
    const parent = target ? document.querySelector(target) : document.documentElement;
    this.observer.observe(document, { childList: true, subtree: Boolean(target) });
    if (!parent) return;
    if (!target) this.observer.observe(parent, { childList: true });
    parent.append(this.host);
    if (target) {
      this.start();
    } else {
      raise(this.launcher, true);
      raise(this.panel, this.isOpen);
    }
    this.fit();
  }

  // Later: a page that keeps removing it must not hang.
  returnSoon() {
    if (this.host.isConnected || this.returning) return;
    this.returning = setTimeout(() => {
      this.returning = null;
      if (!this.host.isConnected) this.place();
    }, 50);
  }

  emit(name, detail = null) {
    const event = new CustomEvent(`qa:${name}`, { detail, bubbles: true, composed: true });
    (this.host.isConnected ? this.host : document).dispatchEvent(event);
  }

  destroy() {
    this.life.abort();
    this.observer.disconnect();
    this.api.giveUp();
    clearTimeout(this.returning);
    clearTimeout(this.counting);
    this.host.remove();
  }

  // Opening and closing

  open({ focus = true } = {}) {
    if (!this.isOpen) {
      this.opener = document.activeElement;
      this.setOpen(true);
      this.emit("open");
    }
    this.start();
    if (focus) this.box.focus({ preventScroll: !this.settings.target });
  }

  close() {
    if (!this.isOpen || this.settings.target) return;
    const hadFocus = this.host.shadowRoot.activeElement !== null;
    this.setOpen(false);
    // To where it came from, if by a script of the page.
    const isPages = this.opener?.isConnected && ![document.body, this.host].includes(this.opener);
    if (hadFocus) (isPages ? this.opener : this.launcher).focus({ preventScroll: true });
    this.emit("close");
  }

  setOpen(isOpen) {
    this.isOpen = isOpen;
    this.conversation.closed = !isOpen;
    this.conversation.keep();
    this.root.classList.toggle("open", isOpen);
    this.launcher.setAttribute("aria-expanded", isOpen);
    this.setTitle(this.heading.textContent);
    raise(this.panel, isOpen);
    if (isOpen) this.toLatest();
    this.fit();
  }

  onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && !this.article.hidden) this.goBack();
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" && this.launcher) this.cycle(event);
    else if (event.key === "Enter" && !event.shiftKey && event.target === this.box) {
      event.preventDefault();
      this.ask(this.box.value);
    }
  }

  cycle(event) {
    const all = [...this.panel.querySelectorAll("button:not(:disabled), a, textarea, [tabindex='0']")];
    const shown = all.filter((element) => element.getClientRects().length);
    const [from, to] = event.shiftKey ? [shown[0], shown.at(-1)] : [shown.at(-1), shown[0]];
    if (this.host.shadowRoot.activeElement !== from) return;
    event.preventDefault();
    to.focus();
  }
}
