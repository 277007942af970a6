// Answers and articles as elements.

const MAX_SHOWN = 20; // sources in a list

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

  /** What a screen reader says of it. */
  spoken({ answered, citations, declined }) {
    const [first] = citations;
    return answered ? `“${first.sentence}” – ${first.title}` : [this.speech.say("none"), this.why(declined)].join(" ");
  }

  why(declined) {
    return ["nothing found", "unsure", "contradiction"].includes(declined) ? this.speech.say(declined) : "";
  }

  quiet(text) {
    return make("p", { class: "quiet" }, text);
  }

  declined({ declined, closest }) {
    const line = make("p", { class: "declined" }, this.speech.say("none"), make("span", {}, ` ${this.why(declined)}`));
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
    const own = `${this.api.base}${articlePath(id)}?start=${start}&end=${end}&check=${checked(sentence)}#qa-highlight`;
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
