(() => {
  "use strict";
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
