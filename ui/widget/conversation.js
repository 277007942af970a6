// The conversation of this tab.

const MAX_TURNS = 20; // kept in one conversation
const MAX_HISTORY = 10; // turns sent with a question

/** This tab's turns, {question, answer, verdict}, and the draft: what was asked in vain. Without storage they last as
    long as the page. */
class Conversation {
  constructor(base) {
    this.key = `qa-widget ${base}`;
    this.turns = [];
    this.draft = "";
    this.restore();
  }

  // Also when the browser goes back to a page as it was: others of this tab have written meanwhile.
  restore() {
    try {
      const { turns = [], closed, draft, title } = JSON.parse(sessionStorage.getItem(this.key)) ?? {};
      Object.assign(this, { closed, draft: isText(draft) ? draft : "", title: isText(title) ? title : "" });
      this.turns = turns.filter(isTurn).slice(-MAX_TURNS);
    } catch {}
  }

  // A full store loses the oldest turns.
  keep() {
    for (let first = 0; first <= this.turns.length; first++) {
      try {
        const { turns, closed, draft, title } = this;
        sessionStorage.setItem(this.key, json({ turns: turns.slice(first), closed, draft, title }));
        break;
      } catch {}
    }
  }

  add(turn) {
    this.turns = [...this.turns, turn].slice(-MAX_TURNS);
    this.save("");
  }

  clear() {
    this.turns = [];
    this.save("");
  }

  save(draft) {
    this.draft = draft;
    this.keep();
  }

  /** Before a turn, or all. */
  history(turn) {
    const before = turn ? this.turns.slice(0, this.turns.indexOf(turn)) : this.turns;
    return before.slice(-MAX_HISTORY).map(({ question, answer }) => ({ question, answer: answer.answer ?? null }));
  }
}
