const search = document.getElementById("search");
const buttons = [...document.querySelectorAll(".filters button")];
const questions = [...document.querySelectorAll("#questions details")].map((element) => ({
  element,
  outcome: element.dataset.outcome,
  text: element.textContent.toLowerCase(),
}));
let outcome = "";

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const question of questions) {
    const fits = (!outcome || question.outcome === outcome) && words.every((word) => question.text.includes(word));
    question.element.hidden = !fits;
    shown += fits;
  }
  document.getElementById("count").value =
    shown === 0 ? "No question fits." : `${shown.toLocaleString("en")} of ${questions.length.toLocaleString("en")}`;
}

search.addEventListener("input", filter);
for (const button of buttons) {
  button.addEventListener("click", () => {
    outcome = button.dataset.outcome;
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    filter();
  });
}
filter();
