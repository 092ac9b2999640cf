// The temperature dial: the scores of the likeliest next tokens and of all others, made into probabilities.
function play(root, {words, scores, others, range}) { // others: [score, number of tokens]
  const {controls, bar, say} = frame(root);
  controls([{name: "Temperature", ...range, say: t => t.toFixed(1)}], t => {
    const weigh = score => Math.exp((score - scores[0]) / t);
    const weights = scores.map((score, i) => t ? weigh(score) : +(i === 0)); // 0: greedy
    weights.push(t ? others.reduce((sum, [score, n]) => sum + n * weigh(score), 0) : 0);
    const sum = weights.reduce((all, each) => all + each, 0), percent = weights.map(each => 100 * each / sum);
    percent.forEach((each, i) => bar(i, 0, each / 100, `${each.toFixed(1)}%`));
    say(`Of 100 draws, ${percent[0].toFixed(0)} are “${words[0]}” and `
      + `${percent[words.length].toFixed(0)} are none of these ${words.length}.`);
  });
}
