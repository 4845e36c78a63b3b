// Follows the training behind the page, and loads the page anew when it ends.
"use strict";

(() => {
  const card = document.getElementById("job");
  if (!card || card.dataset.running !== "yes") {
    return;
  }
  const look = async () => {
    const answer = await fetch("/screener/job", { headers: { accept: "application/json" } });
    const job = await answer.json();
    if (!answer.ok || !job.running) {
      window.location.reload();
      return;
    }
    document.getElementById("job-step").textContent = job.step;
    window.setTimeout(look, 1000);
  };
  window.setTimeout(look, 500);
})();
