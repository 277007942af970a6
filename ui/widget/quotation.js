// Quotations, and where they stand.

/** [before, marked, after]; start and end in Unicode code points, as Python counts, not UTF-16 units. */
function cut(text, start, end) {
  const points = [...text];
  return [points.slice(0, start), points.slice(start, end), points.slice(end)].map((part) => part.join(""));
}

/** The sentence, the answering span in <mark> unless it is the whole sentence or nonsense. */
function quoted({ sentence, span, start: offset }) {
  if (!Array.isArray(span) || !span.every(Number.isInteger)) return [sentence];
  const [start, end] = [span[0] - offset, span[1] - offset];
  const length = [...sentence].length;
  const wholeFrom = [...sentence.replace(/[ .!?]+$/, "")].length;
  if (start < 0 || start >= end || end > length || end - start >= wholeFrom) return [sentence];
  const [before, marked, after] = cut(sentence, start, end);
  return [before, make("mark", {}, marked), after];
}

/** An absolute http(s) address: an article must not bring in javascript: or data:. */
function isSafe(url) {
  return isText(url) && /^https?:\/\/[^/?#]/i.test(url) && !/[\0-\x20\\]/.test(url) && (URL.canParse?.(url) ?? true);
}

/** With a text fragment, by which the browser scrolls to the sentence: found by its first and last words, a row of a
    table by its first two cells. (Of a long text each difference to the page would be one too many.) */
function withFragment(url, sentence) {
  const [[first, ...more], mark] = sentence.includes(" | ")
    ? [sentence.split(" | ", 2), ",-"]
    : [sentence.trim().split(/\s*\n\s*/), ","];
  const words = first.split(/\s+/);
  const n = Math.min(8, words.length >> 1);
  const ends = words.length > 8 ? [words.slice(0, n).join(" "), words.slice(-n).join(" ")] : [words.join(" ")];
  const parts = more.length ? [first, more.at(-1)] : ends;
  const text = parts.map((part) => encoded(part.trim()).replaceAll("-", "%2D")).join(mark);
  const joint = url.includes(":~:") ? "&" : url.includes("#") ? ":~:" : "#:~:";
  return `${url}${joint}text=${text}`;
}

// By which the assistant's page sees whether the article still says so: see ui/article_page.py.
const checked = (text) => [...text].reduce((found, point) => (found * 31 + point.codePointAt()) % 4294967291, 7);

// Half a surrogate pair can't be encoded.
const encoded = (text) => encodeURIComponent(text.toWellFormed?.() ?? text);

// Browsers resolve "..": slashes beside a dot stay encoded.
const articlePath = (id) => `/articles/${encoded(id).replace(/(?<!\.)%2F(?!\.)/g, "/")}`;

/** Where a quotation stands today, in code points; null if nowhere. */
function located(text, { sentence, start, end }) {
  if (cut(text, start, end)[1] === sentence) return [start, end];
  const at = text.indexOf(sentence);
  if (at < 0) return null;
  const before = [...text.slice(0, at)].length;
  return [before, before + [...sentence].length];
}
