(() => {
  "use strict";
  /* Where the bar is narrower than its pages, the present one is in sight. */
  const present = document.querySelector(".bar .pages a[aria-current]");
  if (present) {
    const strip = present.closest(".pages");
    strip.scrollLeft += present.getBoundingClientRect().right - strip.getBoundingClientRect().right;
  }

  /* A day that was chosen is gone to; the button remains for those who type. */
  const day = document.getElementById("as_of");
  if (day) {
    let typed = false;
    day.addEventListener("keydown", (event) => { typed = event.key !== "Enter"; });
    day.addEventListener("pointerdown", () => { typed = false; });
    day.addEventListener("change", () => { if (!typed && day.validity.valid) day.form.requestSubmit(); });
  }
  document.addEventListener("keydown", (event) => {
    const writing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
    const rel = { "[": "prev", "]": "next" }[event.key];
    const step = rel && document.querySelector(`a.step[rel=${rel}]:not([aria-disabled])`);
    if (step) step.click();
    else if (event.key === "/") {
      const find = document.getElementById("symbol");
      if (find) { event.preventDefault(); find.focus(); }
    }
  });

  /* A form that takes a while says so; the browser's own stop gives it up. */
  const handIn = document.querySelector("form.hand-in");
  if (handIn) {
    const measuring = document.getElementById("measuring");
    handIn.addEventListener("submit", () => { measuring.hidden = false; });
    addEventListener("pageshow", () => { measuring.hidden = true; });
  }

  /* A table sorts by what its heads are pressed for; a second press turns the order round, unknown values stay last. */
  const words = new Intl.Collator("en");
  function ordered(head) {
    const body = head.closest("table").tBodies[0];
    const place = head.cellIndex;
    const numbers = head.classList.contains("right");
    const before = head.getAttribute("aria-sort");
    const up = numbers ? before === "descending" : before !== "ascending";
    for (const other of head.parentElement.cells) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const turn = up ? 1 : -1;
    const value = (row) => {
      const cell = row.cells[place];
      return numbers ? parseFloat(cell.dataset.value ?? "NaN") : cell.textContent;
    };
    const rows = [...body.rows].map((row) => [value(row), row]);
    rows.sort(([a], [b]) => {
      if (!numbers) return turn * words.compare(a, b);
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
      return turn * (a - b);
    });
    body.replaceChildren(...rows.map(([, row]) => row));
  }
  for (const table of document.querySelectorAll("table.sorts")) {
    for (const head of table.tHead.rows[0].cells) {
      if (!head.hasAttribute("aria-sort")) head.setAttribute("aria-sort", "none");
      head.querySelector("button").addEventListener("click", () => ordered(head));
    }
  }

  /* A table shows the rows of which the symbol or name holds what is typed. */
  const filter = document.querySelector("input[data-filters]");
  if (filter) {
    const { rows } = document.getElementById(filter.dataset.filters).tBodies[0];
    const matched = document.getElementById("matched");
    const show = () => {
      const asked = filter.value.trim().toLowerCase();
      let count = 0;
      for (const row of rows) {
        row.hidden = ![0, 1].some((k) => row.cells[k].textContent.toLowerCase().includes(asked));
        count += !row.hidden;
      }
      matched.textContent = asked ? `${count} of ${rows.length}` : "";
    };
    filter.addEventListener("input", show);
    addEventListener("pageshow", show);
  }

  /* Progress is asked for until the page itself is there. */
  const waiting = document.getElementById("progress");
  if (!waiting) return;
  const WAIT = 500; // milliseconds
  const done = document.getElementById("done");
  const said = document.getElementById("said");
  async function look() {
    const answer = await fetch(waiting.dataset.work).catch(() => null);
    if (answer && answer.ok) {
      const state = await answer.json();
      if (state.ready) return location.reload();
      if (state.failed) return void (said.textContent = state.failed);
      if (state.total) {
        done.max = state.total;
        done.value = state.done;
        said.textContent = `${state.done} of ${state.total} steps`;
      }
    }
    setTimeout(look, WAIT);
  }
  setTimeout(look, WAIT);
})();
