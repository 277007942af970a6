// What it says, in each language.

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
    unreachable: "The assistant can’t be reached from this page. Is there a connection?",
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
    unreachable: "Der Assistent ist von dieser Seite nicht erreichbar. Besteht eine Verbindung?",
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
    return `${words} · ${Math.min(probability, 0.99).toLocaleString(this.locale, { style: "percent" })}`;
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
