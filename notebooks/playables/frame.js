// What all playables share: named parts, labelled controls that a keyboard moves, rows of bars.
function frame(root) {
  const part = name => root.querySelector(`[data-part=${name}]`), rows = root.querySelectorAll("[data-bar]");
  const make = (tag, properties, ...inside) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...inside);
    return made;
  };
  // A range for each field, or a choice where it has options; `draw` takes all values, now and at each change.
  function controls(fields, draw) {
    const inputs = fields.map(({name, say, options, ...range}) => options
      ? make("select", {style: "max-width:100%;font:inherit"}, ...options.map(text => make("option", {}, text)))
      : make("input", {type: "range", style: "flex:0 1 14rem;min-width:9rem", ...range}));
    const said = fields.map(() => make("output", {ariaHidden: "true"})); // read aloud as the value of its control
    part("controls").replaceChildren(...inputs.map((input, i) => make("label",
      {style: "display:flex;gap:0.2rem 0.6rem;flex-wrap:wrap;align-items:center"},
      make("span", {style: "width:8rem"}, fields[i].name), input, said[i])));
    function change() {
      const values = inputs.map(input => input.type === "range" ? +input.value : input.selectedIndex);
      fields.forEach(({say}, i) => {
        said[i].textContent = say ? say(values[i], values) : "";
        if (say) inputs[i].setAttribute("aria-valuetext", said[i].textContent);
      });
      draw(...values);
    }
    inputs.forEach(input => {
      input.addEventListener("input", change);
      input.dataset.lmSuppressShortcuts = true; // in JupyterLab, an arrow key moves the slider, not to another cell
    });
    change();
  }
  function bar(i, left, width, text, strong = true) { // shares of the row's width
    const inner = rows[i].children[1].firstElementChild;
    Object.assign(inner.style, {marginLeft: `${100 * left}%`, width: `${100 * width}%`, opacity: strong ? 1 : 0.3});
    rows[i].children[2].textContent = text;
  }
  const count = n => n.toLocaleString("en");
  return {part, make, controls, bar, count, say: text => part("count").textContent = text};
}
