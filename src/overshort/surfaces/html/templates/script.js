(() => {
  "use strict";
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const night = matchMedia("(prefers-color-scheme: dark)");
  const coarse = matchMedia("(pointer: coarse)").matches;

  /* Pictures: the light colours are in the data; on a dark ground every one is swapped for its twin. */
  const PRINTED = 690; // pixels between the margins of an A4 page
  const LOWER = 0.8; // a printed picture is that much lower, so that two go on a page
  const NARROW = 560; // below this the legend takes more lines
  const pictures = read("pictures");
  const swaps = read("swaps");
  const config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: coarse ? false : "hover",
    // Only these buttons: plotly's own set has one that sends the chart to a server.
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
    showSendToCloud: false,
    plotlyServerURL: "",
  };

  function inked(value, dark) {
    if (typeof value === "string") return (dark && swaps[value]) || value;
    if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map((v) => inked(v, dark));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, inked(v, dark)]));
  }

  const narrow = (place) => place.clientWidth < NARROW;
  const folded = (trace) =>
    trace.hovertemplate ? { ...trace, hovertemplate: trace.hovertemplate.replace(" at %{", "<br>at %{") } : trace;

  function laidOut(layout, place, printing) {
    const out = { ...layout, uirevision: "kept" };
    if (printing) return { ...out, width: PRINTED, height: layout.height * LOWER, autosize: false };
    if (narrow(place)) {
      out.height = layout.height + 70;
      out.hoverlabel = { ...layout.hoverlabel, font: { ...layout.hoverlabel.font, size: 10 } };
    }
    if (!coarse) return out;
    // A finger on a picture scrolls the page; it must not zoom.
    out.dragmode = false;
    for (const key of Object.keys(out)) {
      if (/^[xy]axis\d*$/.test(key)) out[key] = { ...out[key], fixedrange: true };
    }
    return out;
  }

  const isHere = (id) => typeof pictures[id] === "object" && pictures[id] !== null;

{% if served %}
  /* A picture is named by its address, and its data are there; without any, its place goes. */
  async function fetched(id) {
    if (isHere(id)) return;
    const place = document.getElementById(id);
    const answer = await fetch(pictures[id]).catch(() => null);
    if (answer && answer.status === 204) return void place.closest("figure").remove();
    if (!answer || !answer.ok) return void (place.textContent = "This picture could not be fetched; load the page again.");
    const { title, ...figure } = await answer.json();
    pictures[id] = figure;
    const heading = document.createElement("h3");
    heading.textContent = title;
    place.before(heading);
  }
{% endif %}

  function draw(id, printing = false) {
    if (!isHere(id)) return;
    const place = document.getElementById(id);
    const { data, layout } = inked(pictures[id], night.matches && !printing);
    const laid = laidOut(layout, place, printing);
    place.style.height = laid.height + "px";
    return Plotly.react(place, narrow(place) ? data.map(folded) : data, laid, config);
  }

  const waiting = Object.keys(pictures);
  const arriving = Object.fromEntries(waiting.map((id) => [id, {{ 'fetched(id)' if served else 'Promise.resolve()' }}]));
  function next() {
    const id = waiting.shift();
    if (id === undefined) return void (document.documentElement.dataset.drawn = "all");
    arriving[id].then(() => {
      if (isHere(id)) document.getElementById(id).replaceChildren();
      draw(id);
      setTimeout(next, 0);
    });
  }
  function all(printing) {
    for (const id of waiting.splice(0)) if (!isHere(id)) waiting.push(id);
    for (const id of Object.keys(pictures)) draw(id, printing);
  }
  next();
  night.addEventListener("change", () => all(false));
  addEventListener("beforeprint", () => all(true));
  addEventListener("afterprint", () => all(false));

  /* Notes open on pressing without any script; here also on pointing and on keyboard focus, and beside their number. */
  const WAIT = 140; // milliseconds
  let shown = null; // { note, button, kept }
  let timer = 0;
  const noteOf = (button) => document.getElementById(button.getAttribute("popovertarget"));
  const numberOf = (target) => (target instanceof Element ? target.closest("button.number") : null);

  function place() {
    if (!shown) return;
    const { note, button } = shown;
    const at = button.getBoundingClientRect();
    const edge = 8;
    const wide = document.documentElement.clientWidth;
    const left = Math.min(Math.max(edge, at.right - note.offsetWidth), wide - note.offsetWidth - edge);
    const below = at.bottom + 6;
    const above = at.top - note.offsetHeight - 6;
    const fits = below + note.offsetHeight <= innerHeight - edge;
    note.style.inset = "auto";
    note.style.margin = "0";
    note.style.left = Math.max(edge, left) + "px";
    note.style.top = Math.max(edge, fits || above < edge ? Math.min(below, innerHeight - note.offsetHeight - edge) : above) + "px";
  }
  function open(button, kept) {
    const note = noteOf(button);
    if (!note || typeof note.showPopover !== "function") return;
    if (!note.matches(":popover-open")) note.showPopover();
    shown = { note, button, kept };
    place();
  }
  function close() {
    if (shown && !shown.kept && shown.note.matches(":popover-open")) shown.note.hidePopover();
  }
  function later(act) {
    clearTimeout(timer);
    timer = setTimeout(act, WAIT);
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const button = numberOf(event.target);
    if (button) later(() => { if (!shown || !shown.kept) open(button, false); });
    else if (shown && shown.note.contains(event.target)) clearTimeout(timer);
    else later(close);
  });
  document.addEventListener("focusin", (event) => {
    const button = numberOf(event.target);
    if (button && button.matches(":focus-visible")) open(button, false);
  });
  document.addEventListener("focusout", (event) => { if (numberOf(event.target)) close(); });
  document.addEventListener("click", (event) => {
    const button = numberOf(event.target);
    if (!button) return;
    clearTimeout(timer);
    const already = noteOf(button).matches(":popover-open");
    if (already && shown && shown.kept) return; // the browser closes it
    event.preventDefault();
    open(button, true);
  });
  document.addEventListener("toggle", (event) => {
    if (shown && event.target === shown.note && event.newState === "closed") shown = null;
  }, true);
  addEventListener("scroll", place, { passive: true, capture: true });
  addEventListener("resize", place);

  /* Where one is, in the table of contents. */
  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.getAttribute("href").slice(1), a]));
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
    const first = [...links.keys()].find((id) => seen.has(id));
    for (const [id, link] of links) {
      if (id === first) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-80px 0px -60% 0px" });
  document.querySelectorAll("main > section").forEach((section) => watch.observe(section));
})();
