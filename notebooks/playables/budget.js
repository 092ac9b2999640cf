// The token budget: whole passages, best first, as long as one more fits.
function play(root, {lengths, passages, range}) { // lengths[n]: tokens of the prompt with the n best passages
  const {controls, bar, say, count} = frame(root), all = Math.max(range.max, ...lengths);
  controls([{name: "Budget", ...range, say: n => `${count(n)} tokens`}], budget => {
    const fits = lengths.filter(length => length <= budget).length - 1; // -1: not even the question
    bar(0, 0, budget / all, count(budget));
    lengths.forEach((length, n) => {
      const before = n ? lengths[n - 1] : 0;
      bar(n + 1, before / all, (length - before) / all, count(length - before), n <= fits);
    });
    say(fits < 1 ? "Not even the best passage fits: there is no prompt worth sending."
      : `${fits} of ${passages.length} passages fit: ${count(lengths[fits])} tokens, ${count(budget - lengths[fits])} left. `
        + `Left out: ${passages.slice(fits).join("; ") || "nothing"}.`);
  });
}
