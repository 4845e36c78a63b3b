// Keys for reading and deciding. Every page works without this file; it only makes the work quicker.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const status = byId("status");
  const report = byId("report");
  const decide = byId("decide");
  const lines = [...document.querySelectorAll(".line")];
  const LAST = "ivigil.last-decision";
  let marked = -1;
  let pending = false;
  let afterG = false;

  const say = (words) => {
    status.textContent = words;
    status.hidden = false;
  };

  const go = (selector) => {
    const link = document.querySelector(selector);
    if (link) {
      window.location.assign(link.href);
    }
    return Boolean(link);
  };

  const mark = (index) => {
    if (!lines.length) {
      return;
    }
    marked = Math.max(0, Math.min(index, lines.length - 1));
    lines.forEach((line, at) => line.classList.toggle("current", at === marked));
    const title = lines[marked].querySelector(".line-title");
    title.focus({ preventScroll: true });
    lines[marked].scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    if (report) {
      if (!go(by > 0 ? ".steps a[rel=next]" : ".steps a[rel=prev]")) {
        say(by > 0 ? "This is the last report of the list." : "This is the first report of the list.");
      }
    } else if (lines.length) {
      if (marked + by >= lines.length && go(".pager a[rel=next]")) {
        return;
      }
      if (marked + by < 0 && marked >= 0 && go(".pager a[rel=prev]")) {
        return;
      }
      mark(marked + by);
    }
  };

  const send = async (form, address, fields) => {
    const body = new FormData(form);
    Object.entries(fields).forEach(([name, value]) => body.set(name, value));
    const answer = await fetch(address, { method: "POST", body, headers: { accept: "application/json" } });
    const said = await answer.json();
    if (!answer.ok) {
      throw new Error([said.error, said.hint].filter(Boolean).join(" "));
    }
    return said;
  };

  const WORDS = { include: "Included", exclude: "Excluded", maybe: "Left at maybe" };

  const remember = (said) => {
    const title = document.querySelector(".paper h1").textContent.trim().slice(0, 80);
    sessionStorage.setItem(LAST, JSON.stringify({ ...said, title, at: window.location.href }));
  };

  const decideNow = async (value, reason = "") => {
    if (pending || !decide) {
      return;
    }
    pending = true;
    try {
      const said = await send(decide, decide.action, { value, reason });
      remember({ ...said, fresh: true });
      const next = document.querySelector(".steps a[rel=next]");
      if (next) {
        window.location.assign(next.href);
      } else {
        window.location.reload();
      }
    } catch (error) {
      pending = false;
      say(`Not kept: ${error.message}`);
    }
  };

  const undo = async () => {
    const held = JSON.parse(sessionStorage.getItem(LAST) || "null");
    const mine = report && report.dataset.mine;
    const number = held ? held.decision_id : mine;
    if (!number || pending || !decide) {
      say("There is nothing of yours to take back here.");
      return;
    }
    pending = true;
    try {
      await send(decide, `/decisions/${number}/undo`, { report_id: held ? held.report_id : report.dataset.report });
      sessionStorage.removeItem(LAST);
      sessionStorage.setItem("ivigil.notice", "Taken back.");
      if (held) {
        window.location.assign(held.at);
        if (held.at === window.location.href) {
          window.location.reload();
        }
      } else {
        window.location.reload();
      }
    } catch (error) {
      pending = false;
      sessionStorage.removeItem(LAST);
      say(`Not taken back: ${error.message}`);
    }
  };

  const reasons = byId("reasons");
  const askReason = () => {
    if (reasons) {
      reasons.showModal();
    }
  };
  if (reasons) {
    reasons.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-reason]");
      if (button) {
        reasons.close();
        decideNow("exclude", button.dataset.reason);
      }
    });
    reasons.addEventListener("keydown", (event) => {
      const button = [...reasons.querySelectorAll("button[data-key]")].find((one) => one.dataset.key === event.key);
      if (button && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        event.stopPropagation();
        button.click();
      }
    });
    byId("exclude").addEventListener("click", askReason);
  }
  if (decide) {
    decide.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = event.submitter && event.submitter.value;
      if (value === "include" || value === "maybe") {
        decideNow(value);
      }
    });
    byId("stage").addEventListener("change", (event) => {
      const address = new URL(window.location.href);
      address.searchParams.set("stage", event.target.value);
      window.location.assign(address);
    });
  }

  document.querySelectorAll(".evidence").forEach((link) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const name = link.dataset.criterion;
      document.querySelectorAll("mark.lit").forEach((one) => one.classList.remove("lit"));
      const found = [...document.querySelectorAll("mark.strong[data-criteria]")].filter((one) =>
        one.dataset.criteria.split(" ").includes(name),
      );
      found.forEach((one) => one.classList.add("lit"));
      if (found.length) {
        const folded = found[0].closest("details");
        if (folded) {
          folded.open = true;
        }
        found[0].scrollIntoView({ block: "center" });
        say(`Lit in the text: ${found[0].textContent.trim().slice(0, 120)}`);
      }
    });
  });

  const typing = (target) => target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

  const ACTIONS = {
    j: () => step(1),
    k: () => step(-1),
    i: () => decideNow("include"),
    e: askReason,
    m: () => decideNow("maybe"),
    u: undo,
    n: () => byId("note") && byId("note").focus(),
    "/": () => (byId("q") ? byId("q").focus() : window.location.assign("/candidates#q")),
    "?": () => byId("keys") && byId("keys").showModal(),
    o: () => marked >= 0 && go(".line.current .line-title"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
      return;
    }
    if (typing(event.target)) {
      if (event.key === "Escape") {
        event.target.blur();
      }
      return;
    }
    if (afterG) {
      afterG = false;
      const place = { c: "/candidates", t: "/", s: "/studies" }[event.key];
      if (place) {
        window.location.assign(place);
      }
      return;
    }
    if (event.key === "g") {
      afterG = true;
      return;
    }
    const action = ACTIONS[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });

  // On a narrow screen the second group of pages folds away.
  const more = document.querySelector(".nav-more");
  if (more) {
    const narrow = window.matchMedia("(max-width: 46rem)");
    const set = () => {
      more.open = !narrow.matches;
    };
    narrow.addEventListener("change", set);
    set();
  }

  const held = JSON.parse(sessionStorage.getItem(LAST) || "null");
  const notice = sessionStorage.getItem("ivigil.notice");
  if (notice) {
    sessionStorage.removeItem("ivigil.notice");
    say(notice);
  } else if (held && held.fresh && decide) {
    sessionStorage.setItem(LAST, JSON.stringify({ ...held, fresh: false }));
    say(`${WORDS[held.decision]}${held.reason ? ` (${held.reason})` : ""}: ${held.title}. Press u to take it back.`);
  }
  if (window.location.hash === "#q" && byId("q")) {
    byId("q").focus();
  }
})();
