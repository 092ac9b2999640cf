// The chunk slider: whole sentences packed up to a limit.
function pack(counts, limit, overlap) { // as chunk_pages does it: first and one past the last of each chunk
  const groups = [], sum = (first, last) => counts.slice(first, last).reduce((all, each) => all + each, 0);
  for (let first = 0, covered = 0; covered < counts.length;) {
    while (first < covered && sum(first, covered + 1) > limit) first++; // the overlap gives way
    let last = covered + 1;
    while (last < counts.length && sum(first, last + 1) <= limit) last++;
    groups.push([first, last, sum(first, last)]);
    [first, covered] = [Math.max(last - overlap, first + 1), last];
  }
  return groups;
}
function play(root, {counts, special, tints, range}) {
  const {part, make, controls, say, count} = frame(root), sentences = root.querySelectorAll("[data-sentence]");
  // The text may be longer than the window: the sliders and what they say stay in sight while it is read.
  const style = "position:sticky;top:0;padding:2px 0;background:var(--page,Canvas)";
  root.prepend(make("div", {style}, part("controls"), part("count")));
  const sizes = groups => groups.map(group => group[2] + special);
  const total = groups => sizes(groups).reduce((all, each) => all + each, 0);
  controls([{name: "Size, at most", ...range, say: n => `${n} tokens`},
    {name: "Overlap", min: 0, max: 5, value: 0, say: n => n === 1 ? "1 sentence" : `${n} sentences`}], (most, overlap) => {
    const groups = pack(counts, most - special, overlap), more = total(groups) / total(pack(counts, most - special, 0)) - 1;
    sentences.forEach((sentence, i) => {
      const own = groups.map((_, k) => k).filter(k => groups[k][0] <= i && i < groups[k][1]);
      const begun = own.filter(k => groups[k][0] === i).map(k => `${k + 1} ▸ `);
      sentence.firstElementChild.textContent = begun.join("");
      sentence.style.background = tints[own[own.length - 1] % 2];
      sentence.style.textDecoration = own.length > 1 ? "underline" : "none";
    });
    say(`Chunks: ${groups.length}, of ${Math.min(...sizes(groups))} to ${Math.max(...sizes(groups))} tokens; `
      + `${count(total(groups))} tokens to embed, ${(100 * more).toFixed(0)}% more than without an overlap.`);
  });
}
