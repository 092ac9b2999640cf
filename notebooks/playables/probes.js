// Probes against recall: what is found, and how many rows are compared for it.
function play(root, {probes, recall, compared, range}) { // recall[asker][step], compared[step]: 0 to 1
  const {controls, bar, say} = frame(root), percent = share => `${(100 * share).toFixed(0)}%`, last = probes.length - 1;
  controls([{name: "Cells searched", ...range, say: i => `${probes[i]} of ${probes[last]}`}], i => {
    recall.forEach((shares, asker) => bar(asker, 0, shares[i], percent(shares[i])));
    bar(recall.length, 0, compared[i], percent(compared[i]));
    say(`One row in ${(1 / compared[i]).toFixed(1)} is compared. `
      + `Of its ten nearest rows, a question finds ${(10 * recall[0][i]).toFixed(1)} on average.`);
  });
}
