// Questions and replies over HTTP.

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
    const options = { method: body ? "POST" : "GET", body: body && json(body), headers, signal };
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
        return (speech.language === "en" && (await serversWords(response))) || speech.say("refused");
      case 429:
        return speech.say("tooMany") + when;
      case 503:
        return speech.say("busy") + when;
    }
    const id = response.headers.get("X-Request-Id");
    return `${speech.say("broken")} ${speech.say("stays")}${id ? ` (${id})` : ""}`;
  }
}

// Old libraries give arrays and texts a toJSON of their own: the replacer takes each value as it was before that.
const json = (value) => JSON.stringify(value, function (key) { return this[key]; });

// Seconds or a date.
function secondsToWait(header) {
  const seconds = /^\d+$/.test(header ?? "") ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Math.min(Math.max(Math.ceil(seconds) || 0, 0), 3600);
}

async function serversWords(response) {
  const { error } = (await response.json().catch(() => null)) ?? {};
  return isText(error) ? error.slice(0, 500) : "";
}
