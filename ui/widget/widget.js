// <script src="https://qa.example/widget.js" data-title="Ask the handbook" defer></script>
// README, "Widget", lists attributes, events and custom properties. Whatever page and articles say is set as text.

(() => {
  "use strict";

  if (window.QAWidget) return;

  const MAX_QUESTION = 1000; // code points, as for the server
  const MAX_TURNS = 20; // kept in one conversation
  const MAX_HISTORY = 10; // turns sent with a question
  const MAX_SHOWN = 20; // sources in a list
  const SLOW_MS = 3000;

  // words ----------

  const WORDS = {
    en: {
      title: "Ask the articles",
      close: "Close",
      send: "Send",
      fresh: "New conversation",
      retry: "Try again",
      back: "Back to the answer",
      log: "Conversation",
      box: "Your question",
      placeholder: "Ask a question…",
      welcome: "What would you like to know?",
      promise: "Answers are exact quotations, with their source. Nothing is made up.",
      searching: "Searching",
      slow: "Still searching",
      understood: "Understood as: {text}",
      high: "High confidence",
      medium: "Medium confidence",
      low: "Low confidence",
      other: "Another article says",
      none: "Not found in these articles.",
      "nothing found": "None of them is about this.",
      unsure: "None of what comes closest is surely an answer.",
      contradiction: "The closest ones say different things.",
      closest: "Closest sentences, which may not answer your question:",
      newTab: " (new tab)",
      inArticle: ", show in the article",
      changed: "The article has changed since this answer.",
      gone: "This article is no longer there.",
      right: "Does this answer it?",
      rightNone: "Is it right that the articles don’t say?",
      yes: "Yes",
      no: "No",
      thanks: "Thank you.",
      unsent: "Your verdict could not be sent.",
      tooLong: "A question can have {most} characters; this one has {n}.",
      unreachable: "The assistant can’t be reached. Is there a connection?",
      timeout: "No answer came within {n}.",
      signIn: "You are not signed in, or no longer. Sign in and reload this page.",
      forbidden: "This page may not ask the assistant.",
      refused: "This question was not accepted.",
      tooMany: "Too many questions at the moment.",
      busy: "The assistant is busy at the moment.",
      wait: "Try again in {n}.",
      broken: "Something went wrong on the server.",
      unreadable: "The assistant’s reply can’t be read.",
      stays: "If it stays so, tell whoever runs it.",
    },
    de: {
      title: "Fragen an die Artikel",
      close: "Schließen",
      send: "Senden",
      fresh: "Neues Gespräch",
      retry: "Noch einmal",
      back: "Zurück zur Antwort",
      log: "Gespräch",
      box: "Ihre Frage",
      placeholder: "Stellen Sie eine Frage …",
      welcome: "Was möchten Sie wissen?",
      promise: "Antworten sind wörtliche Zitate mit Quelle. Nichts ist erfunden.",
      searching: "Wird gesucht",
      slow: "Wird noch gesucht",
      understood: "Verstanden als: {text}",
      high: "Hohe Sicherheit",
      medium: "Mittlere Sicherheit",
      low: "Geringe Sicherheit",
      other: "In einem anderen Artikel steht",
      none: "In diesen Artikeln nicht gefunden.",
      "nothing found": "Keiner von ihnen handelt davon.",
      unsure: "Nichts, was nahekommt, ist sicher eine Antwort.",
      contradiction: "Was am nächsten kommt, widerspricht sich.",
      closest: "Die nächsten Sätze, die die Frage vielleicht nicht beantworten:",
      newTab: " (neuer Tab)",
      inArticle: ", im Artikel zeigen",
      changed: "Der Artikel hat sich seit dieser Antwort geändert.",
      gone: "Diesen Artikel gibt es nicht mehr.",
      right: "Beantwortet das die Frage?",
      rightNone: "Sagen die Artikel dazu wirklich nichts?",
      yes: "Ja",
      no: "Nein",
      thanks: "Danke.",
      unsent: "Ihr Urteil konnte nicht gesendet werden.",
      tooLong: "Eine Frage kann {most} Zeichen haben; diese hat {n}.",
      unreachable: "Der Assistent ist nicht erreichbar. Besteht eine Verbindung?",
      timeout: "In {n} kam keine Antwort.",
      signIn: "Sie sind nicht oder nicht mehr angemeldet. Melden Sie sich an und laden Sie die Seite neu.",
      forbidden: "Diese Seite darf den Assistenten nicht fragen.",
      refused: "Diese Frage wurde nicht angenommen.",
      tooMany: "Im Moment sind es zu viele Fragen.",
      busy: "Der Assistent ist gerade ausgelastet.",
      wait: "Versuchen Sie es in {n} noch einmal.",
      broken: "Auf dem Server ist etwas schiefgegangen.",
      unreadable: "Die Antwort des Assistenten ist nicht lesbar.",
      stays: "Bleibt es so, sagen Sie es den Betreibern.",
    },
  };

  class Speech {
    constructor(wanted) {
      const known = (wanted || "en").toLowerCase().split(/[-_]/)[0];
      this.language = Object.hasOwn(WORDS, known) ? known : "en";
      this.locale = this.language === "en" ? "en-GB" : this.language;
    }

    say(key, values = {}) {
      return WORDS[this.language][key].replace(/\{(\w+)\}/g, (_, name) => this.written(values[name]));
    }

    written(value) {
      return typeof value === "number" ? value.toLocaleString(this.locale) : value;
    }

    seconds(n) {
      return n.toLocaleString(this.locale, { style: "unit", unit: "second", unitDisplay: "long" });
    }

    confidence(probability) {
      const words = this.say(probability >= 0.8 ? "high" : probability >= 0.5 ? "medium" : "low");
      return `${words} · ${probability.toLocaleString(this.locale, { style: "percent" })}`;
    }

    /** "2024-03-12T08:00:00Z" → "12 Mar 2024", the day as written; what is no date stays. */
    date(published) {
      const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(published) ?? [];
      const date = new Date(Date.UTC(year, month - 1, day));
      if (Number.isNaN(date.getTime())) return published;
      const shape = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
      return date.toLocaleDateString(this.locale, shape);
    }
  }

  // style ----------

  // The page's rules reach the host element only, where an !important of the shadow tree beats theirs. Sizes are em of
  // the reader's own font size; rem would be the page's. Popovers are above every z-index and outside every transform.
  const STYLE = `
    :host { all: initial !important; display: contents !important; }
    *, ::before, ::after { box-sizing: border-box; }
    [hidden] { display: none !important; }

    .root {
      --accent: var(--qa-accent, #0b5cad);
      --on-accent: var(--qa-on-accent, #fff);
      --surface: var(--qa-background, #fff);
      --text: var(--qa-text, #1c2127);
      --mark: var(--qa-mark, #ffefa8);
      --mark-text: var(--qa-mark-text, #1c2127);
      --bad: var(--qa-error, #a11a1a);
      --link: var(--accent);
      --back: color-mix(in srgb, var(--surface) 96%, var(--text));
      --soft: color-mix(in srgb, var(--text) 74%, var(--surface));
      --line: color-mix(in srgb, var(--text) 16%, var(--surface));
      --edge: color-mix(in srgb, var(--text) 55%, var(--surface));
      --hover: color-mix(in srgb, var(--text) 7%, var(--surface));
      --own: color-mix(in srgb, var(--accent) 12%, var(--surface));
      --radius: var(--qa-radius, 12px);
      --offset: var(--qa-offset, 1.25em);
      --shadow: 0 2px 8px rgb(0 0 0 / 14%), 0 12px 36px rgb(0 0 0 / 20%);
      display: contents;
      color: var(--text);
      color-scheme: light;
      font: var(--qa-font-size, 1em)/1.5 var(--qa-font, system-ui, sans-serif);
    }
    .root.dark {
      --surface: var(--qa-background, #1c2026);
      --text: var(--qa-text, #e4e8ed);
      --mark: var(--qa-mark, #66530f);
      --mark-text: var(--qa-mark-text, #fff6d5);
      --bad: var(--qa-error, #ff9d95);
      --link: color-mix(in srgb, var(--accent) 45%, #fff);
      --back: color-mix(in srgb, var(--surface) 70%, #000);
      --own: color-mix(in srgb, var(--accent) 30%, var(--surface));
      color-scheme: dark;
    }

    button, textarea { margin: 0; border: 1px solid transparent; background: none; color: inherit; font: inherit; }
    button { cursor: pointer; }
    button:disabled { cursor: default; opacity: 0.55; }
    h2, h3, p, blockquote, ol { margin: 0; padding: 0; }
    p, h3, blockquote, textarea, .cite, .example { text-align: start; unicode-bidi: plaintext; }
    svg {
      flex: none;
      width: 1.25em;
      height: 1.25em;
      fill: none;
      stroke: currentColor;
      stroke-width: 2;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
    :focus { outline: none; }
    :focus-visible:not(textarea) { outline: 2px solid var(--link); outline-offset: 2px; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .quiet { color: var(--soft); font-size: 0.875em; }

    /* Button and panel */

    .launcher, .corner .panel { position: fixed; inset: auto; z-index: 2147483647; }
    .launcher {
      display: flex;
      align-items: center;
      gap: 0.5em;
      max-width: min(20em, 100vw - 2 * var(--offset));
      min-height: 3.25em;
      padding: 0 1.25em 0 1em;
      overflow: hidden;
      border-color: color-mix(in srgb, var(--on-accent) 35%, transparent);
      border-radius: 1.625em;
      background: var(--accent);
      box-shadow: var(--shadow);
      color: var(--on-accent);
      font-weight: 600;
    }
    .launcher:hover, .send:hover { filter: brightness(1.15); }
    .launcher:focus-visible { outline-color: var(--on-accent); outline-offset: -5px; }
    .bottom .launcher { bottom: max(var(--offset), env(safe-area-inset-bottom)); }
    .top .launcher { top: max(var(--offset), env(safe-area-inset-top)); }
    .left :is(.launcher, .panel) { left: var(--offset); }
    .right :is(.launcher, .panel) { right: var(--offset); }

    .panel {
      display: flex;
      flex-direction: column;
      width: 100%;
      height: var(--qa-height, 36em);
      margin: 0;
      padding: 0;
      overflow: hidden;
      border: 1px solid var(--line);
      border-radius: calc(var(--radius) + 2px);
      background: var(--back);
      color: var(--text);
      overflow-wrap: anywhere;
    }
    .corner .panel {
      width: min(var(--qa-width, 26em), 100vw - 2 * var(--offset));
      height: min(var(--qa-height, 42em), 100dvh - 2 * var(--offset) - 4em);
      box-shadow: var(--shadow);
    }
    .bottom .panel { bottom: calc(var(--offset) + 4em); }
    .top .panel { top: calc(var(--offset) + 4em); }
    @media (max-width: 480px), (max-height: 480px) {
      .corner .panel { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; }
      .open .launcher { display: none; }
    }
    @media (max-width: 480px) {
      .launcher { width: 3.5em; min-height: 3.5em; justify-content: center; padding: 0; border-radius: 50%; }
      .launcher span { display: none; }
      .launcher svg { width: 1.5em; height: 1.5em; }
    }
    @media (prefers-reduced-motion: no-preference) {
      .corner .panel { animation: rise 0.16s ease-out; }
      .dots { animation: pulse 1.2s ease-in-out infinite; }
    }
    @keyframes rise { from { opacity: 0; transform: translateY(8px); } }
    @keyframes pulse { 50% { opacity: 0.2; } }
    @media print { .corner { display: none; } }

    header {
      display: flex;
      flex: none;
      align-items: center;
      gap: 0.25em;
      min-height: 3.25em;
      padding: 0.5em;
      padding-inline-start: 1em;
      border-bottom: 1px solid var(--line);
      background: var(--surface);
    }
    header h2 { flex: 1; font-size: 1em; font-weight: 600; }
    header h2, .launcher span { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .plain, .pill { padding: 0.375em 0.625em; border-radius: 8px; white-space: nowrap; }
    .plain { color: var(--soft); font-size: 0.875em; }
    .pill { padding-block: 0.125em; border-color: var(--line); background: var(--surface); color: var(--text); }
    .pill[aria-pressed="true"] { border-color: var(--link); color: var(--link); font-weight: 600; }
    :is(.plain, .pill, .cite):hover { background: var(--hover); }
    .icon { display: flex; padding: 0.5em; font-size: 1em; }

    /* Conversation */

    .log, .article {
      flex: 1;
      min-height: 0;
      padding: 1em;
      overflow-y: auto;
      overscroll-behavior: contain;
    }
    .log:focus-visible, .article:focus-visible { outline-offset: -2px; }
    .welcome { display: grid; gap: 0.5em; padding-top: 0.5em; }
    h3 { font-size: 1.25em; font-weight: 600; line-height: 1.3; }
    .welcome p { margin-bottom: 0.5em; }
    .welcome p, .waiting { color: var(--soft); }
    .example, .source {
      padding: 0.75em 0.875em 0.625em;
      border: 1px solid var(--line);
      border-radius: var(--radius);
      background: var(--surface);
    }
    .example { font-size: 0.9375em; }
    .example:hover { border-color: var(--link); }

    .asked {
      width: fit-content;
      max-width: 88%;
      margin: 0 0 0.75em;
      margin-inline-start: auto;
      padding: 0.5em 0.875em;
      border: 1px solid transparent;
      border-radius: var(--radius);
      border-end-end-radius: 4px;
      background: var(--own);
      white-space: pre-wrap;
    }
    .answer, .sources { display: grid; gap: 0.625em; list-style: none; }
    .answer + .asked { margin-top: 1.5em; }
    blockquote {
      margin-bottom: 0.5em;
      padding-inline-start: 0.75em;
      border-inline-start: 3px solid var(--link);
      font-size: 1.0625em;
      white-space: pre-line;
    }
    blockquote::before { content: open-quote; }
    blockquote::after { content: close-quote; }
    mark { padding: 0.05em 0.1em; border-radius: 3px; background: var(--mark); color: var(--mark-text); }
    blockquote mark { font-weight: 600; }
    :is(.source + .source, .closest, .other) blockquote { border-color: var(--line); font-size: 1em; }
    :is(.closest, .other) mark { font-weight: inherit; }
    .cite {
      display: block;
      width: calc(100% + 0.75em);
      margin: 0 -0.375em;
      padding: 0.25em 0.375em;
      border-radius: 6px;
      color: var(--soft);
      font-size: 0.875em;
      text-decoration: none;
    }
    .cite span:not(.unseen) { display: inline-block; unicode-bidi: plaintext; }
    .cite b { color: var(--link); font-weight: 500; }
    .cite:hover b { text-decoration: underline; }
    .declined { font-weight: 600; }
    .declined span { font-weight: 400; }
    .other { display: grid; gap: 0.375em; padding-top: 0.5em; }
    .verdict { display: flex; flex-wrap: wrap; align-items: center; gap: 0.375em; }

    /* The article */

    .article { background: var(--surface); }
    .article .plain { display: flex; align-items: center; gap: 0.25em; margin: -0.375em -0.625em 0.5em; }
    .article .text { margin-top: 0.875em; white-space: pre-wrap; }
    .note { margin-top: 0.75em; padding: 0.5em 0.75em; border-radius: 6px; background: var(--hover); }

    /* Question box */

    form {
      flex: none;
      padding: 0.625em 0.75em max(0.75em, env(safe-area-inset-bottom));
      border-top: 1px solid var(--line);
      background: var(--surface);
    }
    .problem {
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: 0.75em;
      margin-bottom: 0.625em;
      padding: 0.5em;
      padding-inline-start: 0.75em;
      border: 1px solid var(--line);
      border-inline-start: 3px solid var(--bad);
      border-radius: 6px;
      color: var(--bad);
      font-size: 0.9375em;
      line-height: 1.4;
    }
    .problem .pill { flex: none; padding: 0.25em 0.75em; font-variant-numeric: tabular-nums; }
    .box {
      display: flex;
      align-items: flex-end;
      gap: 0.25em;
      padding: 0.25em;
      border: 1px solid var(--edge);
      border-radius: var(--radius);
    }
    .box:focus-within { outline: 2px solid var(--link); outline-offset: -1px; }
    .box:has([aria-invalid]) { outline-color: var(--bad); }
    textarea {
      flex: 1;
      min-width: 0;
      max-height: 9.5em;
      padding: 0.375em 0.5em;
      border: 0;
      resize: none;
    }
    textarea::placeholder { color: var(--soft); opacity: 1; }
    .send {
      display: flex;
      padding: 0.5625em;
      border-radius: calc(var(--radius) - 3px);
      background: var(--accent);
      color: var(--on-accent);
    }
  `;

  // elements ----------

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children.filter(Boolean));
    return element;
  }

  function button(className, label, action, ...children) {
    const made = make("button", { type: "button", class: className }, ...(children.length ? children : [label]));
    if (children.length) made.setAttribute("aria-label", label);
    made.addEventListener("click", action);
    return made;
  }

  const ICONS = {
    ask: "M4 4.5h16v12H11l-4.5 4v-4H4zM8.5 9h7M8.5 12h4.5",
    fold: "M6 9.5l6 6 6-6",
    close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
    send: "M12 19V5.5M6 11.5l6-6 6 6",
    back: "M14.5 5.5L8 12l6.5 6.5",
  };

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", ICONS[name]);
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.append(path);
    return svg;
  }

  // scrollIntoView would scroll the page as well.
  function scrollTo(scroller, element, margin) {
    scroller.scrollTop += element.getBoundingClientRect().top - scroller.getBoundingClientRect().top - margin;
  }

  // what comes from the server ----------

  const isText = (value) => typeof value === "string";
  const isTextOrNone = (value) => (value ?? null) === null || isText(value);
  const isListOf = (is) => (value) => Array.isArray(value) && value.every(is);

  function isCitation(value) {
    return (
      Number.isInteger(value?.n) &&
      [value.article_id, value.title, value.sentence].every(isText) &&
      [value.url, value.author, value.published].every(isTextOrNone) &&
      [value.start, value.end].every(Number.isInteger)
    );
  }

  function isAlternative(value) {
    return Number.isFinite(value?.confidence) && isListOf(isCitation)(value.citations);
  }

  function isAnswer(value) {
    return (
      [value?.question, value?.standalone_question].every(isText) &&
      typeof value.answered === "boolean" &&
      Number.isFinite(value.confidence) &&
      isTextOrNone(value.answer) &&
      [value.citations, value.closest].every(isListOf(isCitation)) &&
      isListOf(isAlternative)(value.alternatives) &&
      value.answered === value.citations.length > 0
    );
  }

  function isTurn(value) {
    return isText(value?.question) && isAnswer(value.answer) && [null, "up", "down"].includes(value.verdict);
  }

  // quotations and links ----------

  /** [before, marked, after]; start and end in Unicode code points, as Python counts, not UTF-16 units. */
  function cut(text, start, end) {
    const points = Array.from(text);
    return [points.slice(0, start), points.slice(start, end), points.slice(end)].map((part) => part.join(""));
  }

  /** The sentence, the answering span in <mark> unless it is the whole sentence or nonsense. */
  function quoted({ sentence, span, start: offset }) {
    if (!Array.isArray(span) || !span.every(Number.isInteger)) return [sentence];
    const [start, end] = [span[0] - offset, span[1] - offset];
    const length = Array.from(sentence).length;
    const wholeFrom = Array.from(sentence.replace(/[ .!?]+$/, "")).length;
    if (start < 0 || start >= end || end > length || end - start >= wholeFrom) return [sentence];
    const [before, marked, after] = cut(sentence, start, end);
    return [before, make("mark", {}, marked), after];
  }

  /** An absolute http(s) address: an article must not bring in javascript: or data:. */
  function isSafe(url) {
    return isText(url) && /^https?:\/\/[^/?#]/i.test(url) && !/[\0-\x20\\]/.test(url) && URL.canParse(url);
  }

  /** With a text fragment: the browser scrolls to the sentence, found by its first and last words. */
  function withFragment(url, sentence) {
    const words = sentence.trim().toWellFormed().split(/\s+/);
    const parts = words.length <= 8 ? [words] : [words.slice(0, 4), words.slice(-4)];
    const text = parts.map((part) => encodeURIComponent(part.join(" ")).replaceAll("-", "%2D")).join(",");
    const joint = url.includes(":~:") ? "&" : url.includes("#") ? ":~:" : "#:~:";
    return `${url}${joint}text=${text}`;
  }

  // Browsers resolve "..": slashes beside a dot stay encoded.
  const articlePath = (id) => `/articles/${encodeURIComponent(id.toWellFormed()).replace(/(?<!\.)%2F(?!\.)/g, "/")}`;

  /** Where a quotation stands today, in code points; null if nowhere. */
  function located(text, { sentence, start, end }) {
    if (cut(text, start, end)[1] === sentence) return [start, end];
    const at = text.indexOf(sentence);
    if (at < 0) return null;
    const before = Array.from(text.slice(0, at)).length;
    return [before, before + Array.from(sentence).length];
  }

  // transport ----------

  /** status: HTTP's, 0 without a response; wait: seconds, 0 if unknown. */
  class Failure extends Error {
    constructor(message, status = 0, wait = 0) {
      super(message);
      this.status = status;
      this.wait = wait;
    }
  }

  const TIMEOUT = "timeout";
  const GIVEN_UP = "given up";

  class Api {
    constructor({ base, credentials, token, timeout }, speech) {
      this.base = base;
      this.credentials = credentials;
      this.timeout = timeout;
      this.speech = speech;
      this.underway = new Set();
      this.setToken(token);
    }

    /** token: text, or a function, which is called again after a 401. */
    setToken(token) {
      this.source = token || null;
      this.known = null;
    }

    async ask(question, history) {
      const answer = await this.call("/api/ask", { question, history });
      if (!isAnswer(answer)) throw this.unreadable();
      return answer;
    }

    async article(id) {
      const article = await this.call(`/api${articlePath(id)}`);
      if (![article?.title, article?.text].every(isText)) throw this.unreadable();
      return article;
    }

    examples() {
      return this.call("/api/examples");
    }

    judge(verdict, answer, history) {
      return this.call("/api/feedback", { verdict, answer, history });
    }

    giveUp() {
      for (const controller of this.underway) controller.abort(GIVEN_UP);
    }

    /** The reply's JSON, null for 204; a GET where there is no body. Throws Failure or GIVEN_UP. */
    async call(path, body) {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(TIMEOUT), this.timeout * 1000);
      // A race, because the page's token function can't be aborted.
      const aborted = new Promise((_, reject) => {
        controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
      });
      this.underway.add(controller);
      try {
        return await Promise.race([this.exchange(path, body, controller.signal), aborted]);
      } catch (error) {
        if (error !== TIMEOUT) throw error;
        throw new Failure(this.speech.say("timeout", { n: this.speech.seconds(this.timeout) }));
      } finally {
        clearTimeout(timer);
        this.underway.delete(controller);
      }
    }

    async exchange(path, body, signal) {
      let response = await this.send(path, body, signal);
      if (response.status === 401 && typeof this.source === "function") {
        this.known = null;
        response = await this.send(path, body, signal);
      }
      if (!response.ok) throw await this.failure(response);
      if (response.status === 204) return null;
      try {
        return await response.json();
      } catch {
        throw this.unreadable(response.status);
      }
    }

    async send(path, body, signal) {
      const token = await this.token();
      const headers = { Accept: "application/json" };
      if (token) headers.Authorization = `Bearer ${token}`;
      if (body) headers["Content-Type"] = "application/json";
      const options = { method: body ? "POST" : "GET", body: body && JSON.stringify(body), headers, signal };
      try {
        // A redirect leads to a sign-in page, perhaps of another host: the question must not follow.
        return await fetch(this.base + path, { ...options, credentials: this.credentials, redirect: "manual" });
      } catch {
        throw new Failure(this.speech.say("unreachable"));
      }
    }

    async token() {
      if (typeof this.source !== "function") return this.source;
      try {
        this.known ??= await this.source();
      } catch {
        throw new Failure(this.speech.say("signIn"), 401);
      }
      return this.known;
    }

    unreadable(status = 200) {
      return new Failure(`${this.speech.say("unreadable")} ${this.speech.say("stays")}`, status);
    }

    async failure(response) {
      const wait = secondsToWait(response.headers.get("Retry-After"));
      const status = response.type === "opaqueredirect" ? 401 : response.status;
      return new Failure(await this.explained(response, status, wait), status, wait);
    }

    async explained(response, status, wait) {
      const { speech } = this;
      const when = wait ? ` ${speech.say("wait", { n: speech.seconds(wait) })}` : "";
      switch (status) {
        case 401:
          return speech.say("signIn");
        case 403:
          return speech.say("forbidden");
        case 413:
        case 422:
          return (await serversWords(response)) || speech.say("refused");
        case 429:
          return speech.say("tooMany") + when;
        case 503:
          return speech.say("busy") + when;
      }
      const id = response.headers.get("X-Request-Id");
      return `${speech.say("broken")} ${speech.say("stays")}${id ? ` (${id})` : ""}`;
    }
  }

  // Seconds or a date.
  function secondsToWait(header) {
    const seconds = /^\d+$/.test(header ?? "") ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
    return Math.min(Math.max(Math.ceil(seconds) || 0, 0), 3600);
  }

  async function serversWords(response) {
    const { error } = (await response.json().catch(() => null)) ?? {};
    return isText(error) ? error.slice(0, 500) : "";
  }

  // conversation ----------

  /** This tab's turns, {question, answer, verdict}; without storage they last as long as the page. */
  class Conversation {
    constructor(base) {
      this.key = `qa-widget ${base}`;
      this.turns = [];
      this.restore();
    }

    restore() {
      try {
        const { turns, closed } = JSON.parse(sessionStorage.getItem(this.key));
        this.closed = closed;
        this.turns = turns.filter(isTurn).slice(-MAX_TURNS);
      } catch {}
    }

    // A full store loses the oldest turns.
    keep() {
      for (let first = 0; first <= this.turns.length; first++) {
        try {
          sessionStorage.setItem(this.key, JSON.stringify({ turns: this.turns.slice(first), closed: this.closed }));
          break;
        } catch {}
      }
    }

    add(turn) {
      this.turns = [...this.turns, turn].slice(-MAX_TURNS);
      this.keep();
    }

    clear() {
      this.turns = [];
      this.keep();
    }

    /** Before a turn, or all. */
    history(turn) {
      const before = turn ? this.turns.slice(0, this.turns.indexOf(turn)) : this.turns;
      return before.slice(-MAX_HISTORY).map(({ question, answer }) => ({ question, answer: answer.answer ?? null }));
    }
  }

  // answers ----------

  class AnswerView {
    constructor(speech, api, { openArticle, judge }) {
      Object.assign(this, { speech, api, openArticle, judge });
    }

    question(text) {
      return make("p", { class: "asked" }, text);
    }

    answer(turn) {
      const { answer } = turn;
      return make(
        "div",
        { class: "answer" },
        this.understood(answer),
        ...(answer.answered ? this.found(answer) : this.declined(answer)),
        this.judge && this.verdict(turn),
      );
    }

    understood({ question, standalone_question: standalone }) {
      if (standalone.trim() === question.trim()) return null;
      return this.quiet(this.speech.say("understood", { text: standalone }));
    }

    found({ citations, confidence, alternatives }) {
      return [
        this.sources(citations),
        this.quiet(this.speech.confidence(confidence)),
        ...alternatives.slice(0, MAX_SHOWN).map((other) => this.alternative(other)),
      ];
    }

    alternative({ citations, confidence }) {
      const words = this.speech.confidence(confidence);
      const label = `${this.speech.say("other")} · ${words[0].toLowerCase()}${words.slice(1)}`;
      return make("section", { class: "other" }, this.quiet(label), this.sources(citations));
    }

    quiet(text) {
      return make("p", { class: "quiet" }, text);
    }

    declined({ declined, closest }) {
      const why = ["nothing found", "unsure", "contradiction"].includes(declined) && ` ${this.speech.say(declined)}`;
      const line = make("p", { class: "declined" }, this.speech.say("none"), why && make("span", {}, why));
      if (!closest.length) return [line];
      const unmarked = closest.map((citation) => ({ ...citation, span: null }));
      return [line, this.quiet(this.speech.say("closest")), this.sources(unmarked, " closest")];
    }

    sources(citations, more = "") {
      const items = citations.slice(0, MAX_SHOWN).map((citation) => this.source(citation));
      return make("ol", { class: `sources${more}` }, ...items);
    }

    source(citation) {
      const quotation = make("blockquote", {}, ...quoted(citation));
      return make("li", { class: "source" }, quotation, this.origin(citation));
    }

    /** Opens the original, else the assistant's page; or the panel, as a link can't bring a token. */
    origin(citation) {
      const { article_id: id, title, url, author, published, sentence, start, end, n } = citation;
      const about = this.about({ author, published });
      const words = [`[${n}] `, make("b", {}, title), about && " · ", about && make("span", {}, about)];
      if (!isSafe(url) && this.api.source) {
        const opener = make("button", { type: "button", class: "cite" }, ...words, this.unseen("inArticle"));
        opener.addEventListener("click", () => this.openArticle(citation, opener));
        return opener;
      }
      const own = `${this.api.base}${articlePath(id)}?start=${start}&end=${end}#qa-highlight`;
      const href = isSafe(url) ? withFragment(url, sentence) : own;
      return make("a", { class: "cite", href, target: "_blank", rel: "noopener" }, ...words, this.unseen("newTab"));
    }

    about({ author, published }) {
      return [published && this.speech.date(published), author].filter(Boolean).join(" · ");
    }

    unseen(key) {
      return make("span", { class: "unseen" }, this.speech.say(key));
    }

    verdict(turn) {
      const asked = this.speech.say(turn.answer.answered ? "right" : "rightNone");
      const group = make("div", { class: "verdict quiet", role: "group", "aria-label": asked }, asked);
      for (const [value, key] of [["up", "yes"], ["down", "no"]]) {
        const choice = button("pill", this.speech.say(key), () => this.judge(turn, value, group));
        choice.dataset.verdict = value;
        group.append(choice);
      }
      group.append(make("span", { role: "status" }));
      this.press(group, turn.verdict);
      return group;
    }

    press(group, verdict) {
      for (const choice of group.querySelectorAll("[data-verdict]")) {
        choice.setAttribute("aria-pressed", choice.dataset.verdict === verdict);
      }
    }

    article(article, citation) {
      const { title, text } = article;
      const place = located(text, citation);
      const [before, marked, after] = place ? cut(text, ...place) : [text];
      const body = before.startsWith(`${title}\n`) ? before.slice(title.length).trimStart() : before;
      return [
        make("h3", { tabindex: "-1" }, title),
        this.quiet(this.about(article)),
        !place && make("p", { class: "note" }, this.speech.say("changed")),
        make("p", { class: "text" }, body, marked && make("mark", {}, marked), after),
      ].filter(Boolean);
    }
  }

  // widget ----------

  class Widget {
    constructor(settings) {
      this.settings = settings;
      this.speech = new Speech(settings.language);
      this.api = new Api(settings, this.speech);
      this.conversation = new Conversation(settings.base);
      this.view = new AnswerView(this.speech, this.api, {
        openArticle: (citation, opener) => this.openArticle(citation, opener),
        judge: settings.feedback && ((turn, value, group) => this.judgeTurn(turn, value, group)),
      });
      this.life = new AbortController(); // its signal ends the listeners outside the shadow root
      this.isOpen = Boolean(settings.target);
      this.asking = null; // an object of its own for each question under way
      this.build();
      this.draw();
      this.follow();
      this.place();
      if (settings.open && !this.conversation.closed) this.open({ focus: false });
    }

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
      this.setTitle(settings.title || this.speech.say("title"));
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
      return make("header", {}, this.heading, this.freshButton, !this.settings.target && close);
    }

    buildLog() {
      this.welcome = make("div", { class: "welcome" });
      const attributes = { class: "log", role: "log", "aria-live": "polite", "aria-label": this.speech.say("log") };
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
      if (hadFocus) this.launcher.focus({ preventScroll: true });
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
    }

    start() {
      if (this.started) return;
      this.started = true;
      this.loadExamples();
      if (this.settings.question && !this.conversation.turns.length) this.ask(this.settings.question);
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

    // The conversation

    draw() {
      const { turns } = this.conversation;
      const shown = turns.flatMap((turn) => [this.view.question(turn.question), this.view.answer(turn)]);
      this.log.replaceChildren(this.welcome, ...shown);
      this.freshen();
    }

    freshen() {
      const isEmpty = this.log.children.length === 1;
      this.welcome.hidden = !isEmpty;
      this.freshButton.hidden = isEmpty;
      if (isEmpty && !this.welcome.hasChildNodes()) this.greet();
      if (isEmpty && this.started) this.loadExamples();
    }

    greet(examples = []) {
      const { speech } = this;
      this.welcome.replaceChildren(
        make("h3", {}, speech.say("welcome")),
        make("p", {}, speech.say("promise")),
        ...examples.map((example) => button("example", example, () => this.ask(example))),
      );
    }

    async loadExamples() {
      if (this.knowsExamples) return;
      this.knowsExamples = true;
      const known = await this.api.examples().catch(() => null);
      if (!known) this.knowsExamples = false;
      const { title, examples } = known ?? {};
      this.greet(isListOf(isText)(examples) ? examples.slice(0, 5) : []);
      if (!this.settings.title && isText(title) && title) this.setTitle(title);
    }

    clear() {
      this.keepFocus();
      this.api.giveUp();
      this.setAsking(null);
      this.conversation.clear();
      this.clearProblem();
      this.showLog();
      this.draw();
    }

    toLatest() {
      const last = [...this.log.querySelectorAll(".asked")].at(-1);
      if (last) scrollTo(this.log, last, 16);
    }

    setAsking(asking) {
      this.asking = asking;
      this.sendButton.disabled = this.retryButton.disabled = Boolean(asking);
      this.form.setAttribute("aria-busy", Boolean(asking));
    }

    setBox(text) {
      this.box.value = text;
      this.fit();
    }

    fit() {
      this.box.style.height = "auto";
      if (this.box.scrollHeight) this.box.style.height = `${this.box.scrollHeight}px`;
    }

    onInput() {
      this.fit();
      if (this.box.hasAttribute("aria-invalid")) this.clearProblem();
    }

    /** The answer, or null. */
    async ask(text) {
      const question = text.trim();
      const length = Array.from(question).length;
      if (!question || this.asking || length > MAX_QUESTION) {
        if (question) this.setBox(text);
        if (length > MAX_QUESTION) this.refuse(length);
        this.box.focus({ preventScroll: true });
        return null;
      }
      this.showLog();
      this.clearProblem();
      this.setBox("");
      this.keepFocus();
      return this.exchange(question);
    }

    // The pressed button is about to go. On phones the box would bring up the keyboard.
    keepFocus() {
      const focused = this.host.shadowRoot.activeElement;
      if (!focused || focused === this.box) return;
      (matchMedia("(hover: hover)").matches ? this.box : this.log).focus({ preventScroll: true });
    }

    async exchange(question) {
      const asking = {};
      const asked = this.view.question(question);
      const waiting = make("p", { class: "waiting" });
      const say = (key) => waiting.replaceChildren(this.speech.say(key), make("span", { class: "dots" }, "…"));
      const slow = setTimeout(say, SLOW_MS, "slow");
      say("searching");
      this.setAsking(asking);
      this.log.append(asked, waiting);
      this.freshen();
      this.toLatest();
      try {
        const answer = await this.api.ask(question, this.conversation.history());
        this.show({ question, answer, verdict: null }, waiting);
        return answer;
      } catch (error) {
        waiting.remove();
        asked.remove();
        if (error !== GIVEN_UP) this.fail(question, error);
        return null;
      } finally {
        clearTimeout(slow);
        if (this.asking === asking) this.setAsking(null);
      }
    }

    show(turn, waiting) {
      this.conversation.add(turn);
      waiting.replaceWith(this.view.answer(turn));
      this.toLatest();
      this.emit("answer", turn.answer);
    }

    // The question goes back into the box, before what has been typed since.
    fail(question, error) {
      if (!(error instanceof Failure)) reportError(error);
      const { message, status, wait } = error instanceof Failure ? error : new Failure(this.speech.say("broken"));
      this.failed = question;
      this.setBox([question, this.box.value].filter(Boolean).join("\n"));
      this.setAsking(null);
      this.freshen();
      this.showProblem(message, true);
      this.count(wait);
      this.emit("error", { status, message });
    }

    refuse(length) {
      this.showProblem(this.speech.say("tooLong", { most: MAX_QUESTION, n: length }), false);
      this.box.setAttribute("aria-invalid", "true");
      this.box.setAttribute("aria-describedby", "problem");
    }

    showProblem(message, canRetry) {
      this.problem.hidden = false;
      this.problemText.textContent = message;
      this.retryButton.hidden = !canRetry;
    }

    clearProblem() {
      clearTimeout(this.counting);
      this.problem.hidden = true;
      this.problemText.textContent = "";
      this.box.removeAttribute("aria-invalid");
      this.box.removeAttribute("aria-describedby");
    }

    count(seconds) {
      this.retryButton.textContent = this.speech.say("retry") + (seconds ? ` (${seconds})` : "");
      this.retryButton.disabled = seconds > 0;
      if (seconds) this.counting = setTimeout(() => this.count(seconds - 1), 1000);
    }

    // Verdicts

    /** Pressed again, a verdict is taken back. */
    async judgeTurn(turn, value, group) {
      const verdict = turn.verdict === value ? null : value;
      const said = group.querySelector("[role=status]");
      try {
        await this.api.judge(verdict, turn.answer, this.conversation.history(turn));
      } catch (error) {
        if (error.status === 404) group.remove(); // the server keeps none
        else if (error !== GIVEN_UP) said.textContent = this.speech.say("unsent");
        return;
      }
      turn.verdict = verdict;
      this.conversation.keep();
      this.view.press(group, verdict);
      said.textContent = verdict ? this.speech.say("thanks") : "";
    }

    // The article

    async openArticle(citation, opener) {
      this.reading = opener;
      this.scrolled = this.log.scrollTop;
      this.showArticle(make("p", { class: "quiet", role: "status" }, `${this.speech.say("searching")}…`));
      try {
        const article = await this.api.article(citation.article_id);
        if (this.reading === opener) this.showArticle(...this.view.article(article, citation));
      } catch (error) {
        if (error === GIVEN_UP || this.reading !== opener) return;
        const message = error.status === 404 ? this.speech.say("gone") : error.message;
        this.showArticle(make("p", { class: "note", role: "alert" }, message));
      }
    }

    showArticle(...content) {
      const back = button("plain", "", () => this.goBack());
      back.append(icon("back"), this.speech.say("back"));
      this.log.hidden = true;
      this.article.hidden = false;
      this.article.replaceChildren(back, ...content);
      (this.article.querySelector("h3") ?? back).focus({ preventScroll: true });
      const mark = this.article.querySelector("mark");
      if (mark) scrollTo(this.article, mark, this.article.clientHeight / 3);
    }

    goBack() {
      const opener = this.reading;
      this.showLog();
      opener.focus({ preventScroll: true });
    }

    showLog() {
      if (this.article.hidden) return;
      this.reading = null;
      this.article.hidden = true;
      this.log.hidden = false;
      this.log.scrollTop = this.scrolled;
    }

    setToken(token) {
      const hadToken = Boolean(this.api.source);
      this.api.setToken(token);
      if (Boolean(token) !== hadToken && !this.asking) this.draw(); // sources are links or buttons
    }

    openAndAsk(text) {
      this.settings.question = "";
      this.open();
      return this.ask(String(text ?? ""));
    }
  }

  /** Shows or hides; in the top layer where the browser has popovers, else above by z-index. */
  function raise(element, isShown) {
    element.hidden = !isShown;
    if (element.isConnected) element.togglePopover?.(isShown);
  }

  // start ----------

  // A module is not told which script it is.
  function ownScript() {
    if (document.currentScript) return document.currentScript;
    return [...document.querySelectorAll("script[src]")].findLast((script) => /widget\.js([?#]|$)/.test(script.src));
  }

  function baseOf(script) {
    const url = script?.dataset.api ? new URL(script.dataset.api, document.baseURI) : new URL(".", script?.src);
    return (url.origin + url.pathname).replace(/\/+$/, "");
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
      target: data.target || "",
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
})();
