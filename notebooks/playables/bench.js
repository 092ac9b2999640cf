// The retrieval bench: three weights, the score of every passage along the book, right pages in front counted.
function play(root, {methods, weights, scores, right, questions, passages}) { // scores[method][question][passage], 0 to 9999
  const part = name => root.querySelector(`[data-part=${name}]`), image = part("picture");
  const svg = new DOMParser().parseFromString(atob(image.src.split(",")[1]), "image/svg+xml").documentElement;
  svg.setAttribute("style", "width:100%;height:auto");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", image.alt);
  image.replaceWith(svg);
  const bars = [...svg.querySelectorAll("rect")];
  const make = (tag, properties, ...inside) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...inside);
    return made;
  };
  const total = (q, mix) => passages.map((_, i) => mix.reduce((sum, weight, m) => sum + weight * scores[m][q][i], 0));
  const best = values => values.indexOf(Math.max(...values));
  const count = mix => questions.filter((_, q) => right[q].includes(best(total(q, mix)))).length;
  const mixes = []; // all that add up to 1, in steps of 0.1
  for (let a = 0; a <= 10; a++) for (let b = 0; a + b <= 10; b++) mixes.push(count([a, b, 10 - a - b]));

  const choice = make("select", {style: "max-width:100%;font:inherit"}, ...questions.map(text => make("option", {}, text)));
  const sliders = methods.map((_, m) => make("input", {type: "range", min: 0, max: 100, value: 100 * weights[m]}));
  const numbers = methods.map(() => make("output", {}));
  part("controls").replaceChildren(
    ...methods.map((name, m) => make("label", {style: "display:flex;gap:0.6rem;flex-wrap:wrap;align-items:center"},
      make("span", {style: "width:6rem"}, name), sliders[m], numbers[m])),
    make("label", {style: "display:block;margin-top:0.5rem"}, "Question: ", choice));

  function draw() {
    const sum = sliders.reduce((all, each) => all + +each.value, 0) || 1, mix = sliders.map(each => each.value / sum);
    const q = choice.selectedIndex, values = total(q, mix), first = best(values), top = Math.max(values[first], 1);
    numbers.forEach((each, m) => each.textContent = mix[m].toFixed(2));
    bars.forEach((bar, i) => {
      const height = Math.max(1, 150 * Math.max(0, values[i]) / top);
      bar.setAttribute("height", height);
      bar.setAttribute("y", 150 - height);
      bar.setAttribute("fill", right[q].includes(i) ? "#009e73" : "#8c8c8c");
      bar.setAttribute("stroke", i === first ? "#d55e00" : "none");
    });
    const n = count(mix), as_good = mixes.filter(each => each >= n).length;
    part("count").textContent = `A right page in front: ${n} of ${questions.length} questions. `
      + `Of ${mixes.length} mixes in steps of 0.1, ${as_good} are as good or better.`;
    show(first);
  }
  function show(i) {
    const q = choice.selectedIndex;
    part("passage").textContent = `${passages[i][0]}${right[q].includes(i) ? ", right" : ", not right"}: ${passages[i][1]}`;
  }
  [...sliders, choice].forEach(each => each.addEventListener("input", draw));
  bars.forEach((bar, i) => bar.addEventListener("click", () => show(i)));
  draw();
}
