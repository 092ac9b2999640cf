// The guesses of a notebook in the HTML edition: its choices become buttons, and what answers stays folded until one
// is taken. Without this script the page is whole: choices as a list, the answer folded, outputs shown. On paper, too.
"use strict";
const NOTEBOOKS = JSON.parse(document.currentScript.dataset.right); // name: the right letters of its guesses, in order
const NAME = document.currentScript.dataset.name;
const KEY = "ragkit-guesses-";

function load(name) { // a letter for each guess, "-" where there is none yet
  let letters = "";
  try { letters = localStorage.getItem(KEY + name) || ""; } catch { /* a browser may forbid it for files */ }
  return letters.length === NOTEBOOKS[name].length ? letters : "-".repeat(NOTEBOOKS[name].length);
}

function save(letters) {
  try { localStorage.setItem(KEY + NAME, letters); } catch { /* then it counts until the page is left */ }
}

function make(tag, properties = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...inside);
  return made;
}

const count = (letters, right) => [...letters].filter((letter, i) => letter === right[i]).length;
const taken = letters => letters.replaceAll("-", "").length;
let mine = load(NAME);

class Guess {
  constructor(mark, number) {
    this.number = number;
    this.right = NOTEBOOKS[NAME][number];
    this.question = mark.closest("p");
    this.question.id = `guess-${number + 1}`;
    const list = this.question.nextElementSibling, answer = list.nextElementSibling;
    list.classList.add("paper");
    answer.classList.add("paper");
    this.said = make("p", { className: "said", role: "status" });
    this.why = [...answer.querySelector("p").childNodes].slice(1).map(node => node.cloneNode(true));
    this.buttons = [...list.children].map(item => this.button(item));
    const skip = make("button", { type: "button", className: "skip" }, "show it");
    skip.addEventListener("click", () => this.take("?"));
    this.skip = skip;
    const choices = make("div", { className: "choices" }, ...this.buttons, skip);
    choices.setAttribute("role", "group");
    choices.setAttribute("aria-labelledby", this.question.id);
    answer.after(choices, this.said);
    this.folded = this.outputs(this.question.closest(".cell"));
    if (mine[number] === "-") this.folded.forEach(output => output.classList.add("untaken"));
    else this.show(mine[number]);
  }

  button(item) {
    const letter = item.textContent.trim()[0];
    const button = make("button", { type: "button" }, ...[...item.childNodes].map(node => node.cloneNode(true)));
    button.dataset.letter = letter;
    button.addEventListener("click", () => this.take(letter));
    return button;
  }

  outputs(cell) { // of the next cells, up to the next guess; which ones, the notebook says
    const found = [];
    while ((cell = cell.nextElementSibling) && !marksIn(cell).length)
      if (cell.classList.contains("celltag_folded")) found.push(cell.querySelector(".output_wrapper"));
    return found.filter(Boolean);
  }

  take(letter) {
    if (mine[this.number] !== "-") return; // the first one counts
    mine = mine.slice(0, this.number) + letter + mine.slice(this.number + 1);
    save(mine);
    this.show(letter);
    tally();
  }

  show(letter) {
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", button.dataset.letter === letter);
      button.setAttribute("aria-disabled", true);
      button.classList.toggle("right", button.dataset.letter === this.right);
    }
    if (this.skip === document.activeElement) this.buttons[0].focus();
    this.skip.remove();
    const verdict = letter === this.right ? "Right." : letter === "?" ? `It is ${this.right}).` : `No, ${this.right}).`;
    this.said.replaceChildren(make("strong", {}, verdict), ...this.why.map(node => node.cloneNode(true)));
    this.folded.forEach(output => output.classList.remove("untaken"));
  }
}

function marksIn(part) {
  return [...part.querySelectorAll("p > strong")].filter(each => each.textContent === "Guess first.");
}

function tally() {
  const place = document.getElementById("your-guesses");
  if (!place) return;
  const cell = place.closest(".cell"), right = NOTEBOOKS[NAME];
  const all = Object.keys(NOTEBOOKS).map(name => [name === NAME ? mine : load(name), NOTEBOOKS[name]]);
  const sum = part => all.reduce((total, each) => total + part(...each), 0);
  const box = document.querySelector(".tally") || make("div", { className: "tally" });
  const wrong = guesses.filter(each => !["-", "?", each.right].includes(mine[each.number]));
  const line = `guesses ${NAME} ${mine.replaceAll("?", "-")}`;
  box.replaceChildren(
    make("p", { role: "status" }, make("strong", {}, `You guessed ${count(mine, right)} of ${right.length} here`),
      `, and ${sum(count)} of ${sum((_, each) => each.length)} in the whole course (${sum(taken)} taken so far).`));
  if (wrong.length)
    box.append(make("p", {}, "Surprising: "), make("ul", {}, ...wrong.map(each => make("li", {},
      make("a", { href: `#${each.question.id}` }, each.question.textContent.split("Guess first.")[1].trim())))));
  const again = make("button", { type: "button" }, "guess again");
  again.addEventListener("click", () => { save("-".repeat(right.length)); location.reload(); });
  box.append(make("p", {}, "For a teacher: ", make("code", {}, line), " "), again);
  if (box.isConnected) return;
  for (const each of [...cell.querySelectorAll("h3 ~ p"), cell.nextElementSibling]) each.classList.add("paper");
  cell.after(box);
}

const guesses = marksIn(document).map((mark, number) => new Guess(mark, number));
tally();
