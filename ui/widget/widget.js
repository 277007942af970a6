// What goes on in the panel.

const MAX_QUESTION = 1000; // code points, as for the server
const SLOW_MS = 3000;

class Widget extends Frame {
  constructor(settings) {
    super();
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
    this.setBox(this.conversation.draft);
    this.follow();
    this.place();
    if (settings.open && !this.conversation.closed) this.open({ focus: false });
  }

  // The conversation

  start() {
    if (this.started) return;
    this.started = true;
    this.loadExamples();
    if (this.settings.question && !this.conversation.turns.length) this.ask(this.settings.question);
  }

  // The browser has gone back to this page as it was.
  comeBack() {
    this.conversation.restore();
    if (!this.asking) this.draw();
  }

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
    if (this.settings.title || !isText(title) || !title) return;
    this.setTitle((this.conversation.title = title));
    this.conversation.keep();
  }

  clear() {
    this.keepFocus();
    this.api.giveUp();
    this.setAsking(null);
    if (this.box.value === this.conversation.draft) this.setBox("");
    this.status.textContent = "";
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
    const { length } = [...question];
    if (!question || this.asking || length > MAX_QUESTION) {
      if (question) this.setBox(text);
      if (length > MAX_QUESTION) this.refuse(length);
      this.box.focus({ preventScroll: true });
      return null;
    }
    this.showLog();
    this.clearProblem();
    this.setBox("");
    this.conversation.save(question); // until it is answered
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
    const say = (key) => {
      waiting.replaceChildren(this.speech.say(key), make("span", { class: "dots" }, "…"));
      this.status.textContent = this.speech.say(key);
    };
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
      for (const element of [waiting, asked]) element.replaceWith();
      this.status.textContent = "";
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
    this.status.textContent = this.view.spoken(turn.answer);
    this.toLatest();
    this.emit("answer", turn.answer);
  }

  // The question goes back into the box, before what has been typed since.
  fail(question, error) {
    if (!(error instanceof Failure)) reportError(error);
    const { message, status, wait } = error instanceof Failure ? error : new Failure(this.speech.say("broken"));
    this.failed = question;
    this.setBox([question, this.box.value].filter(Boolean).join("\n"));
    this.conversation.save(this.box.value);
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
      if (error.status === 404) {
        this.keepFocus();
        group.replaceWith(); // the server keeps none
      } else if (error !== GIVEN_UP) said.textContent = this.speech.say("unsent");
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
    if (Boolean(token) === hadToken || this.asking) return;
    this.keepFocus();
    this.draw(); // sources are links or buttons
  }

  openAndAsk(text) {
    this.settings.question = "";
    this.open();
    return this.ask(String(text ?? ""));
  }
}
