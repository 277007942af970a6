// Whether what comes from the server, or out of the store, has the form of an answer.

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
