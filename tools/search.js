// The script of all pages of the HTML edition: a search box, and what scrolls is reached by Tab. The texts that are
// searched come from a file beside this one when the box is first used, so that it works from a disk and without a
// network. Without this script the box is not there.
"use strict";
{
  const reach = new ResizeObserver(all => { // Safari does not do it itself; what does not scroll is not stopped at
    for (const { target } of all)
      if (target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
  });
  const scrolled = "pre, .wide, .output_area:not(:has(.playable)), .output_area [style*='overflow:auto'], p:has(> img)";
  for (const each of document.querySelectorAll(scrolled)) reach.observe(each);

  const root = document.currentScript.dataset.root; // the way from this page to the folder
  const fold = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const MOST = 12, AROUND = 60; // results; letters of a text before what was found, and twice as many after it

  const make = (tag, properties = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...inside);
    return made;
  };
  const box = make("input", { type: "search", placeholder: "Search the course", ariaLabel: "Search the course" });
  const told = make("p", { role: "status" }), list = make("ol");
  document.querySelector("header .finding").append(make("search", {}, box, told, list));

  const load = () => window.COURSE ? Promise.resolve() : new Promise(done =>
    document.head.append(make("script", { src: `${root}search-data.js`, onload: done })));

  function find(words) { // a word in the heading counts for three, a heading that is what was typed for more
    return window.COURSE.map(([page, heading, address, text]) => {
      const [top, all] = [fold(heading), fold(`${heading} ${text}`)];
      if (!words.every(word => all.includes(word))) return { score: 0 };
      const score = words.reduce((sum, word) => sum + Math.min(all.split(word).length - 1, 3) + 3 * top.includes(word), 0);
      return { score: score + 20 * (top === words.join(" ")), page, heading, address, text };
    }).filter(one => one.score).sort((a, b) => b.score - a.score);
  }

  function shown({ page, heading, address, text }, word) {
    const place = Math.max(fold(text).indexOf(word), 0), from = text.indexOf(" ", place - AROUND) * (place > AROUND);
    const end = text.indexOf(" ", place + 2 * AROUND);
    const piece = `${from ? "…" : ""}${text.slice(from, end < 0 ? text.length : end)}${end < 0 ? "" : " …"}`;
    return make("li", {}, make("a", { href: root + address }, heading), ` · ${page}`, make("div", {}, piece));
  }

  box.addEventListener("input", async () => {
    await load();
    const words = fold(box.value).split(/\s+/).filter(Boolean), found = words.length ? find(words) : [];
    told.textContent = words.length ? `${found.length} ${found.length === 1 ? "section" : "sections"}` : "";
    list.replaceChildren(...found.slice(0, MOST).map(one => shown(one, words[0])));
  });
  box.addEventListener("keydown", event => {
    if (event.key === "Escape") { box.value = ""; box.dispatchEvent(new Event("input")); }
  });
}
