// The retrieval bench: three weights, the score of every passage along the book, right pages in front counted.
// scores[method][question][passage], 0 to 9999; marks[question][passage]: a sentence's first letter and the one after it;
// passages: place, text, pieces of blocks [first letter, the one after, file, page, x0, y0, x1, y1].
function play(root, {methods, weights, scores, right, questions, marks, passages}) {
  const {part, make, controls, say} = frame(root), image = part("picture"), link = part("open");
  const svg = new DOMParser().parseFromString(atob(image.src.split(",")[1]), "image/svg+xml").documentElement;
  svg.setAttribute("style", "width:100%;height:auto");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", image.alt);
  image.replaceWith(svg);
  const bars = [...svg.querySelectorAll("rect")];
  const total = (q, mix) => passages.map((_, i) => mix.reduce((sum, weight, m) => sum + weight * scores[m][q][i], 0));
  const best = values => values.indexOf(Math.max(...values));
  const count = mix => questions.filter((_, q) => right[q].includes(best(total(q, mix)))).length;
  const mixes = []; // all that add up to 1, in steps of 0.1
  for (let a = 0; a <= 10; a++) for (let b = 0; a + b <= 10; b++) mixes.push(count([a, b, 10 - a - b]));
  const shares = values => {
    const sum = values.reduce((all, each) => all + each, 0) || 1;
    return values.map(each => each / sum);
  };
  const blocks = new Map(); // by page and rectangle: the pieces in it, one for each passage that has a part of it
  passages.forEach(([, , pieces], i) => pieces.forEach(([first, last, ...at]) => {
    blocks.set(`${at}`, [...(blocks.get(`${at}`) ?? []), {i, first, last, at}]);
  }));
  const reach = (low, high) => { // margins as wide on one side as on the other
    const edges = [...blocks.values()].map(([{at}]) => at);
    return Math.min(...edges.map(at => at[low])) + Math.max(...edges.map(at => at[high]));
  };
  const wide = reach(2, 4), high = reach(3, 5);
  let q = 0, open = -1;

  function draw(...values) {
    const chosen = values.pop();
    if (chosen !== open && open >= 0) return show(chosen);
    q = values.pop();
    const mix = shares(values), heights = total(q, mix), first = best(heights), top = Math.max(heights[first], 1);
    bars.forEach((bar, i) => {
      const height = Math.max(1, 150 * Math.max(0, heights[i]) / top);
      bar.setAttribute("height", height);
      bar.setAttribute("y", 150 - height);
      bar.setAttribute("fill", right[q].includes(i) ? "#009e73" : "#8c8c8c");
      bar.setAttribute("stroke", i === first ? "#d55e00" : "none");
    });
    const n = count(mix), as_good = mixes.filter(each => each >= n).length;
    say(`A right page in front: ${n} of ${questions.length} questions. `
      + `Of ${mixes.length} mixes in steps of 0.1, ${as_good} are as good or better.`);
    show(first);
  }
  function show(i) {
    const [place, text, pieces] = passages[i], [start, end] = marks[q][i];
    const [, , file, page] = pieces.find(piece => piece[1] > start) ?? pieces[0];
    part("place").textContent = `${place}, ${right[q].includes(i) ? "right" : "not right"}.`;
    part("passage").replaceChildren(...marked(text, start, end));
    part("page").hidden = false;
    part("page").style.aspectRatio = `${wide} / ${high}`;
    const here = [...blocks.values()].filter(([{at}]) => at[0] === file && at[1] === page);
    part("page").replaceChildren(...here.map(pieces => draw_block(pieces, i, start, end)));
    if (link) link.href = `${link.getAttribute("href").split("#")[0]}#page=${page + 1}`;
    bars.forEach((bar, j) => bar.setAttribute("fill-opacity", i === j ? 1 : 0.6));
    const slider = root.querySelectorAll("input")[methods.length];
    open = slider.value = i;
    slider.setAttribute("aria-valuetext", part("place").textContent);
    slider.nextElementSibling.textContent = place;
  }
  function marked(text, start, end) {
    return [text.slice(0, start), make("mark", {}, text.slice(start, end)), text.slice(end)];
  }
  // A block where it stands on its page, in letters of the size that fills its rectangle.
  function draw_block(pieces, opened, start, end) {
    const [, , x0, y0, x1, y1] = pieces[0].at, letters = pieces.reduce((sum, {first, last}) => sum + last - first, 0);
    const size = Math.min(Math.sqrt((x1 - x0) * (y1 - y0) / (0.62 * letters)), y1 - y0);
    const style = `position:absolute;left:${100 * x0 / wide}%;top:${100 * y0 / high}%;width:${100 * (x1 - x0) / wide}%;`
      + `font-size:${100 * size / wide}cqw;line-height:1.2;white-space:pre-line`;
    return make("div", {style}, ...pieces.map(({i, first, last}) => {
      const inside = at => i === opened ? Math.min(Math.max(at, first), last) - first : 0;
      const text = passages[i][1].slice(first, last);
      return make("span", {style: i === opened ? "color:#000" : ""}, ...marked(text, inside(start), inside(end)), " ");
    }));
  }
  bars.forEach((bar, i) => bar.addEventListener("click", () => show(i)));
  controls([...methods.map((name, m) => ({name, min: 0, max: 100, value: 100 * weights[m],
    say: (value, values) => shares(values.slice(0, methods.length))[m].toFixed(2)})),
    {name: "Question", options: questions},
    {name: "Open passage", min: 0, max: passages.length - 1, value: 0}], draw);
}
